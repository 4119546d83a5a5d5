"""What a voucher of each kind must rest on before anything is posted: the one table that policies and triggers read.

DODIG-2025-007 could not find adequate documents for 1.1 of 2.1 billion dollars tested. The table names kinds and forms
by value and is complete: a kind without a line in it fails a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.ledger.models import DocumentType as T
from tracker.ledger.models import Form, Requirement, ValuationBasis

MONEY = frozenset({Form.MONEY.value})
IN_KIND = frozenset({Form.GOODS.value, Form.SERVICES.value})
EVERY_FORM = MONEY | IN_KIND

# One document of one of these types meets the requirement.
ACCEPTS: Mapping[str, frozenset[str]] = {
    Requirement.ANNOUNCEMENT: frozenset({T.DECISION.value, T.CORRESPONDENCE.value}),
    Requirement.PROMISE: frozenset({T.CONTRACT.value, T.DECISION.value}),
    Requirement.PAYMENT: frozenset({T.INVOICE.value, T.PAYMENT_ORDER.value}),
    Requirement.DELIVERY: frozenset({T.DISPATCH_NOTE.value, T.COMPLETION.value}),
    Requirement.VALUE: frozenset({T.VALUATION.value}),
    Requirement.ARRIVAL: frozenset({T.RECEIPT.value}),
    Requirement.USE: frozenset({T.USAGE_REPORT.value}),
    Requirement.MONEY_BACK: frozenset({T.BANK_CONFIRMATION.value}),
    Requirement.LOSS: frozenset({T.LOSS_REPORT.value}),
    Requirement.ANY: frozenset(T.values),
}


@dataclass(frozen=True)
class Rule:
    """Vouchers of a kind, given in one of these forms, need this. `valued`: unless nobody put a value on it."""

    kind: str
    forms: frozenset[str]
    requirement: Requirement
    valued: bool = False


RULES: tuple[Rule, ...] = (
    Rule("pledge", EVERY_FORM, Requirement.ANNOUNCEMENT),
    Rule("commitment", EVERY_FORM, Requirement.PROMISE),
    Rule("disbursement", MONEY, Requirement.PAYMENT),
    Rule("disbursement", IN_KIND, Requirement.DELIVERY),
    Rule("disbursement", IN_KIND, Requirement.VALUE, valued=True),
    Rule("receipt", EVERY_FORM, Requirement.ARRIVAL),
    Rule("expenditure", EVERY_FORM, Requirement.USE),
    Rule("refund", MONEY, Requirement.MONEY_BACK),
    Rule("refund", IN_KIND, Requirement.ARRIVAL),
    Rule("write_off", EVERY_FORM, Requirement.LOSS),
    Rule("reversal", EVERY_FORM, Requirement.ANY),
    Rule("batch", EVERY_FORM, Requirement.ANY),  # the uploaded file itself
)


def required(kind: str, form: str, valuation_basis: str) -> list[Requirement]:
    """What a voucher of this kind, form and basis must rest on; each of them needs a document of its own."""
    unvalued = valuation_basis == ValuationBasis.UNVALUED
    return [
        rule.requirement
        for rule in RULES
        if rule.kind == kind and form in rule.forms and not (rule.valued and unvalued)
    ]
