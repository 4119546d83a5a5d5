"""Reads about programs: what they find and what they cost."""

import pytest

from tests.factories.accounts import make_organisation
from tests.factories.programs import make_figure, make_objective, make_program, officer_of
from tracker.programs import queries, reference
from tracker.programs.actions import Participant
from tracker.programs.models import Nature, ObjectiveLevel, ParticipantRole, Program
from tracker.shared.money import Money


def test_the_tree_has_every_objective_under_its_own_and_costs_one_query(count_queries):
    program = make_program()
    officer = officer_of(program)
    impact = make_objective(program=program, level=ObjectiveLevel.IMPACT, by=officer)
    late = make_objective(program=program, parent=impact, position=9, by=officer)
    early = make_objective(program=program, parent=impact, position=1, by=officer)
    output = make_objective(program=program, level="output", parent=early, by=officer)
    make_objective()  # of another program

    (top,) = queries.objective_tree(program)

    assert top.objective == impact
    assert [branch.objective for branch in top.children] == [early, late]
    assert [branch.objective for branch in top.children[0].children] == [output]
    assert count_queries(lambda: queries.objective_tree(program)) == 1


def test_the_figures_in_force_leave_out_what_was_corrected():
    wrong = make_figure()
    kept = make_figure(program=wrong.program)
    right = make_figure(program=wrong.program, amount=Money.of(1, "USD"), replaces=wrong)

    found = list(queries.figures_of(wrong.program))

    assert found == [kept, right]
    assert found[1].replaces == wrong


def test_donors_and_recipients_of_many_programs_cost_one_query(count_queries):
    donor, other = make_organisation("A donor"), make_organisation("B donor")
    both = [Participant(one, ParticipantRole.DONOR) for one in (other, donor)]
    programs = [make_program(participants=both), make_program(participants=[])]

    found = queries.organisations_in_role(programs, ParticipantRole.DONOR)

    assert found == {programs[0].pk: (donor, other), programs[1].pk: ()}
    assert count_queries(lambda: queries.organisations_in_role(programs, "donor")) == 1


def test_a_page_of_programs_costs_the_same_for_one_and_for_many(count_queries):
    def read():
        for program in Program.objects.for_page():
            for part in (program.donors, program.recipients, program.sectors, program.gaps):
                list(part if isinstance(part, list) else part.all())

    make_program()
    one = count_queries(read)
    for _ in range(3):
        make_program()

    assert count_queries(read) == one


@pytest.mark.parametrize(
    "words, found",
    [
        ("hospital", True),
        ("HOSPITAL egy", True),
        ("mali hospital", False),
        ("general staff of ruritania", True),
        ("GSR", True),
        ("tents for", True),
        ("", True),
        ("100%", False),
    ],
)
def test_a_search_wants_every_word_somewhere_in_what_people_know(words, found):
    recipient = make_organisation("General Staff of Ruritania", short_name="GSR")
    program = make_program(
        title="Field hospital", identifier="EGY-7", summary="Tents for doctors", recipient=recipient
    )

    assert list(Program.objects.matching(words)) == ([program] if found else [])


def test_a_program_of_two_recipients_that_fit_is_found_once():
    two = [Participant(make_organisation(f"Army {n}"), ParticipantRole.RECIPIENT) for n in (1, 2)]
    program = make_program(participants=two)

    assert list(Program.objects.matching("army")) == [program]


def test_the_choices_of_a_filter_are_those_who_take_part_in_what_one_sees():
    program, hidden = make_program(), make_program()
    visible = Program.objects.filter(pk=program.pk)

    found = queries.organisations_taking_part(visible, ParticipantRole.RECIPIENT)

    assert list(found) == program.recipients
    assert not set(hidden.recipients) & set(found)


def test_the_fingerprint_changes_with_every_part_of_the_description():
    program = make_program(gaps=["A gap."])
    before = queries.fingerprint(program)

    assert queries.fingerprint(program) == before
    program.gaps.all().delete()
    assert queries.fingerprint(program) != before


def test_natures_are_three_and_stay_apart():
    assert set(Nature.values) == {"operational", "documented", "illustrative"}


def test_reference_lists_are_read_once_and_name_codes():
    assert reference.sector_name("15210") == "Security system management and reform"
    assert reference.sector_name("00000") is None
    assert reference.country_name("EG") == "Egypt"
    assert reference.country_name("ZZ") is None
    assert reference.sectors() is reference.sectors()
    assert all(sector.category for sector in reference.sectors())
