"""Who plans an engagement, who is on it, and when it moves on."""

from collections.abc import Collection

from django.db.models import Exists, F, Max, OuterRef, Q, Subquery

from tracker.accounts.models import Organisation, Role, User
from tracker.accounts.policies import check_holds
from tracker.audits.models import (
    ENGAGEMENT_TRANSITIONS,
    UNDER_WAY,
    Engagement,
    EngagementStatus,
    FindingLink,
    FindingRecord,
    FindingStatus,
    Recommendation,
    Sample,
    SampleEvaluation,
    TeamMember,
    WorkingPaper,
)
from tracker.audits.policies.basics import Scope, check_in_scope, check_said, check_scope
from tracker.audits.policies.declarations import check_declared
from tracker.audits.policies.hearing import check_heard, comments_to_answer
from tracker.audits.policies.independence import check_audits_all, check_can_join
from tracker.audits.policies.linkable import check_linkable, check_record_in_scope
from tracker.ledger.models import Transaction
from tracker.programs.models import Program
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.states import check_transition


def check_can_plan(user: User) -> None:
    """May this person plan any engagement at all?"""
    check_holds(user, Role.AUDITOR, to="plan an engagement")


def check_can_plan_engagement(
    user: User, *, office: Organisation, scope: Collection[Scope], lead: User
) -> None:
    check_can_plan(user)
    programs = [part.program for part in scope]
    check_audits_all(user, programs, to="plan an engagement on it")
    if user.organisation_id != office.pk:
        raise Refused(
            {"office": "An engagement is planned in the name of the office that you work for."}
        )
    check_scope(scope)
    check_can_join(lead, programs)


def programs_of(engagement: Engagement) -> list[Program]:
    """The programs in its scope, with their owners, in the order of their titles."""
    found = Program.objects.filter(audited_in__engagement=engagement)
    return list(found.select_related("owner").order_by("title", "pk"))


def scope_of(engagement: Engagement) -> list[Scope]:
    rows = engagement.scope.select_related("program__owner").order_by("program__title", "pk")
    return [Scope(row.program, row.period_start, row.period_end) for row in rows]


def check_on_team(user: User, engagement: Engagement, *, to: str) -> None:
    """On the team, and still an auditor of everything in scope."""
    if not TeamMember.objects.filter(engagement=engagement, person=user).exists():
        raise NotAllowed(f"Only the team of this engagement may {to}.")
    check_audits_all(user, programs_of(engagement), to=to)


def check_can_change_engagement(user: User, engagement: Engagement) -> None:
    check_on_team(user, engagement, to="change the engagement")
    if engagement.status not in UNDER_WAY:
        raise Refused(
            f"The engagement is {engagement.get_status_display()}: its plan, scope and team stay as they are."
        )


def check_new_scope(
    user: User, engagement: Engagement, scope: Collection[Scope], lead: User
) -> None:
    """The scope may change as long as every linked payment and every auditor still fits it."""
    check_scope(scope)
    programs = [part.program for part in scope]
    check_audits_all(user, programs, to="put it in scope")
    for member in engagement.team.select_related("person").order_by("pk"):
        check_can_join(member.person, programs, engagement)
    check_can_join(lead, programs, engagement)
    links = FindingLink.objects.filter(finding__engagement=engagement).exclude(
        finding__status=FindingStatus.DROPPED
    )
    linked = Transaction.objects.filter(pk__in=links.values("transaction"))
    for payment in linked.select_related("program__owner", "text").order_by("pk"):
        check_in_scope(payment, scope)
    records = FindingRecord.objects.filter(finding__engagement=engagement).exclude(
        finding__status=FindingStatus.DROPPED
    )
    for record in records.order_by("pk"):
        check_record_in_scope(check_linkable(record.kind, record.record), scope)
    _check_drawn_in_scope(engagement, scope)


def _check_drawn_in_scope(engagement: Engagement, scope: Collection[Scope]) -> None:
    """What was drawn stays in scope: a sample that lost items would say nothing of its population."""
    drawn = Transaction.objects.filter(sample_items__draw__sample__engagement=engagement).distinct()
    try:
        for payment in drawn.select_related("program__owner", "text").order_by("pk"):
            check_in_scope(payment, scope)
    except Refused:
        name = payment.text.reference or payment.text.payee or str(payment.uid)
        raise Refused(
            {
                "scope": f"The payment {name} of {payment.program.title} was drawn in a sample of this engagement: keep "
                "its program and day in scope."
            }
        ) from None


