"""After any sequence of actions the kept sums are the sums of the rows, and no ceiling is exceeded."""

from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.factories import ledger as make
from tests.factories.programs import make_program
from tracker.journal import projections
from tracker.ledger import actions, queries
from tracker.ledger.models import AuthorityYear, Transaction
from tracker.shared.errors import Refused

YEARS = (2024, 2025)
CENTS = st.integers(min_value=1, max_value=90_000)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["commit", "commit", "pay", "reverse", "raise", "lower"]),
        CENTS,
        st.sampled_from(YEARS),
        st.integers(min_value=0, max_value=30),
    ),
    min_size=1,
    max_size=10,
)


def _amount(cents):
    return make.money(f"{cents // 100}.{cents % 100:02}")


def _take(program, authority, step):
    what, cents, year, which = step
    in_force = list(Transaction.objects.filter(authority=authority).in_force().order_by("pk"))
    commitments = [row for row in in_force if row.kind == "commitment"]
    if what == "commit":
        day = date(year, 3, 1)
        make.make_commitment(program, _amount(cents), authority=authority, value_date=day)
    elif what == "pay" and commitments:
        chosen = commitments[which % len(commitments)]
        make.make_disbursement(chosen, _amount(cents), authority=authority)
    elif what == "reverse" and in_force:
        make.make_reversal(in_force[which % len(in_force)])
    elif what in ("raise", "lower"):
        make.confirm(make.propose(authority, what, _amount(cents), year))


@pytest.mark.thorough
@pytest.mark.django_db
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(steps=STEPS)
def test_any_sequence_of_actions_keeps_the_sums_and_the_ceilings(steps):
    with transaction.atomic():
        program = make_program()
        authority = make.make_authority(program.owner)
        for year in YEARS:
            make.set_ceiling(authority, "1000.00", year)
        for step in steps:
            try:
                with transaction.atomic():
                    _take(program, authority, step)
            except Refused:
                pass  # a refusal leaves nothing behind: the sums below say so
            _check(authority)
        differences = list(projections.differences(erased=lambda entry: False, only=RECKONED))
        assert differences == []
        transaction.set_rollback(True)


RECKONED = {"year of an authority", "balance", "turnover"}


def _check(authority):
    kept = queries.years_of(authority)
    assert kept == [line for year in reversed(YEARS) for line in queries.headroom(authority, year)]
    for year in AuthorityYear.objects.filter(authority=authority):
        assert 0 <= year.disbursed.minor <= year.committed.minor <= year.ceiling.minor


def test_a_refused_step_is_noticed_by_these_checks():
    """The properties can fail: a sum that is wrong by a cent is a difference."""
    program = make_program()
    authority = make.make_authority(program.owner)
    make.set_ceiling(authority, "1000.00")
    make.make_commitment(program, "5.00", authority=authority)
    AuthorityYear.objects.filter(authority=authority).update(committed=501)

    with pytest.raises(AssertionError):
        assert queries.years_of(authority) == queries.headroom(authority, 2024)
    found = projections.differences(erased=lambda entry: False, only={"year of an authority"})
    assert [d.record for d in found] == [authority.uid]
    assert actions  # every write above went through them
