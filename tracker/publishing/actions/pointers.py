"""The public lists of a program, made from the frozen rows of its releases: when there is a new one, when one comes out of
an embargo, is taken back or restored.

A program shows its newest release. Where that one is taken back it shows none: an older one does not silently become
the current one again. A report shows as long as its own release stands.
"""

from typing import Any
from uuid import UUID

from django.db.models import Q

from tracker.publishing.actions.counts import refresh_unpublished_counts
from tracker.publishing.content.pointed import (
    PROGRAM_ROWS,
    TOTAL,
    program_as_pointed,
    report_as_pointed,
)
from tracker.publishing.models import (
    PublishedProgram,
    PublishedReport,
    PublishedTotal,
    Release,
    ReleaseItem,
    Stream,
)
from tracker.publishing.queries import standing_release_of, successions
from tracker.shared.money import Money


def one_at_a_time(subject: UUID) -> None:
    """Who makes the lists of one program anew waits here for who does it at this moment. Never for a release that is
    being written: that one comes by only at its end, and holds the program's own row until then."""
    first = Release.objects.select_for_update(no_key=True).order_by("number")
    list(first.filter(stream=Stream.PROGRAM, subject=subject)[:1])


def repoint(subject: UUID) -> None:
    """Part of another action, after its release, tombstone or verdict is written. Only stated values: what is withheld is
    neither shown nor found by searching for it."""
    one_at_a_time(subject)
    release = standing_release_of(subject)
    if release is None:
        PublishedProgram.objects.filter(uid=subject).delete()
    else:
        _point(subject, release)
    repoint_reports(subject)
    refresh_unpublished_counts()


def _point(subject: UUID, release: Release) -> None:
    said = program_as_pointed(release.pk, rows_of(release, PROGRAM_ROWS))
    totals = said.pop("totals")
    said["release_id"] = said.pop("release")
    published, _ = PublishedProgram.objects.update_or_create(uid=subject, defaults=said)
    published.totals.all().delete()
    PublishedTotal.objects.bulk_create(_total(published, total) for total in totals)


def _total(published: PublishedProgram, total: tuple[Any, ...]) -> PublishedTotal:
    said = dict(zip(TOTAL, total, strict=True))
    currency = said["currency"]
    for name in ("amount", "partly_withheld", "withheld_amount"):
        if name in said:
            said[name] = None if said[name] is None else Money(said[name], currency)
    return PublishedTotal(program=published, **said)


def rows_of(release: Release, kinds: tuple[str, ...]) -> list[tuple[str, UUID, Any]]:
    items = ReleaseItem.objects.filter(release=release, kind__in=kinds)
    ordered = items.order_by("kind", "position")
    return [(i.kind, i.row.subject, i.row.cells) for i in ordered.select_related("row")]


def repoint_reports(subject: UUID) -> None:
    """Every report whose release stands, each with the one that followed it, in the order of their releases."""
    program = PublishedProgram.objects.filter(uid=subject).first()
    told = successions(subject)
    listed = PublishedReport.objects.filter(Q(release__subject=subject) | Q(uid__in=told))
    listed.update(superseded_by=None)  # so that none is held by one that goes
    listed.exclude(uid__in=told).delete()
    kept = {report.uid: report for report in listed}
    for uid, follows in told.items():
        if uid not in kept:
            kept[uid] = PublishedReport(uid=uid, release=follows.release)
        for name, value in _report(uid, follows.release).items():
            setattr(kept[uid], name, value)
        kept[uid].program, kept[uid].newer_withdrawn = program, follows.newer_withdrawn
        kept[uid].save()
    for uid, follows in told.items():
        if follows.by is not None:
            kept[uid].superseded_by = kept[follows.by]
            kept[uid].save(update_fields=["superseded_by"])


def _report(uid: UUID, release: Release) -> dict[str, Any]:
    told = rows_of(release, ("report", "program"))
    report = next(cells for kind, subject, cells in told if (kind, subject) == ("report", uid))
    about, program = next((uid, cells) for kind, uid, cells in told if kind == "program")
    said = report_as_pointed(release.pk, about, report, program)
    return {name: value for name, value in said.items() if name not in ("release", "program")}
