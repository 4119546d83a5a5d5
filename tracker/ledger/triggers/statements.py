"""The recipient's statements: what the database itself refuses to record, and what it lets them post."""

from tracker.ledger.triggers.names import (
    APPROVAL,
    BALANCE,
    EDIT,
    STATEMENT,
    TRANSACTION,
    VERSION,
    same,
)
from tracker.shared.triggers import Forbid, Trigger

ABOUT = f"SELECT 1 FROM {TRANSACTION} t WHERE t.id = NEW.about_id"
_LEFT = f"SELECT b.value - b.drawn FROM {BALANCE} b WHERE b.transaction_id = NEW.about_id"


def quantity_left(about: str) -> str:
    """What of a dispatched quantity nothing accounts for; null where none was dispatched or stated."""
    return (
        f"(SELECT d.quantity - COALESCE((SELECT SUM(r.quantity) FROM {TRANSACTION} r "
        f"WHERE r.draws_on_id = d.id), 0) FROM {TRANSACTION} d WHERE d.id = {about})"
    )


def had_a_hand(person: str, transaction: str) -> str:
    """Somebody edited or approved the voucher that a transaction came from."""
    of = f"SELECT 1 FROM {TRANSACTION} t JOIN {VERSION} v ON v.id = t.version_id"
    return (
        f"EXISTS ({of} JOIN {EDIT} e ON e.voucher_id = v.voucher_id "
        f"WHERE t.id = {transaction} AND e.person_id = {person}) "
        f"OR EXISTS ({of} JOIN {APPROVAL} a ON a.version_id = v.id "
        f"WHERE t.id = {transaction} AND a.approver_id = {person})"
    )


# Is what arrived less, as much, or more than what is left? A figure that is not stated tells nothing.
_COMPARED = "({0} IS NOT NULL AND {0} {2} {1})"


def _compares(sign: str) -> str:
    amount = _COMPARED.format("NEW.amount", f"({_LEFT})", sign)
    quantity = _COMPARED.format("NEW.quantity", quantity_left("NEW.about_id"), sign)
    return f"({amount} OR {quantity})"


_NO_FIGURES = "(NEW.amount IS NULL AND NEW.quantity IS NULL)"

STATED: list[Trigger] = [
    Forbid(
        "statement_about_what_it_can_be_about",
        STATEMENT,
        "statement_about_what_it_can_be_about: an arrival is of a dispatch, a use of a receipt, in force",
        f"NOT EXISTS ({ABOUT} AND t.reverses_id IS NULL AND t.kind = "
        "CASE WHEN NEW.verdict = 'used' THEN 'receipt' ELSE 'disbursement' END) "
        f"OR EXISTS (SELECT 1 FROM {TRANSACTION} r WHERE r.reverses_id = NEW.about_id)",
    ),
    Forbid(
        "statement_in_the_measures_of_the_dispatch",
        STATEMENT,
        "statement_in_the_measures_of_the_dispatch: in its currency and unit, unvalued where that is",
        f"NOT EXISTS ({ABOUT} AND t.currency = NEW.currency AND t.unit = NEW.unit AND "
        "(t.quantity IS NOT NULL OR NEW.quantity IS NULL) AND "
        "(NEW.verdict = 'disputed' OR (t.amount IS NULL) = (NEW.amount IS NULL)))",
    ),
    Forbid(
        "statement_fits_its_figures",
        STATEMENT,
        "statement_fits_its_figures: confirmed is what is left, short is less, surplus is more",
        f"(NEW.verdict = 'confirmed' AND {_compares('<>')}) "
        f"OR (NEW.verdict = 'short' AND NOT {_NO_FIGURES} AND NOT {_compares('<')}) "
        f"OR (NEW.verdict = 'surplus' AND NOT {_NO_FIGURES} AND NOT {_compares('>')})",
    ),
    Forbid(
        "statement_never_by_who_dispatched",
        STATEMENT,
        "statement_never_by_who_dispatched: who drafted or approved a payment does not confirm its arrival",
        had_a_hand("NEW.stated_by_id", "NEW.about_id"),
    ),
    Forbid(
        "transaction_is_what_was_stated",
        TRANSACTION,
        "transaction_is_what_was_stated: it differs from what the recipient stated",
        "(NEW.provenance = 'reported') <> (NEW.statement_id IS NOT NULL) "
        "OR (NEW.statement_id IS NOT NULL AND NOT EXISTS "
        f"(SELECT 1 FROM {STATEMENT} s JOIN {TRANSACTION} p ON p.id = s.about_id "
        "WHERE s.id = NEW.statement_id AND NEW.reverses_id IS NULL AND s.verdict <> 'disputed' "
        "AND NEW.kind = CASE WHEN s.verdict = 'used' THEN 'expenditure' ELSE 'receipt' END "
        "AND s.about_id = NEW.draws_on_id AND s.arrived_on = NEW.value_date "
        "AND p.form = NEW.form AND (NEW.amount IS NULL OR p.valuation_basis = NEW.valuation_basis) "
        "AND NEW.date_precision = 'day' AND "
        + same("s", "amount", "currency", "quantity", "unit", "delivery_point")
        + "))",
    ),
]
