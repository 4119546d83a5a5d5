"""What lists of public things are searched and sorted by: replaced with each release, in its transaction."""

from tracker.programs.models import ParticipantRole
from tracker.publishing.actions.counts import refresh_unpublished_counts
from tracker.publishing.content.cells import Row, value_of
from tracker.publishing.content.money import Tally, partly_of
from tracker.publishing.content.pointed import report_as_pointed
from tracker.publishing.content.programs import names_in_role
from tracker.publishing.models import (
    PublishedProgram,
    PublishedReport,
    PublishedTotal,
    Release,
    ReleasedRow,
    Report,
)
from tracker.shared.money import Money


def point_program(release: Release, rows: list[Row], tally: Tally, fields_withheld: int) -> None:
    """Only stated values: what is withheld is neither shown nor found by searching for it."""
    cells = next(row.cells for row in rows if row.kind == "program")
    said = {
        name: value_of(cells[name]) or ""
        for name in (
            *("title", "summary", "identifier", "owner", "nature", "kind_of_aid", "status"),
        )
    }
    donors = names_in_role(rows, ParticipantRole.DONOR)
    recipients = names_in_role(rows, ParticipantRole.RECIPIENT)
    searched = ("title", "summary", "identifier", "owner")
    words = [*(said[name] for name in searched), *_all_names(rows)]
    published, _ = PublishedProgram.objects.update_or_create(
        uid=release.subject,
        defaults=said
        | {
            "release": release,
            "donors": donors[:400],
            "recipients": recipients[:400],
            "words": "\n".join(words),
            "fields_withheld": fields_withheld,
        },
    )
    _replace_totals(published, tally)
    refresh_unpublished_counts()


def _all_names(rows: list[Row]) -> list[str]:
    found = {value_of(r.cells["organisation"]) for r in rows if r.kind == "participant"}
    return sorted(name for name in found if name)


def _replace_totals(published: PublishedProgram, tally: Tally) -> None:
    published.totals.all().delete()
    PublishedTotal.objects.bulk_create(
        PublishedTotal(
            program=published,
            **place._asdict(),
            amount=Money(total.minor, place.currency) if place.currency else None,
            rows=total.rows,
            withheld_rows=total.withheld_rows,
            partly_withheld=partly_of(total, place.currency),
        )
        for place, total in tally.stated()
    )


def point_report(report: Report, release: Release) -> PublishedReport:
    """Put the report on the public list; an older one of the same kind and period says that this one follows it. Audit
    reports follow those of the same engagement."""
    program = PublishedProgram.objects.get(uid=report.program.uid)
    same = Report.objects.filter(engagement=report.engagement_id).values("uid")
    older = PublishedReport.objects.filter(
        uid__in=same,
        program=program,
        kind=report.kind,
        period_start=report.period_start,
        period_end=report.period_end,
        superseded_by=None,
    )
    keys = list(older.values_list("pk", flat=True))
    found = ReleasedRow.objects.filter(items__release=release, kind__in=["report", "program"])
    cells = dict(found.values_list("kind", "cells"))
    said = report_as_pointed(release.pk, program.uid, cells["report"], cells["program"])
    published = PublishedReport.objects.create(
        **{**said, "uid": report.uid, "release": release, "program": program}
    )
    PublishedReport.objects.filter(pk__in=keys).update(superseded_by=published)
    return published
