"""The audit office's stream: an engagement is released by its auditors, and what changes afterwards by their order."""

from django.db import transaction

from tracker.accounts.models import User
from tracker.audits.models import Engagement, Finding
from tracker.journal import actions as journal
from tracker.publishing import policies, queries
from tracker.publishing.actions.findings import release_as_it_stands
from tracker.publishing.actions.releases import store
from tracker.publishing.actions.storing import Manifest
from tracker.publishing.content import engagements
from tracker.publishing.content.pointed import engagement_as_pointed
from tracker.publishing.content.summary import Summary
from tracker.publishing.models import (
    PublishedEngagement,
    PublishedFinding,
    Release,
    StandingRelease,
    Stream,
)
from tracker.shared.clock import database_now
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields


@transaction.atomic
def release_engagement(*, engagement: Engagement, standing: bool = True, by: User) -> Release:
    """Make an engagement public: what is looked at, by which standard, and how far it is today (“as of”).

    With `standing` the auditor also orders that every later change of it, and of its findings once they are public,
    is released in the moment in which it happens, whoever causes it.
    """
    engagement = _locked(engagement)
    policies.check_can_release_engagement(by, engagement)
    orders = StandingRelease.objects.in_force().filter(engagement=engagement)
    ordered = orders.select_for_update().first() is not None
    published = PublishedEngagement.objects.filter(uid=engagement.uid).exists()
    if published and not queries.engagement_changed(engagement):
        raise Refused("Nothing has changed since this engagement was published last.")
    release = _release(engagement, by=by)
    if standing and not ordered:
        _order(engagement, by)
    return release


@transaction.atomic
def order_standing_release(*, engagement: Engagement, by: User) -> StandingRelease:
    """From now on every change of a public engagement is released as it happens. What moved before is released now."""
    engagement = _locked(engagement)
    policies.check_can_order_standing_release(by, engagement)
    order = _order(engagement, by)
    release_what_moved(engagement=engagement)
    for finding in Finding.objects.issued().filter(engagement=engagement).order_by("pk"):
        release_what_moved(engagement=engagement, finding=finding)
    return order


@transaction.atomic
def end_standing_release(*, order: StandingRelease, reason: str, by: User) -> StandingRelease:
    """End the order, with a reason: from now on an auditor releases each change by hand."""
    order = StandingRelease.objects.select_for_update().get(pk=order.pk)
    policies.check_can_end_standing_release(by, order, reason)
    order.ended_by, order.ended_at, order.reason = by, database_now(), reason.strip()
    check_fields(order)
    order.save(update_fields=["ended_by", "ended_at", "reason"])
    _record(order, "end", by)
    return order


def release_what_moved(*, engagement: Engagement, finding: Finding | None = None) -> None:
    """Release an engagement, or a public finding of it, if the office ordered so and it reads differently now.

    Runs in the transaction of the step itself (`shared/onward.py`). What was not public stays so: an auditor
    publishes each finding first. The release is the order's, so its entry names the order and no person.

    Releases follow one another by the lock on the order. The finding is not locked: a decision on it locks it before
    its recommendations, a step comes with its recommendation locked, and the two would wait for each other.
    """
    orders = StandingRelease.objects.in_force().filter(engagement=engagement)
    order = orders.select_for_update().first()
    if order is None:
        return
    if finding is None:
        found = Engagement.objects.select_related("office").get(pk=engagement.pk)
        if queries.engagement_changed(found):
            _release(found, by=None, order=order)
    elif PublishedFinding.objects.filter(uid=finding.uid).exists():
        _release_finding(finding, order)


def _release_finding(finding: Finding, order: StandingRelease) -> None:
    found = Finding.objects.select_related("engagement__office").get(pk=finding.pk)
    if queries.changed_findings([found]):
        release_as_it_stands(found, by=None, order=order)


def _locked(engagement: Engagement) -> Engagement:
    found = Engagement.objects.select_for_update(of=("self",)).select_related("office")
    return found.get(pk=engagement.pk)


def _order(engagement: Engagement, by: User) -> StandingRelease:
    order = StandingRelease(engagement=engagement, ordered_by=by)
    check_fields(order, exclude=("ordered_at",))
    order.save()
    _record(order, "create", by)
    return order


def _record(order: StandingRelease, op: str, by: User) -> None:
    fields = {"engagement": order.engagement, "reason": order.reason}
    journal.record("standing_release", record=order, op=op, by=by, fields=fields)


def _release(
    engagement: Engagement, *, by: User | None, order: StandingRelease | None = None
) -> Release:
    today = engagement.office.today()
    rows = list(engagements.rows(engagement, today))
    summary = Summary()
    for row in rows:
        summary.add(row)
    manifest = Manifest()
    manifest.add([*rows, *summary.release_rows(engagement.uid)])
    release = store(Stream.AUDIT, engagement.uid, manifest, today, by=by, order=order)
    said = engagement_as_pointed(release, [(row.kind, row.subject, row.cells) for row in rows])
    defaults = {**said, "release": release}
    PublishedEngagement.objects.update_or_create(uid=engagement.uid, defaults=defaults)
    return release
