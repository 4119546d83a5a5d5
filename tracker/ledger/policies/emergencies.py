"""When one signature may stand for two, and who looks at it afterwards."""

from dataclasses import dataclass

from tracker.accounts.models import SIGNERS, User
from tracker.accounts.policies import check_holds
from tracker.ledger.models import (
    EMERGENCY_TRANSITIONS,
    Approval,
    EmergencyPosting,
    EmergencyStatus,
    VoucherKind,
    VoucherVersion,
)
from tracker.ledger.policies.interests import check_has_no_interest
from tracker.ledger.policies.signing import Signature
from tracker.ledger.policies.table import Asked, check_signatures_asked
from tracker.ledger.policies.vouchers import (
    check_can_approve,
    check_can_decide,
    check_is_as_submitted,
)
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.states import check_transition


@dataclass(frozen=True)
class Alone:
    """What stands for both signatures: one that is given now, or the person's own that is there already."""

    signature: Signature | None
    approval: Approval | None


def check_can_post_in_emergency(user: User, version: VoucherVersion) -> Alone:
    """Two signatures are needed, the second cannot be had, and this person's has the weight that the two would have.

    Never where one suffices, never without any, never by who had a hand in it, and never for a batch, which records
    what was paid before.
    """
    if version.kind == VoucherKind.BATCH:
        raise Refused("A batch records what was paid before: it can wait for its second signature.")
    own = version.approvals.filter(approver=user).first()
    if own is None:
        signature = check_can_approve(user, version)
        _check_two_are_needed(signature.asked)
        if signature.completes:
            raise Refused(
                "With your signature it has all that it needs: approve it. That is no emergency."
            )
        _check_weight(signature.asked, signature.power.senior)
        return Alone(signature, None)
    check_can_decide(user, version)
    check_has_no_interest(user, version, "post")
    check_is_as_submitted(version)
    asked = check_signatures_asked(version)
    _check_two_are_needed(asked)
    _check_weight(asked, own.is_senior)
    return Alone(None, own)


def _check_two_are_needed(asked: Asked) -> None:
    if asked.signatures < 2:
        raise Refused(f"One signature suffices, so this is no emergency: approve it. {asked.why}")


def _check_weight(asked: Asked, senior: bool) -> None:
    if asked.senior and not senior:
        raise NotAllowed(
            "Where one of two signatures has to be a senior approver's, only a senior approver posts alone in an "
            "emergency."
        )


def check_can_review_emergency(user: User, posting: EmergencyPosting) -> None:
    """An approver who neither made nor posted it, once."""
    version = posting.version
    to = "review emergency postings"
    if version.program is not None:
        check_holds(user, *SIGNERS, program=version.program, to=to)
    if user.pk == posting.posted_by_id:
        raise NotAllowed("You posted it: somebody else says whether that was right.")
    if version.voucher.edits.filter(person=user).exists():
        raise NotAllowed(
            "You had a hand in this voucher: somebody else says whether the emergency posting was right."
        )
    check_has_no_interest(user, version, "review")
    if posting.status != EmergencyStatus.WAITING:
        label = EmergencyStatus(posting.status).label
        raise Refused(f"This emergency posting is {label} already: nothing is left to review.")
    check_transition(EMERGENCY_TRANSITIONS, posting.status, EmergencyStatus.RATIFIED)
