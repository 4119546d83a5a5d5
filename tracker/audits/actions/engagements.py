"""Engagements: planned, staffed, moved from fieldwork to the final report and on to its follow-up."""

from collections.abc import Sequence

from django.db import transaction

from tracker.accounts.actions import notify
from tracker.accounts.models import Organisation, User
from tracker.audits import policies
from tracker.audits.models import Engagement, EngagementScope, EngagementStatus, TeamMember
from tracker.audits.policies import Scope
from tracker.journal import actions as journal
from tracker.shared import onward
from tracker.shared.clock import database_now
from tracker.shared.refusals import check_fields, refused_if

NUMBER_TAKEN = {"number": "The office has an engagement of this number already: choose another."}
# SQLite names the columns of a unique constraint, PostgreSQL its name.
NUMBER_RULE = {
    "engagement_number_once": NUMBER_TAKEN,
    "tracker_engagement.number": NUMBER_TAKEN,
}


@transaction.atomic
def plan_engagement(
    *,
    office: Organisation,
    number: str,
    title: str,
    kind: str,
    standard: str,
    scope: Sequence[Scope],
    lead: User,
    objectives: str = "",
    criteria: str = "",
    by: User,
) -> Engagement:
    """Plan an audit of the programs in `scope`, in the name of the planner's own audit office.

    The planner audits every program in scope; so does the lead, who had no part in their records. Both are its
    team from the start. Refuses a scope that is empty or names a program twice, and a number taken in the office.
    """
    policies.check_can_plan_engagement(by, office=office, scope=scope, lead=lead)
    policies.check_can_join(by, [part.program for part in scope])
    engagement = Engagement(
        office=office,
        number=number.strip(),
        title=title.strip(),
        kind=kind,
        standard=standard,
        objectives=objectives.strip(),
        criteria=criteria.strip(),
        moved_at=database_now(),
        lead=lead,
    )
    check_fields(engagement)
    with refused_if(NUMBER_RULE):
        engagement.save()
    _set_scope(engagement, scope)
    team = [lead] if lead.pk == by.pk else [lead, by]
    TeamMember.objects.bulk_create(TeamMember(engagement=engagement, person=p) for p in team)
    record_engagement(engagement, "create", by)
    _tell(engagement, team, "You are on the team of the engagement", by)
    return engagement


@transaction.atomic
def change_engagement(
    *,
    engagement: Engagement,
    number: str,
    title: str,
    kind: str,
    standard: str,
    scope: Sequence[Scope],
    lead: User,
    objectives: str = "",
    criteria: str = "",
    by: User,
) -> Engagement:
    """Change the plan, the scope or the lead before the final report. Linked payments and the team must still fit."""
    engagement = lock_engagement(engagement)
    policies.check_can_change_engagement(by, engagement)
    policies.check_new_scope(by, engagement, scope, lead)
    engagement.number, engagement.title = number.strip(), title.strip()
    engagement.kind, engagement.standard = kind, standard
    engagement.objectives, engagement.criteria = objectives.strip(), criteria.strip()
    engagement.lead = lead
    check_fields(engagement)
    with refused_if(NUMBER_RULE):
        engagement.save()
    _set_scope(engagement, scope)
    TeamMember.objects.get_or_create(engagement=engagement, person=lead)
    record_engagement(engagement, "change", by)
    return engagement


@transaction.atomic
def add_member(*, engagement: Engagement, person: User, by: User) -> TeamMember:
    """Put an auditor on the team who audits all programs in scope and had no part in their records."""
    engagement = lock_engagement(engagement)
    policies.check_can_add_member(by, engagement, person)
    member = TeamMember.objects.create(engagement=engagement, person=person)
    record_engagement(engagement, "join", by, member=person)
    _tell(engagement, [person], "You are on the team of the engagement", by)
    return member


@transaction.atomic
def remove_member(*, engagement: Engagement, person: User, by: User) -> None:
    """Take an auditor off the team. The lead stays until another auditor leads."""
    engagement = lock_engagement(engagement)
    policies.check_can_remove_member(by, engagement, person)
    leave_team(engagement, person, by=by)


