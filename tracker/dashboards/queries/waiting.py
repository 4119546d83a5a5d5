"""What waits for a person, by the roles that they hold. As many queries for one item as for a thousand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tracker.accounts.models import SIGNERS, Role, User
from tracker.audits.queries import today_for
from tracker.dashboards.queries import (
    batches,
    document_steps,
    money_steps,
    office_steps,
    oversight_steps,
    people_steps,
    period_steps,
    publishing_steps,
    receiving_steps,
)
from tracker.dashboards.queries.items import Group, say_days
from tracker.ledger.queries import stands_in

Asks = Callable[[User, date], Group]

_SIGNERS: tuple[Asks, ...] = (
    money_steps.to_approve,
    money_steps.to_review_emergencies,
    money_steps.to_confirm_changes,
    money_steps.to_confirm_revaluations,
    money_steps.to_confirm_delegations,
    money_steps.to_confirm_interest_ends,
    document_steps.to_decide,
    period_steps.to_confirm,
    period_steps.to_certify,
    oversight_steps.to_decide,
    oversight_steps.to_answer_asks,
    publishing_steps.to_review,
    batches.to_carry_on,
)
BY_ROLE: dict[str, tuple[Asks, ...]] = {
    **dict.fromkeys(SIGNERS, _SIGNERS),
    Role.OFFICER: (
        money_steps.to_correct,
        receiving_steps.to_settle,
        receiving_steps.to_write_off,
        oversight_steps.to_comment,
        oversight_steps.to_answer,
        oversight_steps.to_plan,
        oversight_steps.to_carry_out,
        publishing_steps.to_write,
        document_steps.to_supply,
        money_steps.to_submit,
        batches.to_carry_on,
    ),
    Role.AUDITOR: (
        money_steps.overdue_emergencies,
        oversight_steps.to_verify,
        oversight_steps.to_judge,
        oversight_steps.to_answer_asks,
        oversight_steps.to_publish_findings,
        oversight_steps.to_issue,
        oversight_steps.to_declare,
        oversight_steps.to_reply,
        oversight_steps.to_answer_notes,
        oversight_steps.to_review_papers,
        oversight_steps.to_start,
    ),
    Role.HEAD_OF_AUDIT: (
        office_steps.to_adopt,
        office_steps.high_and_void,
        office_steps.to_issue,
    ),
    Role.DISCLOSURE: (
        publishing_steps.to_decide_withholding,
        publishing_steps.to_note_glass,
        publishing_steps.to_review_withholding,
        publishing_steps.to_review,
        publishing_steps.to_publish,
        publishing_steps.to_release,
        publishing_steps.to_review_not_published,
        publishing_steps.to_decide_publication,
    ),
    Role.RECIPIENT: (
        receiving_steps.to_state,
        receiving_steps.to_answer,
        period_steps.to_certify,
    ),
    Role.ADMINISTRATOR: (
        people_steps.to_confirm,
        people_steps.to_appoint,
        money_steps.to_confirm_limits,
        money_steps.to_confirm_delegations,
        money_steps.to_confirm_interest_ends,
    ),
}


@dataclass(frozen=True)
class Waiting:
    """Everything that waits for one person."""

    groups: tuple[Group, ...]

    @property
    def total(self) -> int:
        return sum(group.total for group in self.groups)

    @property
    def oldest(self) -> int:
        """Days that the longest waiting of the shown items has waited."""
        return max((item.days for group in self.groups for item in group.items), default=0)

    @property
    def said(self) -> str:
        return f"{self.total}, oldest {say_days(self.oldest)}" if self.oldest else str(self.total)


def waiting_for(user: User, roles: set[str]) -> Waiting:
    """The person's own steps, in groups, each with its first items and the number of all."""
    day = today_for(user)
    asked = [ask for role, asks in BY_ROLE.items() if role in roles for ask in asks]
    if not roles & set(SIGNERS) and stands_in(user):
        asked.insert(0, money_steps.to_approve)
    groups = [ask(user, day) for ask in dict.fromkeys(asked)]
    return Waiting(tuple(group for group in groups if group.items))
