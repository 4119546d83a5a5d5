"""The pages about indicators: whom they let in, what they save, what they say."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.template.loader import render_to_string

from tests.factories.accounts import make_person
from tests.factories.programs import make_objective, make_program, officer_of
from tests.factories.results import make_baseline, make_indicator, make_measurement, make_target
from tracker.accounts.models import Role
from tracker.results import queries
from tracker.results.models import Indicator, Measurement, Target, Verification


@pytest.fixture
def indicator():
    return make_indicator()


@pytest.fixture
def desk(client, indicator):
    """The browser of an officer of the indicator's program."""
    client.force_login(officer_of(indicator.program))
    return client


def text(response):
    return response.content.decode()


def test_an_officer_adds_an_indicator_from_the_form(desk, indicator):
    objective = make_objective(program=indicator.program)
    address = f"/desk/programs/{indicator.program.uid}/indicators/new/"
    assert objective.title in text(desk.get(address))

    answer = desk.post(
        address,
        {"title": "Beds", "unit": "beds", "direction": "up", "objective": objective.uid},
    )

    made = Indicator.objects.get(title="Beds")
    assert answer["Location"] == f"/desk/indicators/{made.uid}/"
    assert made.objective == objective


def test_an_indicator_of_the_same_title_gets_a_sentence(desk, indicator):
    page = desk.post(
        f"/desk/programs/{indicator.program.uid}/indicators/new/",
        {"title": indicator.title, "unit": "beds", "direction": "up"},
    )

    assert "This program has an indicator of this title already." in text(page)
    assert Indicator.objects.count() == 1


def test_the_page_says_where_the_indicator_stands_and_keeps_what_was_replaced(desk, indicator):
    make_baseline(indicator, 20)
    make_target(indicator, 500)
    make_target(indicator, 100)
    wrong = make_measurement(indicator, 17)
    make_measurement(indicator, 95, replaces=wrong, source="Mission report")
    make_measurement(indicator, 40, measured_on=date(2026, 1, 31))

    page = text(desk.get(f"/desk/indicators/{indicator.uid}/"))

    assert "93.7 %" in page
    assert "On target" in page
    assert '<del class="was"><span class="num">500</span></del>' in page
    assert "Mission report" in page
    assert "corrected" in page
    assert "<svg" in page
    assert "Record a measurement" in page


def test_who_may_not_measure_is_offered_nothing(client, indicator):
    make_target(indicator)
    make_measurement(indicator)
    client.force_login(make_person(Role.AUDITOR, organisation=indicator.program.owner))

    page = text(client.get(f"/desk/indicators/{indicator.uid}/"))

    for offered in ("measurements/new", "/correct/", "/desk/targets/", "targets/new", "/baseline/"):
        assert offered not in page


@pytest.mark.parametrize(
    "query, found",
    [
        ("", {"in force", "corrected", "unverified"}),
        ("q=mission", {"in force"}),
        ("verification=not_verified", {"unverified"}),
        ("since=2026-04-01", {"in force", "corrected"}),
        ("until=2026-04-01", {"unverified"}),
        ("standing=corrected", {"corrected"}),
        ("standing=in_force", {"in force", "unverified"}),
    ],
)
def test_the_measurements_are_narrowed_by_each_filter(desk, indicator, query, found):
    wrong = make_measurement(indicator, 1, comment="corrected row")
    make_measurement(indicator, 2, replaces=wrong, source="Mission", comment="in force row")
    make_measurement(
        indicator,
        3,
        measured_on=date(2026, 1, 1),
        verification=Verification.NOT_VERIFIED,
        comment="unverified row",
    )

    page = text(desk.get(f"/desk/indicators/{indicator.uid}/?{query}"))

    assert {word for word in ("in force", "corrected", "unverified") if f"{word} row" in page} == (
        found
    )


