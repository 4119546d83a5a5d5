"""What a voucher must rest on, who may be let off it and for how long, and who supplies it later."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from tracker.accounts.models import SIGNERS, Role, User
from tracker.accounts.policies import check_holds
from tracker.ledger.models import (
    EDITABLE,
    LONGEST_WAIVER,
    WAIVER_TRANSITIONS,
    DocumentType,
    Requirement,
    Voucher,
    VoucherKind,
    VoucherStatus,
    VoucherVersion,
    Waiver,
    WaiverQuerySet,
    WaiverStatus,
    WaiverVerdict,
)
from tracker.ledger.policies.interests import check_has_no_interest
from tracker.ledger.policies.transactions import EARLIEST
from tracker.ledger.requirements import ACCEPTS, required
from tracker.shared.dates import say_day
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.states import check_transition

# What people choose from. A file of rows comes with an upload, and nobody chooses to state nothing.
OFFERED = [t for t in DocumentType if t not in (DocumentType.NOT_STATED, DocumentType.ROWS)]


def _over(voucher: Voucher) -> dict[str, Any]:
    if voucher.program is not None:
        return {"program": voucher.program}
    return {"organisation": voucher.organisation}


# --- Documents -------------------------------------------------------------


def check_document(
    voucher: Voucher, document_type: str, document_date: date | None, name: str
) -> None:
    """A document says what it is; its own date, if it bears one, is a day that has been."""
    known = [t.value for t in OFFERED]
    if voucher.kind == VoucherKind.BATCH:
        known.append(DocumentType.ROWS.value)
    if document_type not in known:
        raise Refused(
            {
                "document_type": f"Say what “{name}” is: an invoice, a contract, a dispatch note … "
                "It counts as nothing else."
            }
        )
    if document_date is None:
        return
    today = voucher.organisation.today()
    if document_date > today:
        raise Refused(
            {
                "document_date": f"{say_day(document_date)} has not come yet: state the date that the document "
                "bears, or leave it empty if it bears none."
            }
        )
    if document_date < EARLIEST:
        raise Refused(
            {"document_date": f"{say_day(document_date)} cannot be right: check the year."}
        )


def types_on(asked: "Voucher | VoucherVersion") -> set[str]:
    """The types of document that it rests on: of a version what it was submitted with; of a voucher what is attached
    as long as it can be edited, then what its newest version rests on and what was supplied later."""
    if isinstance(asked, VoucherVersion):
        return set(asked.evidence.values_list("document_type", flat=True))
    if asked.status in (*EDITABLE, VoucherStatus.WITHDRAWN):
        attached = asked.attachments.filter(removed=False)
        return set(attached.values_list("document_type", flat=True))
    newest = asked.versions.order_by("-number").first()
    supplied = set(asked.supplied.values_list("document_type", flat=True))
    return supplied | (types_on(newest) if newest is not None else set())


def required_of(asked: "Voucher | VoucherVersion") -> list[Requirement]:
    return required(asked.kind, asked.form, asked.valuation_basis)


def unmet(asked: "Voucher | VoucherVersion", types: Iterable[str]) -> list[Requirement]:
    """The requirements that none of the types meets."""
    there = set(types)
    return [one for one in required_of(asked) if not ACCEPTS[one] & there]


def waivers_in_force(voucher: Voucher, day: date) -> WaiverQuerySet:
    """Granted, not ended, and by somebody who has not edited the voucher since."""
    granted = Waiver.objects.filter(
        voucher=voucher, decision__verdict=WaiverVerdict.GRANTED, expires_on__gte=day
    )
    return granted.exclude(decision__decided_by__in=voucher.edits.values("person"))


def lacking(asked: "Voucher | VoucherVersion") -> list[Requirement]:
    """What is required, not there and not waived today."""
    missing = unmet(asked, types_on(asked))
    if not missing:
        return []
    voucher = asked.voucher if isinstance(asked, VoucherVersion) else asked
    in_force = waivers_in_force(voucher, voucher.organisation.today())
    waived = set(in_force.values_list("requirement", flat=True))
    return [one for one in missing if one not in waived]


def missing_documents(asked: "Voucher | VoucherVersion") -> dict[str, str]:
    """For a refusal at its field: what is required, not there and not waived today. Empty if nothing is missing."""
    missing = lacking(asked)
    return {"evidence": _say_lacking(asked, missing)} if missing else {}


def check_is_documented(asked: "Voucher | VoucherVersion") -> None:
    """Every document that the kind requires is there, or a waiver of it is in force today."""
    if missing := missing_documents(asked):
        raise Refused(missing)


def _say_lacking(asked: "Voucher | VoucherVersion", missing: list[Requirement]) -> str:
    """What is missing, and the two remedies."""
    voucher = asked.voucher if isinstance(asked, VoucherVersion) else asked
    needed = ", and ".join(one.label for one in missing)
    if asked.kind == VoucherKind.BATCH:
        return f"This batch lacks {needed}: the file that its rows come from is its evidence."
    said = f"This {voucher.get_kind_display()} lacks {needed}. "
    ended = _ended(voucher, missing)
    if ended is not None:
        said += f"A waiver of it ended on {say_day(ended)}. "
    if DocumentType.NOT_STATED in types_on(asked):
        said += (
            "A file without a type counts as no document: take it off and attach it with its type. "
        )
    if voucher.status in EDITABLE:
        return said + "Attach it and say what it is, or ask for a waiver of it."
    return said + "Have the voucher returned and attach it, or ask for a waiver of it."


def _ended(voucher: Voucher, missing: list[Requirement]) -> date | None:
    granted = voucher.waivers.filter(
        decision__verdict=WaiverVerdict.GRANTED,
        requirement__in=missing,
        expires_on__lt=voucher.organisation.today(),
    )
    return granted.order_by("-expires_on").values_list("expires_on", flat=True).first()


# --- Waivers ---------------------------------------------------------------


def check_can_ask_waiver(user: User, voucher: Voucher) -> None:
    check_holds(user, Role.OFFICER, **_over(voucher), to="ask for waivers")
    if voucher.kind == VoucherKind.BATCH:
        raise Refused("A batch rests on its own file: there is nothing to waive.")
    if voucher.status == VoucherStatus.WITHDRAWN:
        raise Refused(f"Voucher {voucher.number} is withdrawn: nothing will be posted on it.")


def check_can_be_waived(voucher: Voucher, requirement: str, expires_on: date) -> None:
    """Only what is required and missing is waived, once at a time, and until a day."""
    needed = required_of(voucher)
    if requirement not in needed:
        words = " or ".join(f"“{one.label}”" for one in needed)
        raise Refused({"requirement": f"Choose what this voucher requires: {words}."})
    if requirement not in unmet(voucher, types_on(voucher)):
        raise Refused({"requirement": "This document is there: there is nothing to waive."})
    if voucher.waivers.filter(requirement=requirement, decision=None).exists():
        raise Refused(
            {
                "requirement": "A waiver of it waits for a decision already: let that be decided first."
            }
        )
    check_ends(expires_on, voucher.organisation.today())


def check_ends(expires_on: date, today: date) -> None:
    """After today, and within the time that the installation allows, which is a year at most."""
    longest = min(settings.WAIVER_DAYS_MAX, LONGEST_WAIVER)
    if expires_on <= today:
        raise Refused({"expires_on": "A waiver ends on a day that is still to come."})
    if expires_on > today + timedelta(days=longest):
        raise Refused(
            {
                "expires_on": f"A waiver lasts {longest} days at most, until {say_day(today + timedelta(days=longest))}: "
                "who needs more time asks again then."
            }
        )


def check_can_decide_waiver(user: User, waiver: Waiver) -> None:
    """An approver who neither asked for it nor had a hand in the voucher; once."""
    voucher = waiver.voucher
    check_holds(user, *SIGNERS, **_over(voucher), to="grant or decline waivers")
    decision = getattr(waiver, "decision", None)
    if decision is not None:
        raise Refused(f"This waiver is {decision.verdict} already: nothing is left to decide.")
    if waiver.requested_by_id == user.pk:
        raise NotAllowed("You asked for this waiver: another person grants or declines it.")
    if voucher.edits.filter(person=user).exists():
        raise NotAllowed(
            f"You had a hand in voucher {voucher.number}: another approver decides on its waivers."
        )
    check_has_no_interest(user, voucher, "grant or decline a waiver of")
    check_transition(WAIVER_TRANSITIONS, WaiverStatus.ASKED, WaiverStatus.IN_FORCE)


def check_can_be_granted(waiver: Waiver) -> None:
    """Its last day has not passed while it waited."""
    if waiver.expires_on < waiver.voucher.organisation.today():
        raise Refused(
            f"This waiver was to end on {say_day(waiver.expires_on)}, which has passed: decline it, "
            "and let it be asked for anew."
        )


# --- Documents that come after the posting ---------------------------------


def check_can_supply(user: User, voucher: Voucher) -> None:
    check_holds(user, Role.OFFICER, **_over(voucher), to="supply documents")
    if voucher.status != VoucherStatus.POSTED:
        raise Refused(
            f"Voucher {voucher.number} is {voucher.get_status_display()}: attach documents as long as it is a draft; "
            "only to a posted voucher they are supplied later."
        )
