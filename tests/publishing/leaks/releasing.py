"""Releases that are not public: prepared, given up, under an embargo, taken back, taken down; payments that wait.

The rows of a frozen release lie in the release tables before its moment and after it was taken back: whoever reads the
tables finds them, and no page leads there. Their markers say so by their place (`FROZEN`).
"""

from datetime import timedelta

from tests.factories import ledger, publishing
from tests.factories.programs import make_program
from tests.publishing.leaks.marks import Marks
from tracker.programs.models import Program
from tracker.publishing import actions as publish
from tracker.shared.clock import database_now

FROZEN = "frozen: "  # how the place of a marker begins that only tables may hold
BEFORE = "Before that"


def releases(marks: Marks) -> None:
    prepared(marks)
    embargoed(marks)
    taken_back(marks)
    delayed(marks)


def pay(program: Program, marks: Marks, amount: str, where: str) -> None:
    ledger.make_commitment(
        program, marks.money(amount, where), description=f"For {marks.text(where)}"
    )


def prepared(marks: Marks) -> None:
    """Put together and explained, then given up; put together again, and left so."""
    program = make_program(title="Public, with unpublished changes")
    ledger.make_commitment(program, "100.00", description=BEFORE)
    publishing.publish(program)
    pay(program, marks, "3817462.59", "a payment of what is prepared")
    for drop in (True, False):
        preparation = publishing.prepare(program)
        publishing.explain(preparation, f"Since {marks.text('DifferenceExplained.sentence')}")
        if drop:
            by = publishing.another_than(preparation.prepared_by, program)
            publish.drop_preparation(preparation=preparation, reason="It is too early.", by=by)


def embargoed(marks: Marks) -> None:
    """A first release and a second one whose moment has not come."""
    soon = database_now() + timedelta(days=40)
    first = make_program(title=f"Later {marks.text(f'{FROZEN}title, embargoed')}")
    pay(first, marks, "2746183.95", f"{FROZEN}a payment, embargoed")
    publishing.publish(first, public_from=soon)
    marks.word(str(first.uid), f"{FROZEN}Program.uid, embargoed")
    second = make_program(title="Public, with an embargo on what follows")
    ledger.make_commitment(second, "100.00", description=BEFORE)
    publishing.publish(second)
    pay(second, marks, "6482917.35", f"{FROZEN}a payment, embargoed second")
    publishing.publish(second, public_from=soon)


def taken_back(marks: Marks) -> None:
    """A release that two persons took back while an older one stands; one that a single person took down."""
    for n, back in enumerate((publishing.take_back, publishing.take_down)):
        program = make_program(title=f"Public again, number {n}")
        ledger.make_commitment(program, "100.00", description=BEFORE)
        publishing.publish(program)
        pay(program, marks, f"5{n}71938.42", f"{FROZEN}a payment, {back.__name__}")
        back(publishing.publish(program))


def delayed(marks: Marks) -> None:
    """A payment that is younger than the program's delay: it is in no release yet."""
    program = make_program(title="Public, with a delay")
    publishing.delay(program, 30)
    commitment = ledger.make_commitment(program, "9000000.00", description="Waits, too")
    ledger.make_disbursement(
        commitment,
        marks.money("1928374.65", "a payment that waits"),
        payee=f"Depot {marks.text('a payment that waits')}",
    )
    publishing.publish(program)
