"""A withheld value cannot be guessed from what stands around it: sums, counts, order, names, files.

Two programs that differ in nothing but what they withhold are published; whatever the public can read of them is the
same. What chance drew (identifiers, digests) is named by its order, as a reader would who does not know it.
"""

import json
import re
from copy import deepcopy
from datetime import date
from itertools import count

import pytest

from tests.factories import ledger, publishing, results
from tests.factories.accounts import make_organisation
from tests.factories.programs import make_program
from tests.publishing.leaks.matcher import UUID
from tests.publishing.leaks.reader import pieces_of
from tracker.accounts.models import Organisation
from tracker.programs.actions import Participant
from tracker.publishing.content import files
from tracker.publishing.models import PublishedProgram, PublishedTotal, Release, ReleaseItem

_numbers = count(10_001)
DRAWN = re.compile(rf"{UUID}|PRO-\d+|\b[0-9a-f]{{64}}\b")
SMALL = {
    "amount": "1.17",
    "payee": "Abel",
    "reference": "A-1",
    "description": "Ammunition",
    "value_date": date(2024, 3, 2),
}
LARGE = {
    "amount": "912345.68",
    "payee": "Zoe and sons, limited",
    "reference": "Z-999999",
    "description": "Zinc, by far the most of all",
    "value_date": date(2024, 11, 30),
}
COVERED = (*SMALL, "provider", "receiver")


def office(name: str) -> Organisation:
    """The same one for both programs."""
    return Organisation.objects.filter(name=name).first() or make_organisation(name)


def make_published(**said):
    """A payment that withholds all it says, between two that state everything."""
    donor, recipient = office("Donor"), office("Recipient")
    program = make_program(
        owner=donor,
        title="A program",
        identifier=f"PRO-{next(_numbers)}",
        participants=[Participant(donor, "donor"), Participant(recipient, "recipient")],
    )
    commitment = ledger.make_commitment(program, "1000000.00")
    ledger.make_disbursement(commitment, "500.00", payee="Miller", description="Before")
    hidden = ledger.make_disbursement(commitment, **said)
    ledger.make_disbursement(commitment, "600.00", payee="Miller", description="After")
    for field in COVERED:
        publishing.withhold(program, "transaction", field, hidden.uid)
    publishing.publish(program)
    return PublishedProgram.objects.get(uid=program.uid)


def build():
    """Once for all tests: the two programs that most of them compare."""
    return make_published(**SMALL), make_published(**LARGE)


@pytest.fixture
def pair(built):
    return deepcopy(built)


def measured(value):
    """An indicator whose measurement is withheld, and with it what part of the target it is."""
    program = make_program(
        owner=office("Donor"),
        recipient=office("Recipient"),
        title="A program",
        identifier=f"PRO-{next(_numbers)}",
    )
    indicator = results.make_indicator(program=program, title="Medics")
    results.make_target(indicator, "100")
    found = results.make_measurement(indicator, value)
    publishing.withhold(program, "measurement", "value", found.uid)
    publishing.publish(program)
    return PublishedProgram.objects.get(uid=program.uid)


def by_order(text: str) -> str:
    """The same text with each drawn name replaced by its number, and without the numbers of entries."""
    seen: dict[str, str] = {}
    named = DRAWN.sub(lambda m: seen.setdefault(m[0], f"#{len(seen)}"), text)
    return re.sub(r'("entry"|"journal_size"): (\{[^}]*\}|\d+)', r"\1", named)


def rows_of(published) -> str:
    items = ReleaseItem.objects.filter(release=published.release).order_by("kind", "position")
    rows = [(i.kind, str(i.row.subject), i.row.cells) for i in items.select_related("row")]
    return by_order(json.dumps(rows, indent=1))


def differing(first: str, second: str) -> list[tuple[str, str]]:
    pairs = zip(first.splitlines(), second.splitlines(), strict=False)
    return [(a, b) for a, b in pairs if a != b][:5]


def test_released_rows_do_not_depend_on_what_is_withheld(pair):
    one, other = map(rows_of, pair)

    assert differing(one, other) == []
    assert one == other


def test_released_results_do_not_depend_on_a_withheld_measurement():
    assert rows_of(measured("1")) == rows_of(measured("99.5"))


def test_no_sum_holds_a_withheld_amount(pair):
    """The Bad input “guessed through sums”: a total is what the visible rows come to, to the cent."""
    _, published = pair

    totals = PublishedTotal.objects.filter(program=published, kind="disbursement")

    assert [total.amount.plain for total in totals] == ["1100.00"]
    assert [total.withheld_rows for total in totals] == [1]
    assert [total.withheld_amount for total in totals] == [None]


def test_counts_are_of_rows_and_tell_no_value(pair):
    one, other = pair

    def counts(published):
        items = ReleaseItem.objects.filter(release=published.release)
        fields = ("rows", "withheld_rows", "fiscal_year", "kind")
        return (
            sorted(items.values_list("kind", "position")),
            sorted(published.totals.values_list(*fields)),
            published.fields_withheld,
        )

    assert counts(one) == counts(other)


def test_released_rows_stand_in_the_order_of_the_journal(pair):
    """Not in that of the days or amounts, which would tell the hidden one's place among them."""
    for published in pair:
        items = published.release.items.filter(kind="transaction")
        entries = [i.row.cells["entry"]["value"] for i in items.order_by("position")]

        assert entries == sorted(entries)


def subjects_of(published, kind):
    items = published.release.items.filter(kind=kind)
    return [item.row.subject for item in items.order_by("position").select_related("row")]


