"""Posting: an approved version becomes a transaction, for ever."""

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.ledger import policies, queries
from tracker.ledger.actions.books import share_books
from tracker.ledger.actions.discrepancies import follow_reversal, open_discrepancies
from tracker.ledger.content import TEXTS, details_of, transaction_fields
from tracker.ledger.models import (
    REPORTED,
    AuthorityYear,
    Balance,
    Provenance,
    Transaction,
    TransactionKind,
    TransactionText,
    VoucherKind,
    VoucherVersion,
)
from tracker.shared.money import Money
from tracker.shared.refusals import Sentence, refused_if

# What the database says when two people were faster than the checks, by the name of its rule.
POSTING_RULES: dict[str, Sentence] = {
    "balance_drawn_within_value": {
        "amount": "No longer that much is left of what it draws on: somebody drew on it at this moment. "
        "Return the voucher, or choose another one to draw on."
    },
    "balance_drawn_not_below_zero": "Less is drawn from the commitment than this would take back: "
    "reverse the refunds on it first.",
    "transaction_excess_is_what_was_too_much": "What is left changed at this moment: approve it again.",
    "transaction_in_kind_states_its_basis": {
        "valuation_basis": "Goods and services state their basis and its date; money is its own value."
    },
    "transaction_valued_under_a_ceiling": {
        "valuation_basis": "What is unvalued cannot be held under a ceiling: have it valued first."
    },
    "transaction_draws_on_a_value": {
        "amount": "What it draws on is unvalued: have it valued first, or record this as unvalued too."
    },
    "transaction_draws_on_what_is_in_force": {
        "draws_on": "What it draws on was reversed: choose one that is in force."
    },
    "transaction_needs_an_approval": "Nothing is posted that nobody approved.",
    "transaction_needs_every_signature": "Another signature is missing: nothing is posted before it is there.",
    "transaction_once_per_voucher": "This voucher is posted already.",
    "transaction_is_what_was_approved": "What would be posted differs from what was approved.",
    "transaction_reversal_not_reversed": "A reversal cannot be reversed.",
    "transaction_still_drawn_on": "This transaction is drawn on: reverse first what draws on it.",
    "transaction_draws_on_the_kind_before_it": {
        "draws_on": "It draws on the kind before it; no kind stands in for another."
    },
    "transaction_draws_on_its_own_program": {
        "draws_on": "It draws on one of the same program in the same currency."
    },
    "tracker_transaction_reverses_id": "This transaction is reversed already; that happens at most once.",
    "authority_committed_within_ceiling": {
        "amount": "The authority's ceiling no longer has that much left: somebody committed at this moment. "
        "Return the voucher, or have the ceiling raised."
    },
    "transaction_while_its_authority_is_available": {
        "authority": "The authority is not available on that day: choose another one."
    },
    "transaction_in_the_currency_of_its_authority": {
        "currency": "The authority is in another currency: commit in its own."
    },
    "transaction_under_an_authority_of_the_owner": {
        "authority": "This authority belongs to another organisation: choose ours."
    },
    "transaction_under_the_authority_of_its_commitment": {
        "authority": "The commitment stands under another authority."
    },
    "transaction_purpose_is_its_authoritys": {
        "authority": "Replenishment of stocks and aid never count as each other."
    },
    "transaction_in_an_open_period": {
        "value_date": "Its period was closed: return the voucher, and state a booking day in an open period."
    },
    "transaction_booked_late_only": {
        "booked_on": "A booking day is for a date in a closed period only, and not before that date."
    },
    "authority_year_can_be_counted": {
        "amount": "The sum would be larger than this ledger can hold."
    },
    "turnover_can_be_counted": {"amount": "The sum would be larger than this ledger can hold."},
    "out of range": {"amount": "The sum would be larger than this ledger can hold."},
}


@transaction.atomic
def post_version(*, version: VoucherVersion, by: User) -> Transaction:
    """Post an approved version (not a batch) as one transaction, and move the balances with it.

    Refuses when nobody approved it, when it is posted already, when the commitment has not enough left or was
    reversed in the meantime, and when what it reverses is reversed already or drawn on.
    """
    version = VoucherVersion.objects.select_related("voucher", "program__owner", "text").get(
        pk=version.pk
    )
    assert version.program is not None
    share_books(version.program.owner)
    _lock_what_it_changes(version)
    policies.check_is_signed(version)
    policies.check_can_be_posted(version)
    text = TransactionText.objects.create(**{name: getattr(version.text, name) for name in TEXTS})
    posted = _transaction_of(version, text)
    posted.entry_id = journal.record(
        "transaction", record=posted, op="create", by=by, fields=transaction_fields(posted, text)
    )
    with refused_if(POSTING_RULES):
        posted.save(force_insert=True)
    _follow_up(posted, by)
    return posted


def _follow_up(posted: Transaction, by: User) -> None:
    """The recipient's paper is compared as its own word would be; a dispatch asks for that word."""
    if posted.is_reversal:
        follow_reversal(reversal=posted, by=by)
    elif posted.kind in REPORTED and posted.draws_on is not None:
        open_discrepancies(about=posted.draws_on, report=posted, statement=None, by=by)
    elif posted.kind == TransactionKind.DISBURSEMENT:
        sentence = f"State what arrived: {policies.say_transaction(posted)}."
        path = reverse("ledger:dispatch", args=[posted.uid])
        for person in queries.representatives_of(posted):
            notify(person=person, sentence=sentence, path=path)


def _lock_what_it_changes(version: VoucherVersion) -> None:
    """One at a time on the same balances and on the same reversed row, so that the checks see what is true."""
    reported = version.draws_on_id if version.kind in REPORTED else None
    if locked := version.reverses_id or reported:
        Transaction.objects.select_for_update(no_key=True).get(pk=locked)
    touched = {pk for pk in (version.draws_on_id, version.reverses_id) if pk}
    if TransactionKind.REFUND in (version.kind, version.reverses and version.reverses.kind):
        commitment = policies.commitment_under(version.draws_on)
        touched |= {commitment.pk} if commitment else set()
    list(Balance.objects.select_for_update().filter(pk__in=touched).order_by("pk"))
    if version.kind == VoucherKind.COMMITMENT and version.authority_id:
        assert version.program is not None and version.booking_day is not None
        year = policies.fiscal_year_of(version.program, version.booking_day)
        rows = AuthorityYear.objects.filter(authority=version.authority_id, fiscal_year=year)
        list(rows.select_for_update().order_by("pk"))


def _transaction_of(version: VoucherVersion, text: TransactionText) -> Transaction:
    assert version.program is not None and version.booking_day is not None
    return Transaction(
        kind=version.kind if version.reverses is None else version.reverses.kind,
        program=version.program,
        version=version,
        reverses=version.reverses,
        fiscal_year=policies.fiscal_year_of(version.program, version.booking_day),
        provenance=Provenance.VOUCHER,
        purpose=policies.purpose_of(version.authority, version.draws_on or version.reverses),
        **details_of(version),
        excess=_excess(version),
        text=text,
        text_digest=text.digest,
    )


def _excess(version: VoucherVersion) -> Money | None:
    """What a report states beyond what was left: recorded, and outside every total."""
    if version.reverses is not None:
        taken_back = version.reverses.excess
        return None if taken_back is None else -taken_back
    if version.kind not in REPORTED or version.draws_on is None:
        return None
    return policies.excess_of(version.draws_on, version.amount)