def test_the_file_holds_what_the_list_shows(desk, indicator):
    officer = officer_of(indicator.program)
    wrong = make_measurement(indicator, "1200000.5", source="=cmd", by=officer)
    make_measurement(indicator, None, replaces=wrong, comment="Nobody counted.", by=officer)
    address = f"/desk/indicators/{indicator.uid}/"

    page = text(desk.get(address))
    answer = desk.get(f"{address}?format=csv&sort=recorded_at")
    content = b"".join(answer.streaming_content).decode()
    head, first, second = csv.reader(io.StringIO(content, newline=""))

    assert head == [
        "Measured",
        "Value",
        "Verification",
        "Source",
        "Comment",
        "Row",
        "Recorded by",
        "Recorded",
    ]
    common = ["2026-06-30", "verified by a third party"]
    assert first[:1] + first[2:3] == second[:1] + second[2:3] == common
    assert [first[1], *first[3:7]] == ["1200000.5", "'=cmd", "", "corrected", officer.name]
    assert [second[1], *second[3:7]] == ["", "", "Nobody counted.", "in force", officer.name]
    for shown in ("1,200,000.5", "30 Jun 2026", "Nobody counted.", officer.name, "not stated"):
        assert shown in page


def test_more_rows_cost_no_more_queries(desk, indicator, count_queries):
    officer = officer_of(indicator.program)
    address = f"/desk/indicators/{indicator.uid}/"

    def add(number):
        make_target(indicator, number, by=officer)
        make_measurement(indicator, number, measured_on=date(2026, 1, number), by=officer)

    make_baseline(indicator, by=officer)
    add(1)
    add(2)
    few = count_queries(lambda: desk.get(address))
    for number in range(3, 9):
        add(number)

    assert count_queries(lambda: desk.get(address)) == few


PERIOD = {"period_start": "2026-01-01", "period_end": "2026-12-31"}


def test_an_officer_sets_and_changes_a_target_from_the_form(desk, indicator):
    new = f"/desk/indicators/{indicator.uid}/targets/new/"
    assert desk.get(new).status_code == 200
    desk.post(new, PERIOD | {"value": "100"})
    first = Target.objects.get()
    change = f"/desk/targets/{first.uid}/change/"

    opened = text(desk.get(change))
    desk.post(change, PERIOD | {"value": "80", "period_end": "2027-12-31"})

    (now,) = Target.objects.in_force()
    assert 'value="100"' in opened
    assert 'value="2026-12-31"' in opened
    assert (now.value, now.period_end, now.replaces) == (80, date(2027, 12, 31), first)
    assert desk.get(change).status_code == 400  # it has been replaced already


def test_an_officer_sets_and_changes_the_baseline_from_the_form(desk, indicator):
    address = f"/desk/indicators/{indicator.uid}/baseline/"
    desk.post(address, PERIOD | {"value": "12"})
    assert 'value="12"' in text(desk.get(address))

    desk.post(address, PERIOD | {"value": "", "not_stated": "on"})

    (now,) = Target.objects.in_force()
    assert (now.kind, now.value) == ("baseline", None)


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"value": ""}, "Give a value, or say below that there is none."),
        ({"not_stated": "on"}, "A value that is not stated stays empty"),
        ({"value": "1,5"}, "Write digits"),
        ({"value": "NaN"}, "Write digits"),
        ({"value": "1e99999"}, "no more than"),
        ({"value": "0.1234567"}, "no more than 6 decimal places"),
        ({"period_start": "1.2.2026"}, "Write the date as year-month-day"),
        ({"period_end": "2025-01-01"}, "The period ends before it starts"),
    ],
)
def test_a_target_that_makes_no_sense_gets_a_sentence(desk, indicator, fields, sentence):
    page = desk.post(
        f"/desk/indicators/{indicator.uid}/targets/new/", PERIOD | {"value": "5"} | fields
    )

    assert page.status_code == 200
    assert sentence in text(page)
    assert not Target.objects.exists()


FOUND = {"measured_on": "2026-06-30", "value": "71", "verification": "verified"}


