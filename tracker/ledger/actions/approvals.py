"""The second signature: approving a version, or sending it back."""

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.ledger import policies
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
    "return_not_after_an_approval": "This version is approved already and cannot be returned.",
    "version_returned_once": "This version was returned already.",
}


def _loaded(version: VoucherVersion) -> VoucherVersion:
    """The version, with its voucher locked: two decisions at the same moment become one after the other."""
    Voucher.objects.select_for_update(no_key=True).get(pk=version.voucher_id)
    related = ("voucher__program__owner", "voucher__organisation", "voucher__created_by", "text")
    return VoucherVersion.objects.select_related(*related).get(pk=version.pk)


@transaction.atomic
def approve_voucher(*, version: VoucherVersion, by: User) -> Approval:
    """Approve the newest version of a voucher; unless it is a batch, post its transaction in the same breath.

    Refuses (NotAllowed) whoever is no approver or had a hand in any version; refuses a superseded, returned or
    posted version, and one whose money no longer suffices: then neither approval nor transaction exists.
    """
    version = _loaded(version)
    policies.check_can_approve(by, version)
    approval = Approval(version=version, approver=by, content_hash=version.content_hash)
    fields = {
        "version": version,
        "number": version.number,
        "content_hash": version.content_hash,
    }
    approval.entry_id = journal.record(
        "approval", record=approval, op="create", by=by, fields=fields
    )
    with refused_if(DECISION_RULES):
        approval.save(force_insert=True)
    if version.kind != VoucherKind.BATCH:
        post_version(version=version, by=by)
    _decide(version.voucher, VoucherStatus.POSTED)
    done = "approved" if version.kind == VoucherKind.BATCH else "approved and posted"
    _tell_makers(version, f"Voucher {version.voucher.number} was {done}.", by)
    return approval


@transaction.atomic
def return_voucher(*, version: VoucherVersion, reason: str, by: User) -> Return:
    """Send the newest version back to its makers. The reason is required and stays for ever."""
    version = _loaded(version)
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
    _decide(version.voucher, VoucherStatus.RETURNED)
    _tell_makers(version, f"Voucher {version.voucher.number} was returned: {text.reason}", by)
    return sent_back


def _decide(voucher: Voucher, status: str) -> None:
    """What happened is recorded with the approval or the return; this is the voucher's place on its way."""
    voucher.status = status
    voucher.changed_at = database_now()
    voucher.save(update_fields=["status", "changed_at"])


def _tell_makers(version: VoucherVersion, sentence: str, by: User) -> None:
    path = reverse("ledger:voucher", args=[version.voucher.uid])
    makers = {version.voucher.created_by, version.submitted_by} - {by}
    for person in sorted(makers, key=lambda p: p.pk):
        notify(person=person, sentence=_short(sentence), path=path)


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= 300 else f"{sentence[:299]}…"
