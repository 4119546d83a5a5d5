"""What lists of public things are searched and sorted by: made from the frozen rows of the newest public release."""

from tracker.publishing.actions.counts import refresh_unpublished_counts
from tracker.publishing.content.pointed import (
    PROGRAM_ROWS,
    TOTAL,
    Told,
    program_as_pointed,
    report_as_pointed,
)
from tracker.publishing.models import (
    PublishedProgram,
    PublishedReport,
    PublishedTotal,
    Release,
    ReleaseItem,
)
from tracker.shared.money import Money


def point_program(release: Release) -> PublishedProgram:
    """Only stated values: what is withheld is neither shown nor found by searching for it."""
    said = program_as_pointed(release.pk, _told(release, *PROGRAM_ROWS))
    totals = said.pop("totals")
    published, _ = PublishedProgram.objects.update_or_create(
        uid=release.subject, defaults=said | {"release": release}
    )
    published.totals.all().delete()
    PublishedTotal.objects.bulk_create(
        PublishedTotal(program=published, **_columns(total)) for total in totals
    )
    refresh_unpublished_counts()
    return published


def _told(release: Release, *kinds: str) -> Told:
    items = ReleaseItem.objects.filter(release=release, kind__in=kinds)
    columns = ("kind", "row__subject", "row__cells")
    return list(items.order_by("kind", "position").values_list(*columns))


def _columns(total: tuple) -> dict:
    """A total's columns; amounts come in minor units."""
    said = dict(zip(TOTAL, total, strict=True))
    money = ("amount", "partly_withheld", "withheld_amount")
    return said | {
        name: None if said[name] is None else Money(said[name], said["currency"]) for name in money
    }


def point_report(release: Release) -> None:
    """Put the report of a release, if it has one, on the public list, once; an older one of the same kind and period
    says that this one follows it."""
    told = _told(release, "report", "program")
    reports = [(subject, cells) for kind, subject, cells in told if kind == "report"]
    program = next((cells for kind, _, cells in told if kind == "program"), {})
    for uid, cells in reports:
        if not PublishedReport.objects.filter(uid=uid).exists():
            said = report_as_pointed(release.pk, release.subject, cells, program)
            _point_report(uid, release, said)


def _point_report(uid, release: Release, said: dict) -> None:
    program = PublishedProgram.objects.get(uid=release.subject)
    slot = ("kind", "period_start", "period_end")
    older = PublishedReport.objects.filter(
        program=program, superseded_by=None, **{name: said[name] for name in slot}
    )
    keys = list(older.values_list("pk", flat=True))
    published = PublishedReport.objects.create(
        **said | {"uid": uid, "release": release, "program": program}
    )
    PublishedReport.objects.filter(pk__in=keys).update(superseded_by=published)
