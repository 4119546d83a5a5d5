"""Findings and the other exact records that they are about, from both sides."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from tracker.accounts.models import User
from tracker.audits import policies
from tracker.audits.models import (
    Engagement,
    EngagementQuerySet,
    Finding,
    FindingQuerySet,
    FindingRecord,
    answers_for,
)
from tracker.audits.queries.findings import (
    FOUND_AT_ONCE,
    WRITTEN_IN,
    audited_by,
    drafts_on,
    listed,
)
from tracker.programs.models import Program
from tracker.shared.errors import Refused
from tracker.shared.sealing import Veil


def findings_about(kind: str, rows: Iterable[Any], user: User) -> FindingQuerySet:
    """The findings about any of these records of one kind that the person may see, for `audits/_findings.html`."""
    links = FindingRecord.objects.filter(kind=kind, record__in=[row.uid for row in rows])
    return listed(Finding.objects.filter(pk__in=links.values("finding")), user)


def newest_records(kind: str, rows: Iterable[Any]) -> list[policies.Linked]:
    """The same rows as findings name them, the newest first, at most as many as are shown at once. One query."""
    found = policies.rows_of(kind).filter(pk__in=[row.pk for row in rows]).order_by("-pk")
    return [policies.linked(kind, row) for row in found[:FOUND_AT_ONCE]]


def record_to_find(named: str, user: User) -> policies.Linked | None:
    """The record that “kind:identifier” names, if there is one and the person may see it: of a program that they see,
    or of an organisation of whose programs they audit one."""
    kind, _, uid = named.partition(":")
    try:
        record = policies.check_linkable(kind, UUID(uid))
    except (Refused, ValueError):
        return None
    programs = Program.objects.visible_to(user)
    if record.program is not None:
        return record if programs.filter(pk=record.program.pk).exists() else None
    owned = audited_by(user).filter(owner=record.organisation)
    return record if owned.exists() else None


def engagements_for_record(user: User, record: policies.Linked) -> EngagementQuerySet:
    """Engagements in fieldwork whose team the person is on, and in whose scope the record lies."""
    mine = Engagement.objects.filter(status__in=WRITTEN_IN, team__person=user)
    found = mine.filter(_holding("scope", record)).distinct()
    return found.for_table().order_by("number", "pk")


def drafts_for_record(user: User, record: policies.Linked) -> FindingQuerySet:
    """Drafts of the person's teams to which the record can be added: not those that it is linked to."""
    linked = FindingRecord.objects.filter(kind=record.kind, record=record.uid)
    drafts = drafts_on(user).filter(_holding("engagement__scope", record))
    return drafts.exclude(pk__in=linked.values("finding")).distinct()


def _holding(scope: str, record: policies.Linked) -> Q:
    if record.program is not None:
        return Q(**{f"{scope}__program": record.program})
    return Q(**{f"{scope}__program__owner": record.organisation})


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


def records_in_scope(engagement: Engagement, kind: str, words: str, veil: Veil) -> QuerySet[Any]:
    """What of a kind a finding of the engagement can be about, newest first; narrowed by words where it has any. What is
    sealed from the reader is not compared."""
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
        if linkable.payment:
            rows = veil.without(rows, "reference", uid=linkable.payment)
    return rows.order_by("-pk")[:FOUND_AT_ONCE]
