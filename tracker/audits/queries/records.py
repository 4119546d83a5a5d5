"""Findings and the other exact records that they are about, from both sides."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from tracker.accounts.models import User
from tracker.audits import policies
from tracker.audits.models import (
    Engagement,
    Finding,
    FindingQuerySet,
    FindingRecord,
    answers_for,
)
from tracker.audits.queries.findings import FOUND_AT_ONCE, listed
from tracker.programs.models import Program


def findings_about(kind: str, rows: Iterable[Any], user: User) -> FindingQuerySet:
    """The findings about any of these records of one kind that the person may see, for `audits/_findings.html`."""
    links = FindingRecord.objects.filter(kind=kind, record__in=[row.uid for row in rows])
    return listed(Finding.objects.filter(pk__in=links.values("finding")), user)


def records_of(finding: Finding) -> list[policies.Linked]:
    """The records that a finding is about, in the order in which they were linked. One query for each kind."""
    links = list(finding.records.order_by("pk"))
    found: dict[tuple[str, Any], Any] = {}
    for kind in {link.kind for link in links}:
        uids = [link.record for link in links if link.kind == kind]
        for row in policies.rows_of(kind).filter(uid__in=uids):
            found[kind, row.uid] = row
    pairs = [(link.kind, found.get((link.kind, link.record))) for link in links]
    return [policies.linked(kind, row) for kind, row in pairs if row is not None]


def records_seen(finding: Finding, user: User) -> list[policies.Linked]:
    """Those that the person may see: the auditors all, others by the program or the organisation that they belong to."""
    rows = records_of(finding)
    if Engagement.objects.visible_to(user).filter(pk=finding.engagement_id).exists():
        return rows
    wanted = [row.program.pk for row in rows if row.program]
    programs = set(
        Program.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True)
    )
    own = set(answers_for(user).values_list("organisation", flat=True))
    return [
        row
        for row in rows
        if (row.program and row.program.pk in programs)
        or (row.organisation and row.organisation.pk in own)
    ]


def records_in_scope(engagement: Engagement, kind: str, words: str) -> QuerySet[Any]:
    """What of a kind a finding of the engagement can be about, newest first; narrowed by words where it has any."""
    linkable, scope = policies.LINKABLE[kind], policies.scope_of(engagement)
    inside = Q(pk__in=[])
    if linkable.within:
        inside |= Q(**{f"{linkable.within}__in": [part.program.pk for part in scope]})
    if linkable.owned:
        no_program = Q(**{linkable.within: None}) if linkable.within else Q()
        owners = [part.program.owner_id for part in scope]
        inside |= no_program & Q(**{f"{linkable.owned}__in": owners})
    rows = policies.rows_of(kind).filter(inside)
    if words.strip() and linkable.words:
        said = Q(pk__in=[])
        for path in linkable.words:
            said |= Q(**{f"{path}__icontains": words.strip()})
        rows = rows.filter(said)
    return rows.order_by("-pk")[:FOUND_AT_ONCE]
