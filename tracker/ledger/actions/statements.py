"""The recipient's word: recorded as stated, posted at once, compared with the dispatch."""

from dataclasses import replace
from decimal import Decimal, localcontext

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.ledger import policies, queries
from tracker.ledger.actions.books import share_books
from tracker.ledger.actions.discrepancies import open_discrepancies
from tracker.ledger.actions.handed import NewFile, take_in
from tracker.ledger.actions.posting import POSTING_RULES
from tracker.ledger.content import transaction_fields
from tracker.ledger.events import STATED
from tracker.ledger.models import (
    Balance,
    Provenance,
    Statement,
    StatementText,
    Transaction,
    TransactionKind,
    TransactionText,
    ValuationBasis,
    Verdict,
)
from tracker.ledger.policies import Figures, Word
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.shared.refusals import Sentence, check_fields, refused_if

STATEMENT_RULES: dict[str, Sentence] = {
    "statement_about_what_it_can_be_about": "It was taken back at this moment: there is nothing to state of it.",
    "statement_in_the_measures_of_the_dispatch": {
        "amount": "State it in the currency and the unit of the dispatch."
    },
    "statement_fits_its_figures": {
        "verdict": "What you say does not fit what is left to arrive: look again, then state it anew."
    },
    "statement_never_by_who_dispatched": "You had a hand in this payment: another person states what arrived.",
    "transaction_is_what_was_stated": "What would be posted differs from what was stated.",
}


@transaction.atomic
def give_word(
    *, about: Transaction, word: Word, file: NewFile | None = None, by: User
) -> Statement:
    """State what arrived of a dispatch, or what was used of a receipt. It is posted at once: we authorise nothing.

    “Confirmed” takes what is left. Without an amount, that of goods follows from their quantity and the dispatch's own
    value per unit. “Disputed” posts nothing. Every difference opens a discrepancy; more than what is left is recorded
    as stated and stays outside every total. Refuses whoever does not speak for the recipient, and figures that do not
    fit what is said of them. The day of arrival stays what it is: in a quarter that the owner has closed by now, it is
    booked today.
    """
    about = _locked(about)
    share_books(about.program.owner)
    policies.check_can_state(by, about)
    policies.check_word(about, word)
    left = policies.figures_left(about)
    word = _completed(about, word, left)
    policies.check_measures(about, word)
    policies.check_fits_what_is_left(word, left)
    statement = _record(about, word, file, by)
    posted = None if word.verdict == Verdict.DISPUTED else _post(statement, about, by)
    opened = open_discrepancies(about=about, report=posted, statement=statement, by=by)
    _tell_officers(statement, about, bool(opened), by)
    return statement


def _locked(about: Transaction) -> Transaction:
    """One word at a time about a dispatch, so that each sees what the others left."""
    Transaction.objects.select_for_update(no_key=True).get(pk=about.pk)
    list(Balance.objects.select_for_update().filter(pk=about.pk))
    related = ("program__owner", "provider", "receiver", "text", "version__voucher")
    return Transaction.objects.select_related(*related).get(pk=about.pk)


def _completed(about: Transaction, word: Word, left: Figures) -> Word:
    """With the figures that follow from the word: what is left, or the value of so many pieces."""
    if word.verdict == Verdict.DISPUTED:
        return word
    if word.verdict == Verdict.CONFIRMED:
        return _all_that_is_left(word, left)
    amount = word.amount
    if amount is None and about.amount is not None and word.quantity is not None:
        all_of_it = word.quantity == left.quantity and bool(left.amount)
        amount = left.amount if all_of_it else _value_of(about, word.quantity)
    damaged = word.damaged_amount
    if damaged is None and about.amount is not None and word.damaged_quantity is not None:
        damaged = _value_of(about, word.damaged_quantity)
        if word.damaged_quantity == word.quantity:
            damaged = amount
    return replace(word, amount=amount, damaged_amount=damaged)


