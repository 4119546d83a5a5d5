"""What waits between dispatch and receipt: the recipient's word, explanations, answers, write-offs."""

from datetime import date

from tracker.accounts.models import User
from tracker.dashboards import addresses
from tracker.dashboards.queries.items import (
    Group,
    Item,
    days_since,
    due_on,
    group_of,
    say_amount,
    say_day,
    waited,
)
from tracker.ledger import queries
from tracker.ledger.models import Discrepancy, Transaction


def to_state(user: User, day: date) -> Group:
    """Dispatches that wait for the representative's word: until it is given, nothing takes them off."""

    def say(row: Transaction) -> Item:
        days = days_since(row.value_date, day)
        worth = "unvalued" if row.amount is None else say_amount(row.amount)
        name = row.text.reference or "without reference"
        why = (
            f"{row.program.title} · from {row.program.owner.label}, {say_day(row.value_date)} · "
            "what you state is recorded at once; a difference stays open until it is settled"
        )
        what = f"State what arrived of {name}: {worth}"
        return Item(what, addresses.of_dispatch(row.uid), why, *waited(days), days)

    title = "Dispatches that wait for your word"
    rows = queries.waiting_for_word_of(user)
    return group_of(title, rows, say, f"{addresses.DISPATCHES}?word=mine")


def _item(verb: str, row: Discrepancy, day: date, follows: str) -> Item:
    worth = "" if row.amount is None else f" of {say_amount(row.amount)}"
    name = row.about.text.reference or "without reference"
    what = f"{verb}: {row.get_kind_display()}{worth}, {name}"
    why = f"{row.about.program.title} · opened on {say_day(row.opened_on)} · {follows}"
    late = row.days_overdue(day)
    return Item(what, addresses.of_discrepancy(row.uid), why, *due_on(row.due_on, day), late)


def to_answer(user: User, day: date) -> Group:
    """Explanations of the donor's side, for the recipient's answer."""

    def say(row: Discrepancy) -> Item:
        return _item("Accept or dispute", row, day, "an explanation counts once you accept it")

    rows = queries.to_answer(user)
    return group_of("Explanations to answer", rows, say, f"{addresses.DISCREPANCIES}?clock=answer")


def to_settle(user: User, day: date) -> Group:
    """Unsettled discrepancies of the officer's programs, the first due first."""

    def say(row: Discrepancy) -> Item:
        if row.state.proposal is not None:
            return _item("Answer the explanation", row, day, "it counts once you accept it")
        follows = "explain it, or declare it a loss"
        return _item("Settle", row, day, follows)

    title, rows = "Discrepancies to settle", queries.to_settle(user)
    return group_of(title, rows, say, f"{addresses.DISCREPANCIES}?clock=unsettled")


def to_write_off(user: User, day: date) -> Group:
    """Declared losses whose write-off is not named yet."""

    def say(row: Discrepancy) -> Item:
        days = days_since(row.state.since, day)
        what = f"Name the write-off: {row.about.text.reference or 'without reference'}"
        why = f"{row.about.program.title} · declared a loss on {say_day(row.state.since)}"
        where = addresses.of_discrepancy(row.uid)
        return Item(what, where, why, *waited(days), days)

    title, rows = "Losses without their write-off", queries.to_write_off(user)
    return group_of(title, rows, say, f"{addresses.DISCREPANCIES}?clock=write_off")
