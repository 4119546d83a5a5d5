"""The semiannual table of findings that were really issued and decided, in random order over three years."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.audits import declare, make_engagement
from tests.factories.ledger import approver_of, money
from tests.factories.office import decide, make_audited, on_day, pay, question
from tests.worlds import staffed_program
from tracker.audits import queries
from tracker.audits.models import BetterUseKind, CostKind, Finding
from tracker.audits.policies import BetterUseLine, CostLine
from tracker.programs.models import Program
from tracker.shared.money import Money

FIRST = date(2024, 1, 1)
STEPS = st.lists(
    st.tuples(
        st.integers(0, 200),  # days until it happens
        st.sampled_from(["issue", "issue", "better", "decide", "revise"]),
        st.integers(0, 100),  # which of the findings, and which part of it
    ),
    min_size=3,
    max_size=9,
)


def build():
    program = staffed_program()
    office, _, auditor = make_audited(program)
    payment = pay(program, "1000.00")
    with on_day(FIRST):
        engagements = [make_engagement(program, lead=auditor) for _ in range(2)]
    return {
        "office": office,
        "program": program.pk,
        "payment": payment,
        "engagements": engagements,
        "approver": approver_of(program),
    }


def issue(built, number, better):
    if better:
        parts = {"better_use": [BetterUseLine(BetterUseKind.OUTLAYS, money(f"{number + 1}.00"))]}
    else:
        lines = [
            CostLine(CostKind.UNSUPPORTED, money(f"{number}.00")),
            CostLine(CostKind.VIOLATION, money("2.50")),
        ]
        parts = {"lines": lines[0 if number else 1 :]}
    engagement = built["engagements"][number % 2]
    declare(engagement)  # the yearly one ends while the years go by
    return question(engagement, built["payment"], **parts)


def settle(built, finding, part):
    """A part of what the finding questions or could be used better is granted."""
    asked = finding.questioned
    names = ("disallowed", "allowed")
    if asked is None:
        asked, names = finding.better_use.get().amount, ("agreed", "not_agreed")
    granted = Money(asked.minor * part // 100, asked.currency)
    decide(finding, built["approver"], **dict(zip(names, (granted, asked - granted), strict=True)))


def play(built, steps):
    day, findings = FIRST, []
    for days, what, number in steps:
        day += timedelta(days=days)
        with on_day(day):
            if what in ("issue", "better"):
                findings.append(issue(built, number, what == "better"))
            elif findings:
                settle(built, findings[number % len(findings)], number)
    return day


@pytest.mark.thorough
@given(steps=STEPS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_issued_and_decided_through_the_actions_balances_in_every_period(built, steps):
    from django.db import transaction

    with transaction.atomic():
        last = play(built, steps)
        half, left = queries.half_of(FIRST), {}
        while half.start <= last:
            found = queries.semiannual(built["office"], half)
            assert found.balances
            for name, tables in (("q", found.questioned), ("b", found.better_use)):
                for table in tables:
                    begun = table.row("A")
                    assert (begun.reports, begun.amount) == left.get(name, (0, Money(0, "USD")))
                    left[name] = (table.row("D").reports, table.row("D").amount)
            half = queries.half_of(half.end + timedelta(days=1))
        transaction.set_rollback(True)


def test_one_such_history_by_hand(built):
    """Issued in January and March, the first decided in May with 60 of 100: A, B, C and D of two periods."""
    assert Program.objects.filter(pk=built["program"]).exists()
    with on_day(date(2024, 1, 10)):
        first = question(
            built["engagements"][0],
            built["payment"],
            lines=[CostLine(CostKind.UNSUPPORTED, money("100.00"))],
        )
    with on_day(date(2024, 3, 31)):
        issue(built, 7, better=True)
    with on_day(date(2024, 5, 1)):
        settle(built, Finding.objects.get(pk=first.pk), 60)

    spring = queries.semiannual(built["office"], queries.half_of(date(2024, 3, 1)))
    summer = queries.semiannual(built["office"], queries.half_of(date(2024, 5, 1)))

    def amounts(table):
        return {row.letter: row.amount.minor for row in table.rows}

    assert amounts(spring.questioned[0])["D"] == 100_00
    assert spring.questioned[0].row("B").unsupported == money("100.00")
    assert amounts(summer.questioned[0]) == {
        **{"A": 100_00, "B": 0, "A+B": 100_00, "C": 100_00, "C1": 60_00, "C2": 40_00, "D": 0}
    }
    assert amounts(summer.better_use[0])["D"] == 8_00
    assert summer.balances