def test_an_officer_records_and_corrects_a_measurement_from_the_form(desk, indicator):
    new = f"/desk/indicators/{indicator.uid}/measurements/new/"
    assert desk.get(new).status_code == 200
    desk.post(new, FOUND | {"source": "Mission report"})
    first = Measurement.objects.get()
    correct = f"/desk/measurements/{first.uid}/correct/"

    opened = text(desk.get(correct))
    answer = desk.post(correct, FOUND | {"value": "", "not_stated": "on"})

    (now,) = Measurement.objects.in_force()
    assert 'value="Mission report"' in opened
    assert answer["Location"] == f"/desk/indicators/{indicator.uid}/"
    assert (first.value, now.value, now.replaces) == (Decimal(71), None, first)
    assert desk.get(correct).status_code == 400


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"measured_on": "2999-01-01"}, "lies in the future"),
        ({"measured_on": ""}, "This field is required."),
        ({"verification": "sworn"}, "Select a valid choice"),
        ({"value": ""}, "Give a value"),
    ],
)
def test_a_measurement_that_makes_no_sense_gets_a_sentence(desk, indicator, fields, sentence):
    page = desk.post(f"/desk/indicators/{indicator.uid}/measurements/new/", FOUND | fields)

    assert page.status_code == 200
    assert sentence in text(page)
    assert not Measurement.objects.exists()


def test_the_same_measurement_sent_twice_gets_a_sentence(desk, indicator):
    address = f"/desk/indicators/{indicator.uid}/measurements/new/"
    desk.post(address, FOUND)

    assert "recorded already" in text(desk.post(address, FOUND))
    assert Measurement.objects.count() == 1


def test_a_stranger_finds_nothing_and_a_wrong_role_may_only_read(client, indicator):
    target, measurement = make_target(indicator), make_measurement(indicator)
    page = f"/desk/indicators/{indicator.uid}/"
    paths = [
        f"/desk/programs/{indicator.program.uid}/indicators/new/",
        f"{page}baseline/",
        f"{page}targets/new/",
        f"{page}measurements/new/",
        f"/desk/targets/{target.uid}/change/",
        f"/desk/measurements/{measurement.uid}/correct/",
    ]
    auditor = make_person(Role.AUDITOR, organisation=indicator.program.owner)
    stranger = make_person(Role.OFFICER)

    for path in [page, *paths]:
        client.logout()
        assert client.get(path).status_code == 302, path
        client.force_login(stranger)
        assert client.get(path).status_code == 404, path
    for path in paths:
        client.force_login(stranger)
        assert client.post(path).status_code == 404, path
        client.force_login(auditor)
        assert (client.get(path).status_code, client.post(path).status_code) == (403, 403), path
    assert client.get(page).status_code == 200


# --- The piece for the program's page --------------------------------------


def piece(program, **context):
    standings = queries.standing(queries.indicators_of(program), on=date(2026, 7, 1))
    context = {"program": program, "standings": standings} | context
    return render_to_string("results/_indicators.html", context)


@pytest.mark.parametrize(
    "value, verification, shown",
    [
        (95, "verified", "On target"),
        (80, "self_reported", "Near target"),
        (10, "verified", "Below target"),
        (95, "not_verified", "Not rated"),
        (None, "verified", "Not rated"),
    ],
)
def test_the_table_of_indicators_rates_each(indicator, value, verification, shown):
    make_target(indicator, 100)
    make_measurement(indicator, value, verification=verification)

    html = piece(indicator.program)

    assert shown in html
    assert ("badge good" in html) is (shown == "On target")


def test_the_table_says_what_is_not_stated_and_offers_only_what_one_may_do(indicator):
    html = piece(indicator.program)

    assert html.count("not stated") == 4
    assert "indicators/new" not in html
    assert "indicators/new" in piece(indicator.program, may_add=True)
    assert "No indicators yet" in piece(make_program())