def test_released_measurements_stand_in_the_order_of_the_journal(client):
    """The hidden one lies between the others, and was recorded after them."""
    indicator = results.make_indicator()
    program = indicator.program
    days = [date(2025, 3, 3), date(2025, 3, 1), date(2025, 3, 2)]
    found = [
        results.make_measurement(indicator, n, measured_on=day, source=f"Register {n}")
        for n, day in enumerate(days)
    ]
    publishing.withhold(
        program,
        "measurement",
        "measured_on",
        found[2].uid,
        stand_in={"kind": "month", "value": "2025-03"},
    )
    publishing.publish(program)

    published = PublishedProgram.objects.get(uid=program.uid)
    assert subjects_of(published, "measurement") == [one.uid for one in found]
    page = client.get(f"/programs/{program.uid}/").content.decode()
    assert re.findall(r"Register \d", page) == ["Register 1", "Register 0", "Register 2"]


def test_an_indicator_whose_title_is_withheld_does_not_stand_where_its_title_would():
    program = make_program()
    titles = ("Zinc", "Amber", "Medics", "Flour", "Bread")
    found = {one: results.make_indicator(program=program, title=one) for one in titles}
    for hidden in ("Medics", "Bread"):
        publishing.withhold(program, "indicator", "title", found[hidden].uid)
        results.make_measurement(found[hidden], 1)
    report = publishing.make_report_at("published", program)

    published = PublishedProgram.objects.get(uid=program.uid)
    assert published.release == report.release
    expected = [found[one].uid for one in ("Amber", "Flour", "Zinc", "Medics", "Bread")]
    assert subjects_of(published, "indicator") == expected
    assert subjects_of(published, "report_indicator") == expected


def test_names_of_files_say_nothing_but_which_release(client, pair):
    _, published = pair
    page = f"/programs/{published.uid}/"

    for address in (f"{page}transactions.csv", f"{page}transactions/?format=csv"):
        name = client.get(address)["Content-Disposition"].partition("filename=")[2].strip('"')
        assert re.fullmatch(rf"{published.uid}-release-1-transactions\.csv|[\w-]+\.csv", name)
        assert not any(str(value) in name for value in LARGE.values())


def test_files_do_not_depend_on_a_withheld_value(pair):
    """Names, and the bytes of the table but for what chance drew."""
    one, other = (published.release for published in pair)

    assert [f.name for f in one.files.all()] == [f.name for f in other.files.all()]
    assert _table(one) == _table(other)


def _table(release: Release) -> list[str]:
    items = release.items.filter(kind="transaction").order_by("position").select_related("row")
    lines = files.transaction_lines((i.row.subject, i.row.cells) for i in items)
    text = "".join(p.text for line in lines for p in pieces_of("line", line, "text/csv"))
    return re.sub(r",\d+,(?=[\d.]*,(?:USD)?,)", ",", by_order(text)).splitlines()


# --- Lists: searched, filtered and sorted ------------------------------------


def test_a_search_for_a_withheld_text_finds_nothing(client, pair):
    _, published = pair
    page = f"/programs/{published.uid}/transactions/"

    assert "After" in client.get(page, {"q": "After"}).content.decode()
    for words in ("Zoe and sons, limited", "zoe", "Zinc, by far", "Z-999999", "912345"):
        answer = client.get(page, {"q": words, "format": "csv"})
        raw = b"".join(answer) if answer.streaming else answer.content
        assert len(raw.decode().strip().splitlines()) == 1, words


@pytest.mark.usefixtures("pair")
def test_no_public_list_is_searched_by_what_is_withheld(client):
    for address in ("/programs/", "/findings/", "/audits/", "/reports/"):
        for words in ("Zoe", "Zinc", "912345.68", "Z-999999"):
            assert "A program" not in client.get(address, {"q": words}).content.decode()


SORTS = ("amount", "payee", "description", "value_date", "receiver", "kind", "proof")


def test_sorting_puts_a_withheld_row_where_its_value_does_not_matter(client, pair):
    one, other = pair

    for sort in (*SORTS, *(f"-{name}" for name in SORTS)):
        found = _sorted(client, one, sort)
        assert found == _sorted(client, other, sort), sort
        assert len(found) == 4


def _sorted(client, published, sort: str) -> list[int]:
    """The positions, in the release, of the rows that a list shows."""
    page = client.get(f"/programs/{published.uid}/transactions/", {"sort": sort}).content.decode()
    items = published.release.items.filter(kind="transaction").select_related("row")
    place = {str(item.row.subject): item.position for item in items}
    return [place[uid] for uid in re.findall(rf'id="row-({UUID})"', page)]


@pytest.mark.thorough
def test_two_withheld_rows_keep_the_order_of_the_journal_whatever_the_list_is_sorted_by(client):
    """The first is the larger one in one program, and the smaller one in the other."""
    orders = []
    for pair in ((SMALL, LARGE), (LARGE, SMALL)):
        program = make_program(owner=office("Donor"), title="A program")
        commitment = ledger.make_commitment(program, "1000000.00")
        hidden = [ledger.make_disbursement(commitment, **said) for said in pair]
        for payment in hidden:
            for field in COVERED:
                publishing.withhold(program, "transaction", field, payment.uid)
        publishing.publish(program)
        published = PublishedProgram.objects.get(uid=program.uid)
        orders.append([_sorted(client, published, sort) for sort in (*SORTS, "-amount", "-payee")])

    assert orders[0] == orders[1]
    assert [row for row in orders[0][0] if row] == [1, 2]
