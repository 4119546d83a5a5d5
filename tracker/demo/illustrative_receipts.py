"""What the illustrative program's recipient says of the dispatches: one confirmed, one short, one damaged, others open."""

from datetime import date

from django.core.files.base import ContentFile

from tracker.demo.people import Cast
from tracker.ledger import actions
from tracker.ledger.models import Discrepancy, Statement, Transaction, Verdict
from tracker.ledger.policies import Word
from tracker.shared.money import Money

NOTE = "Illustrative delivery note. Nothing was delivered.\n"


def receive(cast: Cast, payments: dict[str, Transaction]) -> None:
    """The representative speaks; one explanation waits for the officer, one loss for its write-off."""
    state(cast, payments["simulator"], Word(Verdict.CONFIRMED, arrived_on=date(2025, 5, 20)))
    _rest_comes_later(cast, payments["vehicles"])
    _part_is_damaged(cast, payments["stores"])


def state(cast: Cast, about: Transaction, word: Word) -> Statement:
    """The representative's word about a dispatch or a receipt."""
    note = actions.NewFile(ContentFile(NOTE.encode()), "delivery-note.txt", "text/plain")
    return actions.give_word(about=about, word=word, file=note, by=cast.representative)


def _rest_comes_later(cast: Cast, vehicles: Transaction) -> None:
    short = Word(
        Verdict.SHORT,
        amount=Money.of("1820000.00", "USD"),
        arrived_on=date(2025, 10, 3),
        remark="Twenty-three of twenty-four vehicles came off the ship.",
    )
    discrepancy = Discrepancy.objects.get(statement=state(cast, vehicles, short))
    rest = state(cast, vehicles, Word(Verdict.CONFIRMED, arrived_on=date(2025, 11, 14)))
    why = "The last vehicle came six weeks later, with the next ship."
    step = actions.NewStep(why, Transaction.objects.get(statement=rest))
    actions.explain_discrepancy(discrepancy=discrepancy, step=step, by=cast.representative)


def _part_is_damaged(cast: Cast, stores: Transaction) -> None:
    damaged = Word(
        Verdict.DAMAGED,
        amount=Money.of("214380.40", "EUR"),
        damaged_amount=Money.of("6200.00", "EUR"),
        arrived_on=date(2025, 10, 21),
        remark="Two crates of dressings were soaked.",
    )
    discrepancy = Discrepancy.objects.get(statement=state(cast, stores, damaged))
    step = actions.NewStep("The dressings cannot be used, and the supplier does not replace them.")
    actions.declare_loss(discrepancy=discrepancy, step=step, by=cast.second_officer)
