"""Replacement cost was recorded where net book value was right (DODIG-2024-095; announced on 20 June 2023).

2.6 billion too much in FY2022, 3.6 billion in FY2023: 6.2 billion net. Ceilings are 11 and 14.5 billion. Nothing is
reversed and nothing edited: two revaluations, each proposed by one person and confirmed by another.
"""

from datetime import date

import pytest

from tests.factories import ledger as make
from tests.factories import valuation as goods
from tests.factories.accounts import make_organisation, sign_in
from tests.factories.programs import make_program
from tracker.journal import projections
from tracker.ledger import queries
from tracker.ledger.models import Revaluation, Transaction
from tracker.shared.calendars import US_FEDERAL_ERAS
from tracker.shared.errors import Refused

pytestmark = pytest.mark.thorough
MILLION = "000000.00"
# Fiscal year, ceiling, recorded at replacement cost, net book value; in millions.
YEARS = ((2022, 11_000, 10_000, 7_400), (2023, 14_500, 14_000, 10_400))


@pytest.fixture
def program():
    return make_program(owner=make_organisation(fiscal_eras=US_FEDERAL_ERAS))


def recorded(program, authority):
    """One package a year, valued at replacement cost, half of it sent."""
    packages = []
    for year, ceiling, wrong, _ in YEARS:
        make.set_ceiling(authority, f"{ceiling}{MILLION}", year)
        day = {"value_date": date(year, 6, 1), "valuation_date": date(year, 6, 1)}
        package = goods.make_goods(
            program, amount=f"{wrong}{MILLION}", authority=authority, reference=f"PDA-{year}", **day
        )
        goods.draw(package, "disbursement", f"{wrong // 2}{MILLION}", **day)
        packages.append(package)
    return packages


def left_under(authority):
    years = {year.fiscal_year: year for year in queries.years_of(authority)}
    for year, *_ in YEARS:
        assert queries.headroom(authority, year) == [years[year]]
    return [years[year].left.plain for year, *_ in YEARS]


def revalue(packages):
    for package, (year, *_, right) in zip(packages, YEARS, strict=True):
        said = {"reason": "Net book value is the basis of a drawdown.", "day": date(year, 6, 1)}
        goods.revalue(package, f"{right}{MILLION}", **said)


def test_the_headroom_of_both_years_is_reckoned_anew_and_both_figures_stay(program, client):
    authority = make.make_authority(program.owner, kind="drawdown")
    packages = recorded(program, authority)
    assert left_under(authority) == [f"1000{MILLION}", f"500{MILLION}"]
    with pytest.raises(Refused, match="is left under the ceiling"):
        goods.make_goods(
            program, amount=f"1500{MILLION}", authority=authority, value_date=date(2022, 9, 30)
        )

    revalue(packages)

    assert left_under(authority) == [f"3600{MILLION}", f"4100{MILLION}"]
    differences = [one.difference.minor for one in Revaluation.objects.order_by("pk")]
    assert differences == [-260_000_000_000, -360_000_000_000]
    assert sum(differences) == -make.money(f"6200{MILLION}").minor
    assert [t.amount.plain for t in Transaction.objects.filter(kind="commitment")] == [
        f"10000{MILLION}",
        f"14000{MILLION}",
    ]
    assert not Transaction.objects.exclude(reverses=None).exists()

    sign_in(client, make.officer_of(program))
    page = client.get(f"/desk/authorities/{authority.uid}/").content.decode()
    for figure in (
        "−2,600,000,000.00",
        "−3,600,000,000.00",
        "1,000,000,000.00",
        "3,600,000,000.00",
    ):
        assert figure in page
    listed = client.get("/desk/revaluations/").content.decode()
    assert "−6,200,000,000.00" in listed
    assert "−3,100,000,000.00" in listed  # of what was sent: half of it


def test_the_freed_headroom_can_be_committed_to_the_last_cent_and_no_further(program):
    authority = make.make_authority(program.owner, kind="drawdown")
    revalue(recorded(program, authority))
    day = {"value_date": date(2022, 9, 30), "authority": authority}
    with pytest.raises(Refused, match=r"Only 3,600,000,000\.00 USD is left"):
        goods.make_goods(program, amount="3600000000.01", **day)

    goods.make_goods(program, amount=f"3600{MILLION}", **day)

    assert left_under(authority)[0] == "0.00"
    assert not list(projections.differences(erased=lambda entry: False))
