"""The auditors' own line to the public. It passes nobody else."""

from django.db import transaction

from tracker.accounts.models import User
from tracker.audits.models import Finding
from tracker.publishing import policies
from tracker.publishing.actions.releases import store
from tracker.publishing.actions.storing import Manifest
from tracker.publishing.content import audit
from tracker.publishing.content.cells import Row, is_withheld, value_of
from tracker.publishing.content.summary import Summary
from tracker.publishing.models import (
    PublishedFinding,
    PublishedFindingProgram,
    Release,
    StandingRelease,
    Stream,
)
from tracker.publishing.queries import changed_findings
from tracker.shared.errors import Refused


@transaction.atomic
def release_finding(*, finding: Finding, by: User) -> Release:
    """Make an issued finding public with the state of its recommendations today (“as of”), or its newest state.

    Fields that a disclosure officer withholds are marked; nothing else can keep the finding back, not even an
    overdue review. Refused when nothing but the day has changed since the last release.
    """
    finding = (
        Finding.objects.select_for_update(of=("self",))
        .select_related("engagement__office")
        .get(pk=finding.pk)
    )
    policies.check_can_release_finding(by, finding)
    # Whatever is released under the office's order at this moment comes first.
    orders = StandingRelease.objects.in_force().filter(engagement=finding.engagement_id)
    orders.select_for_update().first()
    published = PublishedFinding.objects.filter(uid=finding.uid).exists()
    if published and not changed_findings([finding]):
        raise Refused("Nothing has changed since this finding was published last.")
    return release_as_it_stands(finding, by=by)


def release_as_it_stands(
    finding: Finding, *, by: User | None, order: StandingRelease | None = None
) -> Release:
    """Part of another action, which has checked who may. `by` is nobody where a standing order releases."""
    today = finding.engagement.office.today()
    rows = list(audit.rows(finding, today))
    summary = Summary()
    for row in rows:
        summary.add(row)
    manifest = Manifest()
    manifest.add([*rows, *summary.release_rows(finding.uid)])
    release = store(Stream.AUDIT, finding.uid, manifest, today, by=by, order=order)
    _point(finding, rows, release)
    return release


def _point(finding: Finding, rows: list[Row], release: Release) -> None:
    cells = rows[0].cells
    recommendations = [row for row in rows if row.kind == "recommendation"]
    said = {
        name: value_of(cells[name]) or "" for name in ("title", "office", "engagement", "severity")
    }
    texts = [
        cells[name] for name in ("title", "criteria", "condition", "cause", "effect", "office")
    ]
    texts += [row.cells["text"] for row in recommendations]
    words = [value_of(cell) for cell in texts if not is_withheld(cell)]
    published, _ = PublishedFinding.objects.update_or_create(
        uid=finding.uid,
        defaults=said
        | {
            "release": release,
            "office_uid": finding.engagement.office.uid,
            "engagement_uid": finding.engagement.uid,
            "issued_on": finding.issued_on,
            "as_of": release.data_until,
            "recommendations": len(recommendations),
            "open_recommendations": sum(not value_of(r.cells["closed"]) for r in recommendations),
            "words": "\n".join(word for word in [*words, finding.engagement.title] if word),
        },
    )
    published.programs.all().delete()
    PublishedFindingProgram.objects.bulk_create(
        PublishedFindingProgram(finding=published, program=uid)
        for uid in value_of(cells["programs"]) or []
    )
