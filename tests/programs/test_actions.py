"""What may be done with programs, by whom, and what is left on record."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from tests.factories.accounts import give_role, make_organisation, make_person
from tests.factories.programs import make_figure, make_objective, make_program, officer_of
from tracker.accounts.models import Role
from tracker.journal import actions as journal
from tracker.journal import queries as journal_queries
from tracker.programs import actions, queries
from tracker.programs.actions import Participant, Sector
from tracker.programs.models import (
    Gap,
    Objective,
    ObjectiveLevel,
    ParticipantRole,
    Program,
    StatedFigure,
)
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.money import Money

SECURITY = Sector("15210", "Security system management and reform", Decimal("60"))
UNKNOWN = Sector("99810", "Sectors not specified")
WRONG_ROLES = [Role.APPROVER, Role.AUDITOR, Role.DISCLOSURE, Role.ADMINISTRATOR]


def break_journal(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("The journal cannot be written.")

    monkeypatch.setattr(journal, "record", fail)


def described(program, **fields):
    """The program's whole description with some of it changed, as a form sends it."""
    names = ["identifier", "title", "kind_of_aid", "status", "summary", "starts_on", "ends_on"]
    state = {name: getattr(program, name) for name in [*names, "legal_authority"]}
    state |= {
        "sectors": queries.sectors_of(program),
        "participants": queries.participants_of(program),
        "gaps": queries.gaps_of(program),
    }
    return state | fields


def change(program, by=None, **fields):
    return actions.change_program(
        program=program, by=by or officer_of(program), **described(program, **fields)
    )


# --- Programs --------------------------------------------------------------


def test_a_program_is_set_up_with_all_its_parts_and_the_journal_has_them():
    program = make_program(sectors=[SECURITY], gaps=["The share of training is not stated."])

    event = journal_queries.history_of(program)[0]

    assert queries.sectors_of(program) == [SECURITY]
    assert event.sentence == f"The program {program.title} was set up."
    assert event.values["sectors"] == [["15210", SECURITY.name, "60"]]
    assert event.values["gaps"] == ["The share of training is not stated."]
    assert {role for _, role in event.values["participants"]} == {"donor", "recipient"}


@pytest.mark.parametrize("role", WRONG_ROLES)
def test_only_an_officer_of_the_owner_sets_up_a_program(role):
    owner = make_organisation()
    if role == Role.ADMINISTRATOR:
        person = make_person(organisation=owner)
        give_role(person, role, organisation=owner)
    else:
        person = make_person(role, organisation=owner)

    with pytest.raises(NotAllowed, match="program officer"):
        make_program(owner=owner, by=person)
    with pytest.raises(NotAllowed, match="program officer"):
        make_program(owner=owner, by=make_person(Role.OFFICER))


def test_an_identifier_belongs_to_one_program():
    make_program(identifier="EGY-1")

    with pytest.raises(ValidationError, match="identifier exists already"):
        make_program(identifier=" EGY-1 ")


def test_no_program_is_set_up_if_the_journal_cannot_be_written(monkeypatch):
    officer = make_person(Role.OFFICER)
    break_journal(monkeypatch)

    with pytest.raises(RuntimeError):
        make_program(owner=officer.organisation, by=officer, recipient=officer.organisation)

    assert not Program.objects.exists()


def test_a_change_replaces_the_whole_description_and_the_journal_has_the_new_state():
    program = make_program(sectors=[SECURITY], gaps=["One gap.", "Another gap."])
    officer = officer_of(program)
    partner = make_organisation()

    changed = change(
        program,
        by=officer,
        title=" Field hospitals ",
        sectors=[UNKNOWN],
        participants=[Participant(partner, ParticipantRole.PARTNER)],
        gaps=["Another gap.", "  "],
        ends_on=date(2030, 1, 1),
    )

    event = journal_queries.history_of(program)[0]
    assert changed.title == "Field hospitals"
    assert queries.sectors_of(program) == [UNKNOWN]
    assert queries.participants_of(program) == [Participant(partner, ParticipantRole.PARTNER)]
    assert list(Gap.objects.values_list("sentence", "position")) == [("Another gap.", 0)]
    assert (event.op, event.actor) == ("change", officer.uid)
    assert event.values["participants"] == [[str(partner.uid), "partner"]]
    assert event.values["ends_on"] == "2030-01-01"
    assert event.values["nature"] == "operational"


