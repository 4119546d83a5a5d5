"""For whom a person waits: what they asked for, and whose step it is now."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from tracker.accounts.models import SIGNERS, Invitation, Membership, Role, User
from tracker.accounts.queries import invitations_administered_by, memberships_administered_by
from tracker.audits.models import (
    OPEN,
    Recommendation,
    RecommendationQuerySet,
    RecommendationState,
    RecommendationStep,
)
from tracker.audits.queries import owned_by
from tracker.dashboards import addresses
from tracker.dashboards.queries.items import Wait, Waits, first_of, short
from tracker.dashboards.queries.money_steps import about, asked, had_a_hand, name_of
from tracker.dashboards.queries.publishing_steps import wrote
from tracker.ledger.models import PeriodChange, Revaluation, Transaction, Voucher, Waiver
from tracker.ledger.queries import dispatches, for_list, period_changes_proposed_by, waiting
from tracker.programs.models import Program
from tracker.publishing.models import Report, ReportStatus, Withholding

CAP = 4  # of each kind
Part = tuple[QuerySet[Any], Callable[[Any], Wait]]


def waiting_on_others(user: User, roles: set[str]) -> Waits:
    """What the person has asked for and others have not done yet."""
    parts: list[Part] = []
    if Role.OFFICER in roles:
        parts += [_vouchers(user), _waivers(user), _words(user)]
        parts += [_revaluations(user), _claims(user), _reports(user)]
    if roles & {Role.OFFICER, *SIGNERS}:
        parts.append(_period_changes(user))
    if Role.AUDITOR in roles:
        parts.append(_owners(user))
    if Role.DISCLOSURE in roles:
        parts.append(_proposals(user))
    if Role.ADMINISTRATOR in roles:
        parts += [_confirmations(user), _invitations(user)]
    return _gather(parts)


def _gather(parts: Iterable[Part]) -> Waits:
    items: list[Wait] = []
    more = 0
    for rows, say in parts:
        listed, total = first_of(rows, CAP)
        items += [say(row) for row in listed]
        more += total - len(listed)
    return Waits(tuple(items), more)


def _vouchers(user: User) -> Part:
    def say(voucher: Voucher) -> Wait:
        whose = f"An approver of {voucher.organisation.label}"
        since = voucher.asked_at  # type: ignore[attr-defined]
        where = addresses.of_voucher(voucher)
        return Wait(f"Approval of {name_of(voucher)}", where, whose, since, about(voucher))

    seen = Voucher.objects.visible_to(user).waiting()
    return asked(seen.filter(had_a_hand(user))), say


def _revaluations(user: User) -> Part:
    def say(row: Revaluation) -> Wait:
        of = row.transaction
        what = f"Revaluation of {of.get_kind_display()} {of.label}"
        whose = f"An approver of {of.program.owner.label}"
        where = addresses.of_revaluation(row.uid)
        return Wait(what, where, whose, row.proposed_at, of.program.title)

    mine = Revaluation.objects.waiting().filter(proposed_by=user).for_table()
    return mine.select_related("transaction__program__owner").order_by("proposed_at", "pk"), say


def _words(user: User) -> Part:
    """Dispatches of the officer's programs of which the recipient's side has not said what arrived."""

    def say(row: Transaction) -> Wait:
        what = f"The word on {row.text.reference or 'a dispatch without reference'}"
        whose = f"A representative of {row.receiver.label if row.receiver else 'the recipient'}"
        where = addresses.of_dispatch(row.uid)
        return Wait(what, where, whose, row.value_date, row.program.title)

    mine = Program.objects.held_as(user, Role.OFFICER).values("pk")
    rows = waiting(dispatches().filter(program__in=mine))
    return rows.select_related("program", "text", "receiver").order_by("value_date", "pk"), say


def _waivers(user: User) -> Part:
    def say(waiver: Waiver) -> Wait:
        voucher = waiver.voucher
        what = f"Waiver of {waiver.get_requirement_display()} for voucher {voucher.number}"
        whose = f"An approver of {voucher.organisation.label}"
        return Wait(what, addresses.of_voucher(voucher), whose, waiver.requested_at, about(voucher))

    asked_for = Waiver.objects.visible_to(user).filter(requested_by=user, decision=None)
    rows = for_list(asked_for).select_related("voucher__upload")
    return rows.order_by("requested_at", "pk"), say


def _period_changes(user: User) -> Part:
    def say(change: PeriodChange) -> Wait:
        whose = f"Another approver of {change.period.organisation.label}"
        what = f"Confirmation of the {change.get_kind_display()} of {change.period.name}"
        where = addresses.of_period(change.period.uid)
        return Wait(what, where, whose, change.proposed_at, change.period.organisation.label)

    return period_changes_proposed_by(user), say


def _with_last_step(rows: RecommendationQuerySet) -> RecommendationQuerySet:
    steps = RecommendationStep.objects.filter(recommendation=OuterRef("pk")).order_by("-pk")
    moved = rows.for_table().annotate(moved_at=Subquery(steps.values("taken_at")[:1]))
    return moved.order_by("due_on", "pk")


def _claims(user: User) -> Part:
    def say(row: Recommendation) -> Wait:
        whose = f"The auditors of {row.finding.engagement.office.label}"
        what = f"Verification of recommendation {row.label}"
        since = row.moved_at  # type: ignore[attr-defined]
        return Wait(what, addresses.of_recommendation(row.uid), whose, since, short(row.text, 90))

    claimed = owned_by(user).filter(state=RecommendationState.IMPLEMENTATION_CLAIMED)
    return _with_last_step(claimed), say


def _owners(user: User) -> Part:
    def say(row: Recommendation) -> Wait:
        what = f"Recommendation {row.label}, {row.get_state_display()}"
        since = row.moved_at or row.issued_on  # type: ignore[attr-defined]
        where = addresses.of_recommendation(row.uid)
        return Wait(what, where, row.owner.label, since, short(row.text, 90))

    theirs = OPEN - {RecommendationState.IMPLEMENTATION_CLAIMED}
    mine = Recommendation.objects.filter(finding__engagement__team__person=user)
    return _with_last_step(mine.filter(state__in=theirs)), say


def _reports(user: User) -> Part:
    def say(report: Report) -> Wait:
        reviewed = report.status == ReportStatus.REVIEWED
        whose = "A disclosure officer" if reviewed else "An approver or a disclosure officer"
        what = f"{'Publication' if reviewed else 'Review'} of “{report.title}”"
        where = addresses.of_report(report.uid)
        return Wait(what, where, whose, report.changed_at, report.program.title)

    under_way = [ReportStatus.IN_REVIEW, ReportStatus.REVIEWED]
    rows = Report.objects.visible_to(user).filter(wrote(user), status__in=under_way)
    return rows.select_related("program").order_by("changed_at", "pk"), say


def _proposals(user: User) -> Part:
    def say(row: Withholding) -> Wait:
        what = f"Decision to withhold {row.what}"
        where = addresses.of_withholding(row.uid)
        return Wait(what, where, "Another disclosure officer", row.proposed_at, row.program.title)

    rows = Withholding.objects.visible_to(user).waiting().filter(proposed_by=user)
    return rows.for_table().order_by("proposed_at", "pk"), say


def _confirmations(user: User) -> Part:
    def say(row: Membership) -> Wait:
        what = f"{row.person} as {row.get_role_display()}"
        whose = "A second administrator"
        return Wait(what, addresses.ROLES, whose, row.changed_at, str(row.over))

    rows = memberships_administered_by(user).filter(status="proposed", granted_by=user)
    related = rows.select_related("person", "organisation", "program")
    return related.order_by("changed_at", "pk"), say


def _invitations(user: User) -> Part:
    def say(row: Invitation) -> Wait:
        what = f"Invitation to {row.organisation.label}"
        whose = f"{row.name}, {row.email}"
        return Wait(what, addresses.INVITATIONS, whose, row.invited_at)

    rows = invitations_administered_by(user).filter(pk__in=Invitation.objects.open().values("pk"))
    return rows.order_by("invited_at", "pk"), say
