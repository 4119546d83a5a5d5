"""The signatures: approving a version, which posts it once all of them are there, or sending it back."""

from typing import Any

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.ledger import policies, queries
from tracker.ledger.actions.posting import post_version
from tracker.ledger.models import (
    Approval,
    Return,
    ReturnText,
    Voucher,
    VoucherKind,
    VoucherStatus,
    VoucherVersion,
)
from tracker.shared.clock import database_now
from tracker.shared.errors import Refused
from tracker.shared.refusals import Sentence, refused_if

DECISION_RULES: dict[str, Sentence] = {
    "approval_never_by_an_editor": "You had a hand in this voucher: another approver has to approve it.",
    "approval_binds_to_the_content": "The version's content is not the one you read: do not approve it.",
    "approval_of_the_newest_version": "A newer version replaced this one: read and decide on the newest.",
    "approval_not_after_a_return": "This version was returned already.",
    "approval_once_per_person": "You have approved this version already.",
    "approval_states_its_day": "The day of the signature is missing: sign again.",
    "approval_not_once_signed": "This version has every signature already.",
    "approval_asks_what_the_table_says": "The delegation of authority asks for other signatures than were counted "
    "on: open the voucher again.",
    "approval_signed_as_held": "You hold no role that signs this voucher: ask an administrator.",
    "approval_under_its_delegation": "The delegation by which you sign is not in force today: leave the voucher to "
    "an approver, or have a new one confirmed.",
    "approval_never_for_and_by": "You and the other person stand in for each other: another approver has to sign.",
    "approval_without_an_interest": "You, or the person on whose behalf you sign, declared an interest that concerns "
    "this voucher: leave it to somebody else.",
    "return_not_once_signed": "This version is signed completely and cannot be returned.",
    "version_returned_once": "This version was returned already.",
}


def loaded_version(version: VoucherVersion) -> VoucherVersion:
    """The version, with its voucher locked: two decisions at the same moment become one after the other."""
    Voucher.objects.select_for_update(no_key=True).get(pk=version.voucher_id)
    related = ("voucher__program__owner", "voucher__organisation", "voucher__created_by", "text")
    return VoucherVersion.objects.select_related(*related).get(pk=version.pk)


@transaction.atomic
def approve_voucher(*, version: VoucherVersion, by: User) -> Approval:
    """Sign the newest version of a voucher. The last signature posts its transaction, unless it is a batch.

    How many signatures it needs, the delegation of authority says, as it stands today. Until all of them are there
    the voucher waits, and the others are told. Refuses (NotAllowed) whoever is no approver, had a hand in any version
    or has signed it, in person or through a stand-in; refuses a superseded, returned or posted version, an amount
    above everybody's limit, and one whose money no longer suffices: then neither approval nor transaction exists.
    """
    version = loaded_version(version)
    signature = policies.check_can_approve(by, version)
    approval = sign_version(version, signature, by)
    if not signature.completes:
        _tell_what_is_missing(version, signature, by)
        return approval
    if version.kind != VoucherKind.BATCH:
        post_version(version=version, by=by)
    move_voucher(version.voucher, VoucherStatus.POSTED)
    done = "approved" if version.kind == VoucherKind.BATCH else "approved and posted"
    tell_makers(version, f"Voucher {version.voucher.number} was {done}.", by)
    return approval


def sign_version(version: VoucherVersion, signature: policies.Signature, by: User) -> Approval:
    """The row of one signature. Part of another action, which has asked the policies."""
    says: dict[str, Any] = {
        "version": version,
        "content_hash": version.content_hash,
        "level": signature.asked.level,
        "signed_as": signature.power.role,
        "signed_on": signature.day,
        "delegation": signature.power.delegation,
    }
    approval = Approval(approver=by, **says)
    approval.entry_id = journal.record(
        "approval", record=approval, op="create", by=by, fields=says | {"number": version.number}
    )
    with refused_if(DECISION_RULES):
        approval.save(force_insert=True)
    return approval


def _tell_what_is_missing(version: VoucherVersion, signature: policies.Signature, by: User) -> None:
    """The makers hear how far it is, and those who can give the missing signature that it waits for them."""
    voucher = version.voucher
    given, needed = version.approvals.count(), signature.asked.signatures
    said = f"Voucher {voucher.number} has {given} of {needed} signatures and waits for another one."
    tell_makers(version, said, by)
    for person in queries.signers_missing(version):
        ask = f"Voucher {voucher.number} of {voucher.organisation.label} waits for your signature, the last one."
        notify(person=person, sentence=short(ask), path=page_of(version))


@transaction.atomic
def return_voucher(*, version: VoucherVersion, reason: str, by: User) -> Return:
    """Send the newest version back to its makers. The reason is required and stays for ever.

    Signatures that it has stay as rows; they count for no later version.
    """
    version = loaded_version(version)
    policies.check_can_return(by, version)
    if not reason.strip():
        raise Refused({"reason": "Say why, so that the officer knows what to change."})
    text = ReturnText.objects.create(reason=reason.strip())
    sent_back = Return(version=version, returned_by=by, text=text, text_digest=text.digest)
    fields = {"version": version, "number": version.number, "reason": text.reason}
    sent_back.entry_id = journal.record(
        "voucher_return", record=sent_back, op="create", by=by, fields=fields
    )
    with refused_if(DECISION_RULES):
        sent_back.save(force_insert=True)
    move_voucher(version.voucher, VoucherStatus.RETURNED)
    tell_makers(version, f"Voucher {version.voucher.number} was returned: {text.reason}", by)
    return sent_back


def move_voucher(voucher: Voucher, status: str) -> None:
    """What happened is recorded with the approval or the return; this is the voucher's place on its way."""
    voucher.status = status
    voucher.changed_at = database_now()
    voucher.save(update_fields=["status", "changed_at"])


def page_of(version: VoucherVersion) -> str:
    return reverse("ledger:voucher", args=[version.voucher.uid])


def tell_makers(version: VoucherVersion, sentence: str, by: User) -> None:
    path = page_of(version)
    makers = {version.voucher.created_by, version.submitted_by} - {by}
    for person in sorted(makers, key=lambda p: p.pk):
        notify(person=person, sentence=short(sentence), path=path)


def short(sentence: str) -> str:
    return sentence if len(sentence) <= 300 else f"{sentence[:299]}…"