def test_a_change_that_changes_nothing_is_refused_whatever_the_order_of_the_rows():
    program = make_program(sectors=[SECURITY, UNKNOWN])
    state = described(program)

    with pytest.raises(Refused, match="Nothing was changed"):
        change(
            program,
            sectors=state["sectors"][::-1],
            participants=state["participants"][::-1],
        )

    assert len(journal_queries.history_of(program)) == 1


def test_nobody_overwrites_a_change_that_they_have_not_seen():
    program = make_program()
    seen = queries.fingerprint(program)
    change(program, summary="By a colleague.")

    with pytest.raises(Refused, match="Somebody else has changed"):
        change(program, summary="By me.", seen=seen)

    program.refresh_from_db()
    assert program.summary == "By a colleague."
    assert change(program, summary="By me.", seen=queries.fingerprint(program)).summary == "By me."


@pytest.mark.parametrize("role", [Role.APPROVER, Role.AUDITOR, Role.DISCLOSURE])
def test_only_an_officer_changes_a_program(role):
    program = make_program()

    with pytest.raises(NotAllowed):
        change(program, by=make_person(role, organisation=program.owner), title="Other")
    with pytest.raises(NotAllowed):
        change(program, by=make_person(Role.OFFICER), title="Other")


def test_the_officer_of_one_program_changes_that_one_and_no_other():
    program = make_program()
    other = make_program(owner=program.owner)
    officer = make_person(Role.OFFICER, program=program)

    assert change(program, by=officer, title="Other").title == "Other"
    with pytest.raises(NotAllowed):
        change(other, by=officer, title="Other")


def test_nothing_is_changed_if_the_journal_cannot_be_written(monkeypatch):
    program = make_program(sectors=[SECURITY], gaps=["A gap."])
    officer = officer_of(program)
    before = queries.state_of(program)
    break_journal(monkeypatch)

    with pytest.raises(RuntimeError):
        change(program, by=officer, title="Other", sectors=[], gaps=[])

    program.refresh_from_db()
    assert queries.state_of(program) == before


@pytest.mark.parametrize(
    "sectors, sentence",
    [
        ([SECURITY, SECURITY], "15210 is named twice"),
        ([Sector("15210", "x", Decimal(0))], "above 0 and up to 100"),
        ([Sector("15210", "x", Decimal("100.5"))], "above 0 and up to 100"),
        ([SECURITY, Sector("99810", "x", Decimal("40.01"))], "more than 100 per cent"),
        ([Sector("152100", "x")], "Row 1"),
    ],
)
def test_sectors_that_make_no_sense_are_refused(sectors, sentence):
    program = make_program()

    with pytest.raises(Refused, match=sentence) as refusal:
        change(program, sectors=sectors)

    assert "sectors" in refusal.value.message_dict
    assert queries.sectors_of(program) == []


def test_shares_of_exactly_the_whole_are_fine():
    program = make_program()

    change(program, sectors=[SECURITY, Sector("99810", "x", Decimal("40"))])

    assert len(queries.sectors_of(program)) == 2


def test_an_organisation_has_each_role_once_but_may_have_several():
    program = make_program()
    donor = program.owner
    two = [Participant(donor, ParticipantRole.DONOR), Participant(donor, ParticipantRole.PARTNER)]

    change(program, participants=two)

    assert len(queries.participants_of(program)) == 2
    with pytest.raises(Refused, match=f"{donor} is named twice as donor"):
        change(program, participants=[*two, two[0]])
    with pytest.raises(Refused, match="Row 1"):
        change(program, participants=[Participant(donor, "sponsor")])


def test_a_program_cannot_end_before_it_starts():
    program = make_program()

    with pytest.raises(ValidationError, match="The end lies before the start"):
        change(program, starts_on=date(2026, 1, 2), ends_on=date(2026, 1, 1))


