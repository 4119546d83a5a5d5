"""What each public page says, on things that were made public through actions."""

import csv
import io
import re
from datetime import date

import pytest

from tests.factories import audits, ledger, publishing
from tests.factories.programs import make_program
from tests.public.world import SECRET_PAYEE, SECRET_TITLE
from tracker.audits.models import RecommendationState
from tracker.publishing import actions, released
from tracker.publishing.content.lines import Total, lines_of
from tracker.shared.clock import today
from tracker.shared.money import Money


def words(html: str) -> str:
    """What is read, without the markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


# --- Overview --------------------------------------------------------------


def test_the_overview_adds_up_only_programs_whose_accounts_are_kept_here(read, world):
    said = words(read("/"))

    assert "50,000.00 USD" in said  # committed
    assert "1,200.00 USD" in said  # disbursed: the reversed payment is out again
    assert "48,800.00 USD committed and not disbursed" in said
    accounts, apart = said.split("Apart from everything: illustrations")
    assert "777,777.00" not in accounts
    assert "Committed, USD 777,777.00 USD" in apart
    assert "1,300,000,000.00" not in said  # a documented figure
    assert "1 program whose accounts are kept here" in said
    assert "1 program told from the public record" in said
    assert "1 program with invented figures" in said


def test_the_overview_counts_what_is_not_published_by_reason_with_the_next_review(read, world):
    said = words(read("/"))

    review = publishing.in_a_year()
    day = f"{review.day} {review:%b %Y}"
    assert f"1 classified next looked at on {day}" in said
    assert SECRET_TITLE not in said


def test_the_overview_shows_findings_with_open_recommendations_as_of_a_day(read, world):
    page = read("/")

    assert f"/findings/{world.finding.uid}/" in page
    now = today()
    assert f"as of {now.day} {now:%b %Y}" in words(page)


# --- Programs --------------------------------------------------------------


def commit(program, amount, year):
    """In a currency in which nobody else in this world counts."""
    says = {"amount": ledger.money(amount, "SEK"), "value_date": date(year, 3, 1)}
    return ledger.approve(ledger.submit(ledger.make_voucher(program, "commitment", **says)))


def test_sums_of_several_years_that_no_integer_of_the_database_holds_are_shown(read):
    program = make_program()
    for year in (2023, 2024):
        committed = commit(program, "60000000000000000.00", year)
        publishing.withhold(program, "transaction", "payee", committed.uid)
    publishing.publish(program)

    assert "120,000,000,000,000,000.00 SEK" in words(read("/"))
    (total,) = [one for one in released.overview().totals if one.amount.currency == "SEK"]
    assert total.partly_withheld == total.amount == Money(12 * 10**18, "SEK")
    assert "120,000,000,000,000,000.00 SEK" in words(read(f"/programs/{program.uid}/"))


def test_sums_of_withheld_amounts_that_no_integer_of_the_database_holds_are_shown(read):
    program = make_program()
    for year in (2023, 2024):
        for amount in ("20000000000000000.00", "21000000000000000.00", "22000000000000000.00"):
            commit(program, amount, year)
    publishing.make_rule(program, field="amount", in_sums=True)
    publishing.publish(program)

    assert "126,000,000,000,000,000.00 SEK" in words(read("/"))
    said = [one.amount for one in released.overview().hidden]
    assert Money(126 * 10**17, "SEK") in said


def test_the_programs_are_searched_filtered_and_taken_along_as_a_file(read, world):
    assert "Aid after a peace treaty" not in read("/programs/", q="evacuation")
    assert "Medical evacuation training" in read("/programs/", q="general staff recipient")
    assert "An illustration" not in read("/programs/", nature="documented")
    assert "Medical evacuation training" in read("/programs/", recipient="general staff")

    found = rows_of(read("/programs/", nature="documented", format="csv"))

    assert found[0][:3] == ["Title", "Identifier", "Figures"]
    assert [row[0] for row in found[1:]] == ["Aid after a peace treaty"]
    assert found[1][2] == "documented from the public record"


def test_a_program_shows_the_line_and_what_of_it_remains(read, world):
    said = words(read(f"/programs/{world.program.uid}/"))

    assert "Committed" in said and "50,000.00 USD" in said
    assert "Disbursed" in said and "1,200.00 USD" in said
    assert "48,800.00 USD committed and not disbursed" in said


def test_a_program_says_which_release_it_shows_and_lists_all_of_them(read, world):
    publishing.withhold(world.program)
    publishing.publish(world.program)

    said = words(read(f"/programs/{world.program.uid}/"))

    assert "✓ Release 3," in said or "Release 3," in said
    assert "Release 3 Shown here" in said
    assert "Release 2" in said and "Release 1" in said


def test_only_what_a_third_party_verified_is_called_reached(read, world):
    said = words(read(f"/programs/{world.program.uid}/"))

    assert "On the way, 83 %" in said  # (128 − 71) / (128 − 60), verified
    assert "Not verified, 100 % of the way" in said  # 12 of 12, verified by nobody
    assert "Reached" not in said


def test_a_reversed_payment_stays_marked_beside_the_reversal_that_leads_to_it(read, world):
    page = read(f"/programs/{world.program.uid}/")

    assert '<tr class="reversed">' in page
    assert f'href="transactions/?row={world.reversed.uid}"' in page
    assert "Reversal of a disbursement" in words(page)

    both = rows_of(
        read(f"/programs/{world.program.uid}/transactions/", row=world.reversed.uid, format="csv")
    )
    assert sorted(row[1] for row in both[1:]) == [
        "disbursement, reversed",
        "reversal of a disbursement",
    ]


def test_a_withheld_field_shows_its_reason_and_never_its_value(read, world):
    address = f"/programs/{world.program.uid}/transactions/"

    for page in (
        read(address),
        read(address, format="csv"),
        read(f"/programs/{world.program.uid}/"),
    ):
        assert SECRET_PAYEE not in page
        assert "The place of a depot could be read from it." in page
    assert "No row fits these filters." in read(address, q=SECRET_PAYEE)


def test_each_withheld_field_is_listed_with_reason_law_office_and_review(read, world):
    found = rows_of(read(f"/programs/{world.program.uid}/withheld/", format="csv"))

    assert found[1:] == [
        [
            "Payment or commitment",
            "payee",
            "operational security",
            "The place of a depot could be read from it.",
            "Military Secrets Act, section 4",
            world.program.owner.name,
            publishing.in_a_year().isoformat(),
            "",
            "this field alone",
        ]
    ]


def test_the_file_of_payments_holds_plain_amounts_dates_and_journal_entries(read, world):
    address = f"/programs/{world.program.uid}/transactions/"
    found = rows_of(read(address, kind="commitment", format="csv"))

    assert found == [
        [
            "Date",
            "What",
            "What for",
            "Paid to",
            "For",
            "Amount",
            "Amount currency",
            "Journal entry",
        ],
        [
            *("2024-03-15", "commitment", "Obligation for 2024", "A supplier", ""),
            *("50000.00", "USD", found[1][7]),
        ],
    ]
    assert int(found[1][7]) > 0


def test_the_payment_of_a_finding_leads_to_the_finding_and_back(read, world):
    rows = read(f"/programs/{world.program.uid}/transactions/", row=world.payment.uid)
    finding = read(f"/findings/{world.finding.uid}/")

    assert f'href="/findings/{world.finding.uid}/"' in rows
    assert f'href="/programs/{world.program.uid}/transactions/?row={world.payment.uid}"' in finding


def test_documented_figures_stand_with_qualifier_source_and_grade(read, world):
    page = read(f"/programs/{world.documented.uid}/")
    said = words(page)

    assert "about 1,300,000,000.00 USD" in said
    assert "Annual report, page 7" in said and "https://example.org/report" in page
    assert "A, stated on an official page" in said
    assert "each year since 1987" in said
    assert "The record does not state payments by month." in said
    assert "Where the money is" not in said  # it has no accounts here


def test_an_illustration_says_that_it_is_one(read, world):
    said = words(read(f"/programs/{world.illustrative.uid}/"))

    assert "Illustrative program" in said
    assert "nobody paid or received this money" in said


def test_what_nobody_stated_is_said_to_be_not_stated(read):
    program = make_program(title="Bare", summary="")
    publishing.publish(program)

    said = words(read(f"/programs/{program.uid}/"))

    assert "Starts not stated" in said
    assert "not stated : no commitment and no payment is in this release" in said
    assert "That is not the same as a clean audit." in said


# --- Findings --------------------------------------------------------------


def test_a_finding_shows_its_four_elements_and_the_state_of_each_recommendation(read, world):
    said = words(read(f"/findings/{world.finding.uid}/"))

    for element in ("criteria", "condition", "cause", "effect"):
        assert getattr(audits.WORDS, element) in said
    assert "1 of 2 recommendations open" in said
    assert "closed, implemented and verified" in said
    assert "issued, no response yet" in said
    assert "1,200.00 USD" in said
    assert "Severity" in said and "high" in said


def test_a_payment_of_a_program_that_is_not_published_is_named_as_such_and_not_told(read, world):
    page = read(f"/findings/{world.finding.uid}/")

    assert "A payment of a program that is not published" in page
    assert "1 more that is not published." in words(page)
    assert str(world.unpublished.uid) not in page


def test_the_findings_are_filtered_by_what_is_open(read, world):
    address = f"/findings/{world.finding.uid}/"
    assert address in read("/findings/", state="open")
    assert address not in read("/findings/", state="closed")
    assert address not in read("/findings/", severity="low")

    pending = world.finding.recommendations.get(state=RecommendationState.ISSUED)
    audits.walk(pending, RecommendationState.CLOSED_IMPLEMENTED)
    assert address in read("/findings/", state="open")  # until the office releases the new state
    actions.release_finding(finding=world.finding, by=world.finding.engagement.lead)

    assert address in read("/findings/", state="closed")
    found = rows_of(read("/findings/", format="csv"))
    assert found[0] == [
        *("Title", "Audit office", "Severity", "Issued", "Recommendations", "Still open", "As of"),
    ]
    assert found[1][2] == "high" and found[1][4:6] == ["2", "0"]


# --- Reports ---------------------------------------------------------------


def test_a_report_shows_its_words_figures_indicators_and_findings_as_of_its_release(read, world):
    said = words(read(f"/reports/{world.report.uid}/"))

    assert "Two field hospitals were equipped." in said
    assert "50,000.00 USD" in said
    assert "Time to surgery" in said and "83 %" in said
    assert "1 of 2 open" in said
    assert "Paid without proof of receipt" in said


def test_a_superseded_report_stays_and_names_the_one_that_follows_it(read, world):
    page = read(f"/reports/{world.superseded.uid}/")

    assert "Superseded by" in page
    assert f'href="/reports/{world.report.uid}/"' in page
    assert "Superseded by" not in read(f"/reports/{world.report.uid}/")
    assert "It takes the place of" in read(f"/reports/{world.report.uid}/")


def test_a_report_says_when_its_program_was_released_again(read, world):
    assert "has been released again since" not in read(f"/reports/{world.report.uid}/")

    publishing.withhold(world.program)
    publishing.publish(world.program)

    assert "has been released again since" in read(f"/reports/{world.report.uid}/")


# --- Every page ------------------------------------------------------------

LISTS = ("/programs/", "/reports/", "/findings/")


def addresses(world) -> list[str]:
    program = f"/programs/{world.program.uid}/"
    return [
        *("/", "/about/", *LISTS, program, f"{program}transactions/", f"{program}withheld/"),
        *(f"/reports/{world.report.uid}/", f"/findings/{world.finding.uid}/"),
    ]


def test_every_page_is_read_only_and_under_the_strict_content_policy(client, world):
    for address in addresses(world):
        response = client.get(address)
        assert "script-src 'self'" in response["Content-Security-Policy"]
        page = response.content.decode()
        assert "<script" not in page and " style=" not in page and " onclick" not in page
        assert client.head(address).status_code == 200
        assert client.post(address).status_code == 405


HOSTILE = [
    "page=999999", "page=-1", "page=x", f"page={'9' * 5000}", "per_page=1e9", "per_page=-1",
    "sort=evil", "sort=-", "sort=--title", "sort=release__manifest", "sort=&sort=title",
    "q=%00", "q=%FF%FE", f"q={'a' * 60000}", f"q={'%25_' * 60}", "q=' OR 1=1 --", "q=%F0%9F%92%A3",
    "kind=evil", "year=evil", "year=1e999", "row=evil", "nature=evil", "status=99",
    "severity=%00", "state=evil", "until=0000-99-99", "until=9999999999-01-01", "format=evil",
    "format=csv&q=%00", "format=csv&sort=evil", "category=%00", "donor=%00", "unknown=1",
]  # fmt: skip


@pytest.mark.thorough
def test_no_query_string_breaks_a_list(client, world):
    for address in addresses(world):
        for query in HOSTILE:
            response = client.get(f"{address}?{query}")
            assert response.status_code in (200, 400), f"{address}?{query}"
            if response.streaming:
                assert b"".join(response)


# --- Lines -----------------------------------------------------------------


def test_the_currency_with_the_largest_amount_comes_first():
    totals = [
        Total(2025, "commitment", Money.of("650000", "EUR")),
        Total(2025, "commitment", Money.of("7200000", "USD")),
        Total(2025, "commitment", Money.of("700000", "JPY")),
    ]

    assert [line.currency for line in lines_of(totals)] == ["USD", "JPY", "EUR"]
