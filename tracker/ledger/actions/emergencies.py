"""Posting in an emergency: one signature stands for two, never for none, and somebody else looks at it afterwards."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.ledger import policies, queries
from tracker.ledger.actions.approvals import (
    loaded_version,
    move_voucher,
    short,
    sign_version,
    tell_makers,
)
from tracker.ledger.actions.posting import post_version
from tracker.ledger.models import (
    EmergencyPosting,
    EmergencyReview,
    EmergencyReviewText,
    EmergencyStatus,
    EmergencyText,
    Voucher,
    VoucherStatus,
    VoucherVersion,
)
from tracker.shared.errors import Refused
from tracker.shared.refusals import Sentence, refused_if

EMERGENCY_RULES: dict[str, Sentence] = {
    "emergency_only_where_two_sign": "One signature suffices: approve it. That is no emergency.",
    "emergency_by_its_signer": "Only who signs it posts it in an emergency.",
    "emergency_with_a_senior": "Only a senior approver posts this alone in an emergency.",
    "emergency_never_by_the_maker": "You had a hand in this voucher: you never post it.",
    "emergency_not_once_signed": "It has every signature already.",
    "emergency_never_of_a_batch": "A batch can wait for its second signature.",
    "emergency_review_by_another": "You made or posted it: somebody else reviews it.",
    "tracker_emergencyreview": "Somebody reviewed it at the same moment.",
}


@transaction.atomic
def approve_in_emergency(*, version: VoucherVersion, reason: str, by: User) -> EmergencyPosting:
    """Post a version that needs two signatures with one, for a reason, and open the task of its review.

    The signature has the weight that the two would have: a senior approver's where one of them has to be senior. The
    review is due `EMERGENCY_REVIEW_DAYS` days later by the organisation's calendar. Refuses where one signature
    suffices or completes it, who made it, and a posting without a reason.
    """
    version = loaded_version(version)
    alone = policies.check_can_post_in_emergency(by, version)
    if not reason.strip():
        raise Refused({"reason": "Say why there is no time for the second signature."})
    if alone.approval is not None:
        approval = alone.approval
    else:
        assert alone.signature is not None
        approval = sign_version(version, alone.signature, by)
    text = EmergencyText.objects.create(reason=reason.strip())
    days = timedelta(days=settings.EMERGENCY_REVIEW_DAYS)
    says: dict[str, Any] = {
        "version": version,
        "approval": approval,
        "review_due_on": version.voucher.organisation.today() + days,
    }
    posting = EmergencyPosting(**says, text=text, text_digest=text.digest, posted_by=by)
    posting.entry_id = journal.record(
        "emergency_posting",
        record=posting,
        op="create",
        by=by,
        fields=says | {"reason": text.reason},
    )
    with refused_if(EMERGENCY_RULES):
        posting.save(force_insert=True)
    post_version(version=version, by=by)
    move_voucher(version.voucher, VoucherStatus.POSTED)
    _tell(posting, by)
    return posting


def _tell(posting: EmergencyPosting, by: User) -> None:
    """The makers hear that it is posted, and those who can review it that this is due."""
    version, number = posting.version, posting.version.voucher.number
    tell_makers(version, f"Voucher {number} was posted in an emergency, with one signature.", by)
    path = reverse("ledger:emergency", args=[posting.uid])
    due = f"{posting.review_due_on.day} {posting.review_due_on:%b %Y}"
    said = f"Voucher {number} was posted in an emergency by {by}: review it until {due}."
    for person in queries.reviewers_of(posting):
        notify(person=person, sentence=short(said), path=path)


@transaction.atomic
def review_emergency(
    *, posting: EmergencyPosting, ratify: bool, words: str, by: User
) -> EmergencyReview:
    """Say whether an emergency posting was right. Words are required either way, and stay.

    An objection changes no fact: what should not have been paid is reversed, by a voucher with signatures of its own.
    """
    Voucher.objects.select_for_update(no_key=True).get(pk=posting.version.voucher_id)
    related = ("version__voucher__organisation", "version__program", "version__text", "posted_by")
    posting = EmergencyPosting.objects.select_related(*related, "review").get(pk=posting.pk)
    policies.check_can_review_emergency(by, posting)
    if not words.strip():
        raise Refused({"words": "Say what you looked at and why you decide so."})
    text = EmergencyReviewText.objects.create(words=words.strip())
    verdict = EmergencyStatus.RATIFIED if ratify else EmergencyStatus.OBJECTED
    review = EmergencyReview(
        posting=posting, verdict=verdict, text=text, text_digest=text.digest, reviewed_by=by
    )
    review.entry_id = journal.record(
        "emergency_review",
        record=review,
        op="create",
        by=by,
        fields={"posting": posting, "verdict": verdict, "words": text.words},
    )
    with refused_if(EMERGENCY_RULES):
        review.save(force_insert=True)
    said = f"The emergency posting of voucher {posting.version.voucher.number} was {verdict.label}."
    path = reverse("ledger:emergency", args=[posting.uid])
    notify(person=posting.posted_by, sentence=short(said), path=path)
    return review