# --- Objectives ------------------------------------------------------------


def test_objectives_are_added_one_after_the_other_and_the_journal_has_each():
    program = make_program()
    first = make_objective(program=program, level=ObjectiveLevel.IMPACT)
    second = make_objective(program=program, level=ObjectiveLevel.IMPACT)
    below = make_objective(program=program, parent=second)

    event = journal_queries.history_of(below)[0]

    assert [first.position, second.position, below.position] == [0, 1, 0]
    assert event.sentence == f"The outcome “{below.title}” was added."
    assert event.values["parent"] == str(second.uid)


@pytest.mark.parametrize(
    "level, above, sentence",
    [
        ("output", "impact", "An output lies under an outcome, not under an impact"),
        ("output", "output", "An output lies under an outcome, not under an output"),
        ("outcome", "outcome", "An outcome lies under an impact, not under an outcome"),
        ("impact", "impact", "An impact stands at the top"),
        ("goal", "impact", "“goal” is no level"),
    ],
)
def test_the_levels_keep_their_order(level, above, sentence):
    parent = make_objective(level=above)

    with pytest.raises(Refused, match=sentence):
        make_objective(program=parent.program, level=level, parent=parent)

    assert Objective.objects.count() == 1


def test_an_objective_lies_under_one_of_its_own_program():
    parent = make_objective(level=ObjectiveLevel.IMPACT)

    with pytest.raises(Refused, match="belongs to another program"):
        make_objective(program=make_program(), parent=parent)


def test_an_objective_needs_words():
    with pytest.raises(ValidationError, match="cannot be blank"):
        make_objective(title="  ")


def change_objective(objective, by=None, **fields):
    state = {name: getattr(objective, name) for name in ("level", "title", "parent", "position")}
    return actions.change_objective(
        objective=objective, by=by or officer_of(objective.program), **(state | fields)
    )


def test_an_objective_is_worded_anew_and_moved():
    outcome = make_objective()
    impact = make_objective(program=outcome.program, level=ObjectiveLevel.IMPACT)

    changed = change_objective(outcome, title="Fewer deaths", parent=impact, position=4)

    event = journal_queries.history_of(outcome)[0]
    assert (changed.title, changed.parent, changed.position) == ("Fewer deaths", impact, 4)
    assert event.sentence == "The outcome “Fewer deaths” was changed."


def test_an_objective_with_others_below_keeps_its_level():
    outcome = make_objective()
    make_objective(program=outcome.program, level=ObjectiveLevel.OUTPUT, parent=outcome)

    with pytest.raises(Refused, match="Other objectives lie under this outcome"):
        change_objective(outcome, level=ObjectiveLevel.IMPACT)


def test_an_objective_never_comes_to_lie_under_itself():
    outcome = make_objective()

    with pytest.raises(Refused, match="lies under an impact"):
        change_objective(outcome, parent=outcome)


def test_an_objective_that_stays_the_same_is_refused():
    with pytest.raises(Refused, match="Nothing was changed"):
        change_objective(make_objective())


@pytest.mark.parametrize("role", [Role.APPROVER, Role.AUDITOR, Role.DISCLOSURE])
def test_only_an_officer_adds_and_changes_objectives(role):
    objective = make_objective()
    person = make_person(role, organisation=objective.program.owner)

    with pytest.raises(NotAllowed):
        make_objective(program=objective.program, by=person)
    with pytest.raises(NotAllowed):
        change_objective(objective, by=person, title="Other")


def test_no_objective_is_added_or_changed_if_the_journal_cannot_be_written(monkeypatch):
    objective = make_objective(title="Before")
    officer = officer_of(objective.program)
    break_journal(monkeypatch)

    with pytest.raises(RuntimeError):
        make_objective(program=objective.program, by=officer)
    with pytest.raises(RuntimeError):
        change_objective(objective, by=officer, title="After")

    assert [o.title for o in Objective.objects.all()] == ["Before"]


# --- Stated figures --------------------------------------------------------


