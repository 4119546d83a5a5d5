"""A page costs the same for one row and a thousand, and hostile words stay words. The rows are put on the shelf
directly: no action would take a thousand payments to the public in a second."""

from datetime import date

import pytest

from tests.public import shelf
from tracker.publishing.content.cells import Row, cells_of

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture
def cost(client, count_queries):
    def run(address: str) -> int:
        def get() -> None:
            response = client.get(address)
            assert response.status_code == 200
            if response.streaming:
                b"".join(response)

        return count_queries(get)

    return run


@pytest.mark.thorough
def test_a_page_of_25_and_a_page_of_1000_payments_cost_the_same_queries(cost):
    rows = [shelf.payment(entry=n, withheld=["payee"] if n % 2 else []) for n in range(1000)]
    program = shelf.put_program(*rows)
    shelf.put_finding(payments=[(rows[0].subject, program.uid)], programs=[program.uid])
    for room in ("transactions", "withheld"):
        address = f"/programs/{program.uid}/{room}/?per_page="
        assert cost(f"{address}25") == cost(f"{address}1000") <= 8
    assert cost(f"/programs/{program.uid}/transactions/?format=csv") <= 6


def test_a_program_with_much_on_it_costs_no_more_queries_than_one_with_little(cost):
    bare = shelf.put_program()
    shelf.put_finding(programs=[bare.uid])
    rows = [shelf.payment(entry=n) for n in range(30)]
    rich = shelf.put_program(*rows)
    for number in range(5):
        named = [(row.subject, rich.uid) for row in rows[number : number + 3]]
        shelf.put_finding(
            shelf.recommendation(1), shelf.recommendation(2), payments=named, programs=[rich.uid]
        )
    for _ in range(3):
        shelf.put_report(rich)

    assert cost(f"/programs/{rich.uid}/") == cost(f"/programs/{bare.uid}/") <= 10


@pytest.mark.thorough
def test_the_overview_and_the_lists_cost_the_same_however_much_is_public(cost):
    def public(number: int) -> None:
        for _ in range(number):
            program = shelf.put_program(shelf.payment())
            shelf.put_finding(shelf.recommendation(), programs=[program.uid])
            shelf.put_report(program)

    pages = ("/", "/programs/", "/findings/", "/reports/")
    public(1)
    few = [cost(page) for page in pages]
    public(6)

    assert [cost(page) for page in pages] == few


def test_hostile_words_are_shown_as_words_on_every_page(client):
    said = {"title": HOSTILE, "summary": HOSTILE}
    figure = cells_of(
        label=HOSTILE, kind="text", words=HOSTILE, citation=HOSTILE, grade="B", note=HOSTILE,
        source_url="javascript:alert(1)", qualifier=None,
    )  # fmt: skip
    payment = shelf.payment(payee=HOSTILE, description=HOSTILE, receiver=HOSTILE)
    program = shelf.put_program(
        payment,
        Row("figure", payment.subject, figure),
        **said,
        gaps=[HOSTILE],
        parties=[("donor", HOSTILE)],
    )
    finding = shelf.put_finding(
        shelf.recommendation(text=HOSTILE, owner=HOSTILE, state_label=HOSTILE),
        payments=[(payment.subject, program.uid)], programs=[program.uid], title=HOSTILE,
        office=HOSTILE, criteria=HOSTILE, condition=HOSTILE, engagement=HOSTILE,
    )  # fmt: skip
    report = shelf.put_report(
        program, title=HOSTILE, sections=[{"heading": HOSTILE, "body": HOSTILE}]
    )
    room = f"/programs/{program.uid}/"
    for path in ("/", "/programs/", "/findings/", "/reports/", room, f"{room}transactions/",
                 f"{room}withheld/", f"/findings/{finding.uid}/", f"/reports/{report.uid}/"):  # fmt: skip
        page = client.get(path).content.decode()
        assert "&lt;script&gt;" in page, path
        assert "<script" not in page and "<img" not in page, path
        assert "javascript:" not in page, path