def check_can_add_member(user: User, engagement: Engagement, person: User) -> None:
    check_can_change_engagement(user, engagement)
    if TeamMember.objects.filter(engagement=engagement, person=person).exists():
        raise Refused({"person": f"{person} is on the team already."})
    check_can_join(person, programs_of(engagement), engagement)


def check_can_remove_member(user: User, engagement: Engagement, person: User) -> None:
    check_can_change_engagement(user, engagement)
    if person.pk == engagement.lead_id:
        raise Refused(f"{person} leads the engagement: hand the lead to another auditor first.")
    if not TeamMember.objects.filter(engagement=engagement, person=person).exists():
        raise Refused(f"{person} is not on the team.")


def check_can_move(user: User, engagement: Engagement, to: str) -> None:
    """Whether it can go to the state now. What a step asks of its own (a reason, a term) its own check asks."""
    label = EngagementStatus(to).label
    check_on_team(user, engagement, to="move the engagement on")
    check_transition(ENGAGEMENT_TRANSITIONS, engagement.status, to)
    drafts = engagement.findings.filter(status=FindingStatus.DRAFT).order_by("number")
    numbers = list(drafts.values_list("number", flat=True))
    if numbers and to in (EngagementStatus.FINAL, EngagementStatus.TERMINATED):
        named = ", ".join(str(number) for number in numbers)
        raise Refused(
            f"Findings still in draft: {named}. Issue or drop them before it becomes “{label}”."
        )
    if to == EngagementStatus.FIELDWORK:
        _check_team_is_ready(engagement)
    if to == EngagementStatus.FINAL:
        _check_report_is_ready(engagement)
    if to in (EngagementStatus.CLOSED, EngagementStatus.TERMINATED):
        left = Recommendation.objects.open().filter(finding__engagement=engagement).count()
        if left:
            raise Refused(
                f"{left} of its recommendations are open: close each of them first, or follow them up."
            )


def _check_team_is_ready(engagement: Engagement) -> None:
    """Everybody on the team is independent, by the records and by their own declarations."""
    programs = programs_of(engagement)
    for member in engagement.team.select_related("person").order_by("pk"):
        check_can_join(member.person, programs, engagement)
        check_declared(member.person, engagement)


def _check_samples_are_done(engagement: Engagement) -> None:
    """Each is evaluated as its results stand, or was drawn again with a reason, or given up before the draw."""
    again = Sample.objects.filter(again=OuterRef("pk"), draw__isnull=False)
    newest = SampleEvaluation.objects.filter(sample=OuterRef("pk")).order_by("-number")
    rows = engagement.samples.filter(~Exists(again), given_up=None).annotate(
        evaluated=Subquery(newest.values("entry")[:1]),
        tested=Max("draw__items__results__entry"),
    )
    left = rows.filter(Q(evaluated=None) | Q(tested__gt=F("evaluated"))).order_by("number")
    named = ", ".join(f"S{number}" for number in left.values_list("number", flat=True))
    if named:
        raise Refused(
            f"Samples without an evaluation of their results: {named}. Draw, test and evaluate each before the final "
            "report; one that is not drawn can be given up with a reason."
        )


def _check_report_is_ready(engagement: Engagement) -> None:
    """The audited side was heard and answered, a second auditor reviewed what the findings rest on, and no sample
    is left half done."""
    _check_samples_are_done(engagement)
    check_heard(engagement)
    left = comments_to_answer(engagement).count()
    if left:
        said = "1 comment has" if left == 1 else f"{left} comments have"
        raise Refused(f"{said} no answer yet: answer each of them before the final report.")
    papers = WorkingPaper.objects.filter(engagement=engagement).supporting().unreviewed()
    indexes = list(papers.order_by("index").values_list("index", flat=True))
    if indexes:
        raise Refused(
            f"Working papers that support a finding are not reviewed: {', '.join(indexes)}. "
            "A second auditor reviews each of them before the final report."
        )


def check_can_start(user: User, engagement: Engagement, unannounced: str) -> None:
    """Fieldwork follows the announcement; without one it needs a reason."""
    check_can_move(user, engagement, EngagementStatus.FIELDWORK)
    if engagement.status == EngagementStatus.PLANNED:
        check_said(
            unannounced,
            "reason",
            "Announce the engagement first, or say why it starts without an announcement.",
        )


def check_can_terminate(user: User, engagement: Engagement, reason: str) -> None:
    check_can_move(user, engagement, EngagementStatus.TERMINATED)
    check_said(reason, "reason", "Say why the engagement is terminated.")
