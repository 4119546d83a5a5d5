"""Valuations: a new value that two persons stand behind, and values on another basis beside it."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction as database
from django.db.models import Q
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.ledger import policies, queries
from tracker.ledger.actions.books import share_books
from tracker.ledger.actions.evidence import safe_name
from tracker.ledger.events import LINE
from tracker.ledger.models import (
    EDITABLE,
    AlternativeValue,
    AuthorityYear,
    Balance,
    ChangeStatus,
    EvidenceFile,
    Method,
    Revaluation,
    RevaluationDecision,
    RevaluationDecisionText,
    RevaluationLine,
    RevaluationText,
    Transaction,
    TransactionKind,
    Voucher,
    VoucherKind,
    VoucherStatus,
)
from tracker.ledger.valuation import Valuation
from tracker.shared.errors import Refused
from tracker.shared.refusals import Sentence, check_fields, refused_if

COMMITMENT = TransactionKind.COMMITMENT
AT_THIS_MOMENT = (
    "Something of it was drawn, reversed or revalued at this moment: look at it again, then decide."
)
INTEREST = "You declared an interest that concerns this transaction: leave it to somebody else."
VALUATION_RULES: dict[str, Sentence] = {
    "revaluation_of_goods_in_force": "Only goods and services that are in force are valued.",
    "revaluation_states_what_it_was": AT_THIS_MOMENT,
    "revaluation_decision_by_a_second_person": "You proposed this revaluation: another person decides on it.",
    "revaluation_decision_never_by_an_editor": "You had a hand in its voucher: another approver decides on it.",
    "revaluation_without_an_interest": INTEREST,
    "revaluation_decision_without_an_interest": INTEREST,
    "revaluation_line_in_an_open_period": "Its period was closed at this moment: look at it again, then decide.",
    "revaluation_line": AT_THIS_MOMENT,
    "balance_drawn_within_value": {
        "new_amount": "More than that is drawn on it, or it would be worth more than what it draws on has left."
    },
    "balance_drawn_not_below_zero": {"new_amount": "Less is drawn than this would take back."},
    "authority_committed_within_ceiling": {
        "new_amount": "The authority's ceiling does not have that much left: have the ceiling raised first."
    },
    "authority_year_can_be_counted": {
        "new_amount": "The sum would be larger than this ledger can hold."
    },
    "turnover_can_be_counted": {"new_amount": "The sum would be larger than this ledger can hold."},
    "out of range": {"new_amount": "The sum would be larger than this ledger can hold."},
    "tracker_revaluationdecision": "Somebody decided on this revaluation at the same moment.",
}


@database.atomic
def propose_revaluation(
    *,
    transaction: Transaction,
    asked: Valuation,
    reason: str,
    document: EvidenceFile,
    document_name: str,
    by: User,
) -> Revaluation:
    """Propose what goods or services are worth instead, or for the first time. It counts once another confirms it.

    What draws on it is the same goods and is revalued in proportion. Refuses, at the field, what does not fit
    together, what a ceiling or the stage before it cannot bear, and less than was drawn on it as money.
    """
    found = _locked(transaction)
    policies.check_can_propose_revaluation(by, found)
    amount = policies.check_valuation(found, asked)
    policies.consequences_of(found, amount)
    if not reason.strip():
        raise Refused({"reason": "Say why: the reason stays with the revaluation."})
    worth = policies.worth_of(found)
    text = RevaluationText.objects.create(
        reason=reason.strip(), document_name=safe_name(document_name)
    )
    proposed = Revaluation(
        transaction=found,
        old_basis=worth.basis,
        currency=amount.currency,
        old_amount=worth.amount,
        new_basis=asked.basis,
        new_amount=amount,
        valuation_date=asked.valuation_date,
        document=document,
        text=text,
        text_digest=text.digest,
        proposed_by=by,
        **_method(asked),
    )
    check_fields(proposed, exclude=("entry",))
    proposed.entry_id = journal.record(
        "revaluation", record=proposed, op="create", by=by, fields=_said(proposed, text)
    )
    with refused_if(VALUATION_RULES):
        proposed.save(force_insert=True)
    _ask_deciders(proposed)
    return proposed


def _method(asked: Valuation) -> dict[str, Any]:
    if asked.straight_line is None:
        return {"method": Method.DOCUMENT}
    said = asked.straight_line
    return {
        "method": Method.STRAIGHT_LINE,
        "acquisition_cost": said.cost,
        "salvage": said.salvage,
        "useful_life": said.life,
        "age": said.age,
    }


def _said(proposed: Revaluation, text: RevaluationText) -> dict[str, Any]:
    named = (
        *("transaction", "old_basis", "currency", "old_amount", "new_basis", "new_amount"),
        *("valuation_date", "method", "acquisition_cost", "salvage", "useful_life", "age"),
    )
    fields = {name: getattr(proposed, name) for name in named}
    words = {"document_name": text.document_name, "reason": text.reason}
    return fields | words | {"document": proposed.document}


def _locked(posted: Transaction) -> Transaction:
    """One at a time on the same row: two proposals, or a revaluation and a reversal, come one after the other."""
    Transaction.objects.select_for_update(no_key=True).get(pk=posted.pk)
    related = ("program__owner", "text", "version__voucher", "draws_on", "authority")
    return Transaction.objects.select_related(*related).get(pk=posted.pk)


def _ask_deciders(proposed: Revaluation) -> None:
    path = reverse("ledger:revaluation", args=[proposed.uid])
    what = f"{proposed.transaction.get_kind_display()} of “{proposed.transaction.program.title}”"
    sentence = f"A revaluation of a {what} waits for your confirmation."
    for person in queries.revaluation_deciders_of(proposed):
        notify(person=person, sentence=sentence[:300], path=path)


# --- The second person -----------------------------------------------------


@database.atomic
def decide_revaluation(
    *, revaluation: Revaluation, confirm: bool, reason: str = "", by: User
) -> RevaluationDecision:
    """Confirm a revaluation, from when on it counts, or decline it with a reason. By another person than its proposer.

    What was possible when it was proposed is checked again, and everything that draws on the row now is revalued with
    it. Balances, headroom and totals move in the same transaction, or nothing happened. In a closed period nothing moves:
    what is valued anew there counts on the day of the decision.
    """
    share_books(revaluation.transaction.program.owner)
    posted = _locked(revaluation.transaction)
    related = ("text", "proposed_by", "decision")
    found = Revaluation.objects.select_related(*related).get(pk=revaluation.pk)
    found.transaction = posted
    policies.check_can_decide_revaluation(by, found)
    changes: Sequence[policies.Change] = ()
    if confirm:
        _lock_what_it_moves(posted)
        policies.check_is_as_it_was(found)
        changes = policies.consequences_of(posted, found.new_amount).changes
    elif not reason.strip():
        raise Refused({"reason": "Say why it is declined: the reason stays with it."})
    decision = _decide(found, changes, reason.strip(), by)
    _tell(decision, [change.transaction for change in changes], by)
    return decision


def _decide(
    found: Revaluation, changes: Sequence[policies.Change], reason: str, by: User
) -> RevaluationDecision:
    text = RevaluationDecisionText.objects.create(reason=reason)
    decision = RevaluationDecision(
        revaluation=found,
        verdict=ChangeStatus.CONFIRMED if changes else ChangeStatus.DECLINED,
        rows=len(changes),
        text=text,
        text_digest=text.digest,
        decided_by=by,
    )
    lines = [_line(decision, position, change) for position, change in enumerate(changes)]
    decision.entry_id = journal.record(
        "revaluation_decision",
        record=decision,
        op="create",
        by=by,
        fields={
            "revaluation": found,
            "verdict": decision.verdict,
            "reason": reason,
            "rows": decision.rows,
            "lines": [[getattr(one, name) for name in LINE] for one in lines],
        },
    )
    with refused_if(VALUATION_RULES):
        decision.save(force_insert=True)
        RevaluationLine.objects.bulk_create(lines)
    return decision


def _line(decision: RevaluationDecision, position: int, change: policies.Change) -> RevaluationLine:
    return RevaluationLine(
        decision=decision,
        position=position,
        transaction=change.transaction,
        currency=change.now.currency,
        was=change.was,
        delta=change.delta,
        booked_on=change.booked_on,
        fiscal_year=_fiscal_year(change),
    )


def _fiscal_year(change: policies.Change) -> int:
    """In which it counts: that of its transaction, or that of the day on which it is booked late."""
    row = change.transaction
    if change.booked_on is None:
        return row.fiscal_year
    return policies.fiscal_year_of(row.program, change.booked_on)


def _lock_what_it_moves(posted: Transaction) -> None:
    """From the top down, as posting does: what it draws on, itself, then level by level what draws on it."""
    above = [posted.draws_on_id] if posted.draws_on_id else []
    commitment = policies.commitment_under(posted.draws_on)
    above += [commitment.pk] if commitment is not None else []
    for keys in (above, [posted.pk]):
        list(Balance.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    path = "transaction__draws_on"
    for _ in range(policies.DEEPEST):
        below = Balance.objects.filter(**{path: posted}).order_by("pk")
        if not list(below.select_for_update(of=("self",)).values_list("pk")):
            break
        path += "__draws_on"
    commitments = Transaction.objects.filter(Q(pk=posted.pk) | Q(draws_on=posted), kind=COMMITMENT)
    years = AuthorityYear.objects.filter(authority__in=commitments.values("authority"))
    list(years.select_for_update().order_by("pk"))


def _tell(decision: RevaluationDecision, moved: Sequence[Transaction], by: User) -> None:
    """The proposer, and those whose reversals would take back what no longer counts."""
    found = decision.revaluation
    path = reverse("ledger:revaluation", args=[found.uid])
    if found.proposed_by_id != by.pk:
        why = f": {decision.text.reason}" if decision.text.reason else "."
        sentence = f"Your revaluation of {found.transaction.label} was {decision.verdict}{why}"
        notify(person=found.proposed_by, sentence=sentence[:300], path=path)
    keys = {row.pk for row in moved}
    written = Voucher.objects.filter(
        program=found.transaction.program_id,
        kind=VoucherKind.REVERSAL,
        status__in=[*EDITABLE, VoucherStatus.SUBMITTED],
    )
    for voucher in written.select_related("created_by").order_by("pk"):
        if voucher.reverses_id not in keys:
            continue
        sentence = f"What voucher {voucher.number} takes back was revalued: save it once more, then submit it."
        where = reverse("ledger:voucher", args=[voucher.uid])
        notify(person=voucher.created_by, sentence=sentence, path=where)


# --- Beside what counts ----------------------------------------------------


@database.atomic
def state_alternative(
    *, transaction: Transaction, asked: Valuation, citation: str, by: User
) -> AlternativeValue:
    """Record what a source says the same goods are worth on another basis. It is shown beside and never counted."""
    found = _locked(transaction)
    policies.check_can_value(by, found)
    policies.check_is_in_kind(found)
    amount = policies.check_alternative(found, asked)
    if not citation.strip():
        raise Refused({"citation": "Name the source: document, page, date."})
    fields: dict[str, Any] = {
        "transaction": found,
        "basis": asked.basis,
        "currency": amount.currency,
        "amount": amount,
        "valuation_date": asked.valuation_date,
        "citation": citation.strip(),
    }
    stated = AlternativeValue(**fields, recorded_by=by)
    check_fields(stated, exclude=("entry",))
    stated.entry_id = journal.record(
        "alternative_value", record=stated, op="create", by=by, fields=fields
    )
    with refused_if({"alternative_value_of_goods": "Money is its own value."}):
        stated.save(force_insert=True)
    return stated
