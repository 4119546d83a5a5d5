"""What other offices state of their own work stands beside ours: cited, graded, about an organisation, in no sum."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from tests.factories.accounts import make_organisation, make_person
from tests.factories.programs import make_figure, make_program
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.audits import queries
from tracker.audits.queries.office import BENEFITS, OLD_ONES, OPEN_ONES
from tracker.programs.actions import record_stated_figure
from tracker.programs.models import StatedFigure
from tracker.shared.errors import NotAllowed
from tracker.shared.money import Money

DAY = date(2018, 3, 31)


def state(organisation, label=OPEN_ONES, quantity="1558", **says):
    told = {
        "organisation": organisation,
        "label": label,
        "kind": "quantity",
        "quantity": quantity and Decimal(quantity),
        "as_of": DAY,
        "citation": "Compendium of open recommendations, 31 March 2018",
        "grade": "A",
        "by": make_person(Role.AUDITOR),
    }
    return record_stated_figure(**told | says)


def test_figures_of_an_office_and_a_day_stand_in_one_row_with_their_citation():
    office = make_organisation("Inspector General")
    state(office)
    state(office, OLD_ONES, "56")
    state(office, BENEFITS, kind="money", quantity=None, amount=Money.of("2300000000", "USD"))
    state(office, as_of=date(2017, 3, 31), quantity="1298")

    earlier, row = queries.stated_by_others()

    assert (row.open, row.old, row.old_share) == (1558, 56, Decimal("3.6"))
    assert row.benefits == Money.of("2300000000", "USD")
    assert row.citations == ["Compendium of open recommendations, 31 March 2018"]
    assert row.grades == "A"
    assert (earlier.open, earlier.old, earlier.old_share) == (1298, None, None)


def test_a_corrected_figure_is_shown_once_as_corrected():
    office = make_organisation()
    wrong = state(office, quantity="1585")
    state(office, replaces=wrong, note="Two digits were exchanged.")
    (row,) = queries.stated_by_others()
    assert row.open == 1558


def test_a_figure_of_a_program_is_no_figure_of_an_office():
    make_figure(program=make_program(), label=OPEN_ONES)
    assert queries.stated_by_others() == []


def test_a_figure_is_about_a_program_or_an_organisation_and_never_about_both_or_none():
    office, program = make_organisation(), staffed_program()
    figure = state(office)
    for about in ({"program_id": program.pk}, {"organisation_id": None}):
        copy = StatedFigure.objects.values().get(pk=figure.pk) | about
        copy |= {"id": None, "uid": "1" * 32, "entry_id": program.pk}
        with (
            pytest.raises(IntegrityError, match="figure_is_about_a_program_or_an_organisation"),
            transaction.atomic(),
        ):
            StatedFigure(**copy).save(force_insert=True)


def test_only_who_records_or_audits_something_states_figures_of_an_organisation():
    with pytest.raises(NotAllowed, match="record stated figures"):
        state(make_organisation(), by=make_person(Role.DISCLOSURE))