def test_a_figure_is_recorded_with_its_source_and_grade():
    figure = make_figure(qualifier="about", as_of=date(2024, 9, 30))

    event = journal_queries.history_of(figure)[0]

    figure = StatedFigure.objects.get()
    assert figure.value == Money(130_000_000_000, "USD")
    assert figure.entry_id == event.number
    assert event.values["amount"] == "1300000000.00"
    assert event.values["grade"] == "A"
    assert "Ministry of Finance, budget report, page 12" in event.sentence


@pytest.mark.parametrize(
    "fields, value",
    [
        ({"kind": "quantity", "quantity": Decimal("12"), "unit": "vehicles"}, Decimal(12)),
        ({"kind": "percent", "quantity": Decimal("33.333333")}, Decimal("33.333333")),
        ({"kind": "text", "words": "Agreed on 17 September 1978"}, "Agreed on 17 September 1978"),
        ({"amount": Money(0, "JPY")}, Money(0, "JPY")),
    ],
)
def test_a_figure_is_an_amount_a_number_or_words(fields, value):
    make_figure(**fields)

    assert StatedFigure.objects.get().value == value


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"kind": "quantity"}, "State what the kind of figure names"),
        ({"kind": "text", "words": " "}, "State what the kind of figure names"),
        ({"quantity": Decimal(3)}, "State what the kind of figure names"),
        ({"kind": "weight"}, "not a valid choice"),
        ({"citation": "  "}, "cannot be blank"),
        ({"grade": "C"}, "not a valid choice"),
        ({"qualifier": "roughly"}, "not a valid choice"),
        ({"source_url": "javascript:alert(1)"}, "valid URL"),
        ({"amount": Money(1, "XQQ")}, "is not a currency we know"),
        ({"kind": "quantity", "quantity": Decimal("0.0000001")}, "more than 6 decimals"),
        (
            {"period_start": date(2024, 2, 1), "period_end": date(2024, 1, 1)},
            "The period ends before it starts",
        ),
    ],
)
def test_a_figure_that_makes_no_sense_is_refused(fields, sentence):
    with pytest.raises(ValidationError, match=sentence):
        make_figure(**fields)

    assert not StatedFigure.objects.exists()


def test_a_correction_takes_the_place_of_a_figure_and_both_stay():
    wrong = make_figure()
    right = make_figure(
        program=wrong.program, label=wrong.label, amount=Money.of(5, "USD"), replaces=wrong
    )

    assert list(queries.figures_of(wrong.program)) == [right]
    assert StatedFigure.objects.count() == 2
    assert journal_queries.history_of(right)[0].values["replaces"] == str(wrong.uid)


def test_a_figure_is_corrected_once_and_its_correction_may_be_corrected_in_turn():
    wrong = make_figure()
    right = make_figure(program=wrong.program, amount=Money.of(5, "USD"), replaces=wrong)

    with pytest.raises(Refused, match="has been corrected already"):
        make_figure(program=wrong.program, amount=Money.of(6, "USD"), replaces=wrong)

    last = make_figure(program=wrong.program, amount=Money.of(6, "USD"), replaces=right)
    assert list(queries.figures_of(wrong.program)) == [last]


def test_a_correction_changes_something_and_stays_in_the_program():
    wrong = make_figure()

    with pytest.raises(Refused, match="Nothing was changed"):
        make_figure(program=wrong.program, label=wrong.label, replaces=wrong)
    with pytest.raises(Refused, match="belongs to another program"):
        make_figure(program=make_program(), replaces=wrong)


@pytest.mark.parametrize("role", [Role.APPROVER, Role.AUDITOR, Role.DISCLOSURE])
def test_only_an_officer_records_figures(role):
    program = make_program()

    with pytest.raises(NotAllowed, match="record stated figures"):
        make_figure(program=program, by=make_person(role, organisation=program.owner))


def test_no_figure_is_recorded_if_the_journal_cannot_be_written(monkeypatch):
    program = make_program()
    officer = officer_of(program)
    break_journal(monkeypatch)

    with pytest.raises(RuntimeError):
        make_figure(program=program, by=officer)

    assert not StatedFigure.objects.exists()
