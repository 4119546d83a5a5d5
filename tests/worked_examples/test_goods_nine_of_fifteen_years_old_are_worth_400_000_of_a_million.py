"""Net book value 1,000,000 · (1 − 9/15) = 400,000: recorded at replacement cost, overstated by 150 per cent."""

from decimal import Decimal

import pytest
from django.utils.html import strip_tags

from tests.factories import ledger as make
from tests.factories import valuation as goods
from tests.factories.accounts import sign_in
from tests.factories.programs import make_program
from tracker.journal import projections
from tracker.ledger import queries
from tracker.ledger.models import Balance
from tracker.ledger.valuation import overstatement

pytestmark = pytest.mark.thorough


def test_the_depreciation_is_reckoned_confirmed_and_told(client):
    program = make_program()
    authority = make.make_authority(program.owner, kind="drawdown")
    make.set_ceiling(authority, "1000000.00")
    package = goods.make_goods(program, amount="1000000.00", authority=authority)
    sent = goods.draw(package, "disbursement", "250000.00")
    assert queries.years_of(authority)[0].left.minor == 0

    goods.revalue(package, straight_line=("1000000.00", "0.00", Decimal(15), Decimal(9)))

    assert Balance.objects.get(transaction=package).value.plain == "400000.00"
    assert Balance.objects.get(transaction=sent).value.plain == "100000.00"
    assert queries.years_of(authority)[0].left.plain == "600000.00"
    assert overstatement(package.amount, make.money("400000.00")) == Decimal("150.00")
    assert not list(projections.differences(erased=lambda entry: False))

    sign_in(client, make.officer_of(program))
    page = client.get(f"/desk/transactions/{package.uid}/").content.decode()
    for words in (
        "First stated",
        "1,000,000.00",
        "replacement cost",
        "400,000.00",
        "net book value",
    ):
        assert words in page
    said = client.get(f"/desk/revaluations/{package.revaluations.get().uid}/").content.decode()
    assert "9 of 15 years" in " ".join(strip_tags(said).split())