def _all_that_is_left(word: Word, left: Figures) -> Word:
    policies.check_something_is_left(left)
    for name in ("amount", "quantity"):
        stated = getattr(word, name)
        if stated is not None and stated != getattr(left, name):
            raise Refused(
                {name: "Confirmed means all that is left: leave it empty, or say short or surplus."}
            )
    counted = left.quantity if left.quantity is not None and left.quantity > 0 else None
    return replace(word, amount=left.amount, quantity=counted)


def _value_of(about: Transaction, quantity: Decimal) -> Money | None:
    """So many pieces at the dispatch's own value per unit, rounded to the currency's last digit, halves to even."""
    if about.amount is None or not about.quantity:
        return None
    with localcontext() as exact:
        exact.prec = 60
        return Money.rounded(about.amount.decimal * quantity / about.quantity, about.currency)


def _record(about: Transaction, word: Word, file: NewFile | None, by: User) -> Statement:
    stored, name = take_in(file, by)
    remark = word.remark.strip()
    text = StatementText.objects.create(remark=remark, evidence_name=name)
    statement = Statement(
        about=about,
        verdict=word.verdict,
        currency=about.currency,
        amount=word.amount,
        quantity=word.quantity,
        unit=about.unit,
        damaged_amount=word.damaged_amount,
        damaged_quantity=word.damaged_quantity,
        arrived_on=word.arrived_on,
        delivery_point=word.delivery_point,
        evidence=stored,
        text=text,
        text_digest=text.digest,
        stated_by=by,
    )
    check_fields(statement, exclude=("entry",))
    fields = {name: getattr(statement, name) for name in STATED}
    fields |= {"evidence": stored and stored.sha256, "evidence_name": name, "remark": remark}
    statement.entry_id = journal.record(
        "statement", record=statement, op="create", by=by, fields=fields
    )
    with refused_if(STATEMENT_RULES):
        statement.save(force_insert=True)
    return statement


def _post(statement: Statement, about: Transaction, by: User) -> Transaction:
    """The transaction that the statement is: no voucher, no approval of ours."""
    assert statement.arrived_on is not None
    used = statement.verdict == Verdict.USED
    unvalued = statement.amount is None
    text = TransactionText.objects.create()
    booked_on = policies.booked_late(about.program.owner, statement.arrived_on)
    posted = Transaction(
        kind=TransactionKind.EXPENDITURE if used else TransactionKind.RECEIPT,
        program=about.program,
        statement=statement,
        fiscal_year=policies.fiscal_year_of(about.program, booked_on or statement.arrived_on),
        provenance=Provenance.REPORTED,
        purpose=about.purpose,
        currency=statement.currency,
        amount=statement.amount,
        value_date=statement.arrived_on,
        booked_on=booked_on,
        draws_on=about,
        provider=about.receiver if used else about.provider,
        receiver=None if used else about.receiver,
        valuation_basis=ValuationBasis.UNVALUED if unvalued else about.valuation_basis,
        valuation_date=None if unvalued else about.valuation_date,
        form=about.form,
        quantity=statement.quantity,
        unit=statement.unit,
        delivery_point=statement.delivery_point,
        excess=policies.excess_of(about, statement.amount),
        text=text,
        text_digest=text.digest,
    )
    posted.entry_id = journal.record(
        "transaction", record=posted, op="create", by=by, fields=transaction_fields(posted, text)
    )
    with refused_if(STATEMENT_RULES | POSTING_RULES):
        posted.save(force_insert=True)
    return posted


def _tell_officers(statement: Statement, about: Transaction, differs: bool, by: User) -> None:
    what = policies.say_transaction(about)
    more = " A discrepancy is open." if differs else ""
    sentence = f"The recipient's word on {what}: {statement.get_verdict_display()}.{more}"
    path = reverse("ledger:dispatch", args=[about.uid])
    if about.kind == TransactionKind.RECEIPT:
        path = reverse("dashboards:transaction", args=[about.uid])
    for person in queries.officers_of(about.program):
        if person.pk != by.pk:
            notify(person=person, sentence=sentence, path=path)
