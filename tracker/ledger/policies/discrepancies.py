"""Who may take which step about a discrepancy: two sides opened it, two sides close it."""

from tracker.accounts.models import SIGNERS, Role, User
from tracker.accounts.policies import check_holds, holds
from tracker.ledger.models import (
    DISCREPANCY_TRANSITIONS,
    LEADS_TO,
    UNSETTLED,
    Discrepancy,
    DiscrepancyKind,
    DiscrepancyStatus,
    Side,
    StepKind,
    Transaction,
    TransactionKind,
)
from tracker.ledger.policies.statements import had_a_hand, speaks_for_recipient
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.states import check_transition

OURS = (Role.OFFICER, *SIGNERS)


def side_of(user: User, discrepancy: Discrepancy) -> Side:
    """For whom the person speaks here. Refuses everybody else, auditors too: they look, and have no part in it."""
    if holds(user, *OURS, program=discrepancy.about.program):
        return Side.OURS
    if speaks_for_recipient(user, discrepancy.about):
        return Side.RECIPIENT
    raise NotAllowed(
        "Only officers and approvers of the program, and the recipient's representatives, settle a discrepancy."
    )


def reported_it(user: User, discrepancy: Discrepancy) -> bool:
    """Did the person state the arrival, or have a hand in recording it from the recipient's paper?"""
    if discrepancy.statement is not None and discrepancy.statement.stated_by_id == user.pk:
        return True
    return discrepancy.receipt is not None and had_a_hand(user, discrepancy.receipt)


def check_can_explain(user: User, discrepancy: Discrepancy) -> None:
    """Either side explains; it counts once the other side accepts."""
    side_of(user, discrepancy)
    _check_unsettled(discrepancy)


def _check_unsettled(discrepancy: Discrepancy) -> None:
    if discrepancy.state.status not in UNSETTLED:
        said = discrepancy.state.get_status_display()
        raise Refused(f"This discrepancy is {said}: reopen it first, if that turned out wrong.")


def _check_not_who_reported(user: User, discrepancy: Discrepancy) -> None:
    """OVERSIGHT 6.2: whoever confirms a delivery never closes its discrepancy."""
    if reported_it(user, discrepancy):
        raise NotAllowed(
            "You reported what arrived: who confirms a delivery never closes its discrepancy. "
            "Somebody else does; you may explain it."
        )


def check_can_accept(user: User, discrepancy: Discrepancy) -> None:
    """The side that did not explain accepts, by somebody who did not report the arrival."""
    side = side_of(user, discrepancy)
    _check_unsettled(discrepancy)
    proposal = discrepancy.state.proposal
    if proposal is None:
        raise Refused("There is no explanation yet that could be accepted.")
    if proposal.side == side or proposal.taken_by_id == user.pk:
        raise NotAllowed(
            "Your own side gave this explanation: it counts once the other side accepts it."
        )
    _check_not_who_reported(user, discrepancy)
    if proposal.settled_by is not None:
        check_settles(discrepancy, proposal.settled_by, StepKind.EXPLAINED)
    check_transition(DISCREPANCY_TRANSITIONS, discrepancy.state.status, DiscrepancyStatus.EXPLAINED)


def check_can_dispute(user: User, discrepancy: Discrepancy) -> None:
    """Turn down the other side's explanation, or contradict the discrepancy itself while it is open."""
    side = side_of(user, discrepancy)
    _check_unsettled(discrepancy)
    proposal = discrepancy.state.proposal
    if proposal is not None and proposal.side == side:
        raise NotAllowed("Your own side gave the explanation: the other side answers it.")
    if proposal is None and discrepancy.state.status == DiscrepancyStatus.DISPUTED:
        raise Refused("It is disputed already: an explanation or a loss settles it.")


def check_can_declare_loss(user: User, discrepancy: Discrepancy) -> None:
    """An officer of the program who did not report the arrival. A surplus is no loss."""
    check_holds(user, Role.OFFICER, program=discrepancy.about.program, to="declare a loss")
    _check_not_who_reported(user, discrepancy)
    if discrepancy.kind == DiscrepancyKind.SURPLUS:
        raise Refused("More arrived than was dispatched: that is no loss. Explain it.")
    _check_unsettled(discrepancy)
    check_transition(DISCREPANCY_TRANSITIONS, discrepancy.state.status, DiscrepancyStatus.LOSS)


def check_can_name_write_off(user: User, discrepancy: Discrepancy) -> None:
    check_holds(user, Role.OFFICER, program=discrepancy.about.program, to="name the write-off")
    if discrepancy.state.status != DiscrepancyStatus.LOSS:
        raise Refused("Only a declared loss has a write-off: declare it first.")
    if discrepancy.state.settled_by_id is not None:
        raise Refused("Its write-off is named already.")


def check_can_reopen(user: User, discrepancy: Discrepancy) -> None:
    """Either side, alone: more light needs no second person."""
    side_of(user, discrepancy)
    now = discrepancy.state.status
    if now == DiscrepancyStatus.DISPUTED:
        raise Refused("It is not settled: there is nothing to reopen.")
    check_transition(DISCREPANCY_TRANSITIONS, now, LEADS_TO[StepKind.REOPENED])


def check_settles(discrepancy: Discrepancy, row: Transaction, step: str) -> None:
    """What is named draws on the same dispatch and is in force; a loss is settled by a write-off."""
    own = row.draws_on_id is not None and (
        row.draws_on_id == discrepancy.about_id
        or (row.draws_on is not None and row.draws_on.draws_on_id == discrepancy.about_id)
    )
    if not own or row.pk == discrepancy.receipt_id:
        raise Refused(
            {"settled_by": "Choose what settles it among what draws on the same dispatch."}
        )
    if row.is_reversal or Transaction.objects.filter(reverses=row).exists():
        raise Refused({"settled_by": "That was taken back: choose one that is in force."})
    if step != StepKind.EXPLAINED and row.kind != TransactionKind.WRITE_OFF:
        raise Refused(
            {"settled_by": "A loss is settled by a write-off: choose one, or name it later."}
        )