@transaction.atomic
def start_fieldwork(*, engagement: Engagement, unannounced: str = "", by: User) -> Engagement:
    """From now on findings are written. The team's independence is checked once more, by the records and by what
    each has declared. Without an announcement, `unannounced` says why."""
    engagement = lock_engagement(engagement)
    policies.check_can_start(by, engagement, unannounced)
    if engagement.status == EngagementStatus.PLANNED:
        engagement.unannounced_because = unannounced.strip()
        check_fields(engagement)
    return _step(engagement, EngagementStatus.FIELDWORK, "start", by)


@transaction.atomic
def issue_final(*, engagement: Engagement, by: User) -> Engagement:
    """The final report is out: the audited side was heard and answered, what supports a finding is reviewed, no
    draft finding is left; and plan, scope and team stay as they are."""
    return move(engagement, EngagementStatus.FINAL, "finalise", by)


@transaction.atomic
def begin_follow_up(*, engagement: Engagement, by: User) -> Engagement:
    """The report is out and its recommendations are being watched."""
    return move(engagement, EngagementStatus.FOLLOW_UP, "follow_up", by)


@transaction.atomic
def close_engagement(*, engagement: Engagement, by: User) -> Engagement:
    """Nothing is left to follow up: every recommendation is closed."""
    return move(engagement, EngagementStatus.CLOSED, "close", by)


@transaction.atomic
def terminate_engagement(*, engagement: Engagement, reason: str, by: User) -> Engagement:
    """Stop before the final report, with a reason. No draft finding and no open recommendation may be left."""
    policies.check_can_terminate(by, engagement, reason)
    return move(engagement, EngagementStatus.TERMINATED, "terminate", by, reason=reason.strip())


def lock_engagement(engagement: Engagement) -> Engagement:
    return Engagement.objects.select_for_update().get(pk=engagement.pk)


def leave_team(engagement: Engagement, person: User, *, by: User) -> None:
    """Part of actions that have checked who may."""
    TeamMember.objects.filter(engagement=engagement, person=person).delete()
    record_engagement(engagement, "leave", by, member=person)


def move(
    engagement: Engagement, to: str, op: str, by: User, *, asked: bool = False, **said: object
) -> Engagement:
    """Bring it into another state. `asked`: the caller's own check has said that it may."""
    engagement = lock_engagement(engagement)
    if not asked:
        policies.check_can_move(by, engagement, to)
    return _step(engagement, to, op, by, **said)


def _step(engagement: Engagement, to: str, op: str, by: User, **said: object) -> Engagement:
    engagement.status, engagement.moved_at = to, database_now()
    if to == EngagementStatus.ANNOUNCED:
        engagement.announced_on = engagement.office.today()
    engagement.save(update_fields=["status", "moved_at", "announced_on", "unannounced_because"])
    record_engagement(engagement, op, by, **said)
    return engagement


def _set_scope(engagement: Engagement, scope: Sequence[Scope]) -> None:
    engagement.scope.all().delete()
    EngagementScope.objects.bulk_create(
        EngagementScope(
            engagement=engagement,
            program=part.program,
            period_start=part.period_start,
            period_end=part.period_end,
        )
        for part in scope
    )


def record_engagement(engagement: Engagement, op: str, by: User, **said: object) -> None:
    scope = policies.scope_of(engagement)
    team = engagement.team.select_related("person").order_by("pk")
    fields = {
        "number": engagement.number,
        "title": engagement.title,
        "kind": engagement.kind,
        "standard": engagement.standard,
        "status": engagement.status,
        "office": engagement.office,
        "objectives": engagement.objectives,
        "criteria": engagement.criteria,
        "announced_on": engagement.announced_on,
        "unannounced_because": engagement.unannounced_because,
        "uncommented_because": engagement.uncommented_because,
        "lead": engagement.lead,
        "scope": [[part.program, part.period_start, part.period_end] for part in scope],
        "team": [member.person for member in team],
    }
    journal.record("engagement", record=engagement, op=op, by=by, fields={**fields, **said})
    onward.happened(onward.AUDIT_MOVED, engagement=engagement)


def _tell(engagement: Engagement, people: Sequence[User], opening: str, by: User) -> None:
    for person in people:
        if person.pk != by.pk:
            sentence = f"{opening} {engagement.number} “{engagement.title}”."
            notify(person=person, sentence=sentence, path=engagement.get_absolute_url())