def test_a_formula_in_a_released_text_gets_an_apostrophe_in_the_file(client):
    program = shelf.put_program(shelf.payment(description=FORMULA))

    text = b"".join(client.get(f"/programs/{program.uid}/transactions/?format=csv")).decode()

    assert f"'{FORMULA}" in text


def test_a_withheld_amount_is_in_no_total_and_is_said_to_be_missing(client):
    program = shelf.put_program(
        shelf.payment("commitment", shelf.usd(1000)),
        shelf.payment("disbursement", shelf.usd(300)),
        shelf.payment("disbursement", shelf.usd(77), withheld=["amount"]),
    )

    page = client.get(f"/programs/{program.uid}/").content.decode()

    assert "300.00" in page and "377.00" not in page and "77.00" not in page
    assert "1 more row is public without its amount" in page


def test_two_currencies_are_two_lines_and_never_a_sum(client):
    program = shelf.put_program(
        shelf.payment("commitment", shelf.usd(1000)),
        shelf.payment("commitment", shelf.Money(200000, "EUR")),
    )

    page = client.get(f"/programs/{program.uid}/").content.decode()

    assert page.count('<ol class="line"') == 2
    assert "3,000.00" not in page


def test_refunds_are_taken_off_what_was_disbursed(client):
    program = shelf.put_program(
        shelf.payment("commitment", shelf.usd(1000)),
        shelf.payment("disbursement", shelf.usd(400)),
        shelf.payment("refund", shelf.usd(150)),
    )

    page = client.get(f"/programs/{program.uid}/").content.decode()

    assert "250.00" in page
    assert "750.00 USD committed and not disbursed" in page
    assert "was paid back" in page


def test_a_fiscal_year_between_two_others_has_a_place_and_no_bar(client):
    program = shelf.put_program(
        *(shelf.payment(fiscal_year=year, value_date=date(year, 3, 1)) for year in (2022, 2024))
    )

    page = client.get(f"/programs/{program.uid}/").content.decode()

    assert "FY2023" in page
    assert 'class="missing"' in page


@pytest.mark.parametrize(
    "days, closed, state, said, tone",
    [
        (41, False, "open_resolved", "41 days overdue", "bad"),
        (1, False, "open_resolved", "1 day overdue", "bad"),
        (0, False, "open_resolved", "open, agreed", "warn"),
        (0, True, "closed_implemented", "closed, implemented and verified", "good"),
        (0, True, "closed_not_implemented", "closed, not implemented", ""),
    ],
)
def test_a_recommendation_wears_its_state(client, days, closed, state, said, tone):
    finding = shelf.put_finding(shelf.recommendation(state=state, overdue=days, closed=closed))

    page = client.get(f"/findings/{finding.uid}/").content.decode()

    assert f'<span class="badge {tone}"' in page
    assert said in page


@pytest.mark.parametrize(
    "verification, achievement, actual, said",
    [
        ("verified", "100", "12", "Reached"),
        ("verified", "93.4", "12", "Nearly reached, 93 %"),
        ("verified", "70", "12", "On the way, 70 %"),
        ("verified", "69.9", "12", "Behind, 69 %"),
        ("verified", None, "12", "Verified, no target to compare with"),
        ("self_reported", "100", "12", "By the recipient&#x27;s account, 100 % of the way"),
        ("not_verified", "100", "12", "Not verified, 100 % of the way"),
        ("verified", None, None, "No measurement"),
    ],
)
def test_an_indicator_is_rated_by_who_verified_it(client, verification, achievement, actual, said):
    cells = cells_of(
        title="Teams", unit="teams", direction="up", objective=None, baseline="0", target="12",
        actual=actual, measured_on=None, verification=verification, achievement=achievement,
    )  # fmt: skip
    program = shelf.put_program(Row("indicator", shelf.uuid4(), cells))

    assert said in client.get(f"/programs/{program.uid}/").content.decode()
