"""What the desk says of periods: closings to confirm, figures to certify, and for whom one waits."""

import pytest

from tests.factories import ledger as make
from tests.factories import periods
from tests.factories.accounts import make_person, sign_in
from tests.factories.programs import make_program
from tracker.accounts.models import Role
from tracker.dashboards import queries


def waiting(person):
    return {group.title: group.total for group in queries.desk_of(person).waiting.groups}


def test_a_closing_waits_for_an_approver_and_not_for_who_proposed_it():
    owner = make_program().owner
    first, second = (make_person(Role.APPROVER, organisation=owner) for _ in "12")
    periods.propose_closing(owner, by=first)

    assert waiting(second) == {"Periods to confirm": 1}
    assert waiting(first) == waiting(make_person(Role.APPROVER)) == {}
    (other,) = queries.desk_of(first).others.items
    assert other.what == "Confirmation of the closing of FY2024 Q1"
    assert other.whose == f"Another approver of {owner.label}"


def test_a_closed_quarter_waits_for_both_sides_until_they_have_signed(client):
    program = make_program(title="Field hospitals")
    make.make_commitment(program)
    period = periods.close(program.owner)
    approver, representative = make.approver_of(program), periods.representative_of(program)
    for person in (approver, representative):
        assert waiting(person) == {"Periods to certify": 1}
        (group,) = queries.desk_of(person).waiting.groups
        assert group.items[0].what == "Certify FY2024 Q1"
        assert "Field hospitals" in group.items[0].why
        page = sign_in(client, person).get(group.items[0].href).content.decode()
        assert "Your signature" in page

    periods.certify_both(program, period)

    assert waiting(approver) == waiting(representative) == {}


@pytest.mark.thorough
def test_the_desk_costs_the_same_queries_for_one_quarter_and_for_many(count_queries):
    program = make_program()
    make.make_commitment(program)
    make.make_commitment(make_program(owner=program.owner))
    make.make_commitment(program, value_date=periods.IN_Q2)
    periods.close(program.owner)
    approver = make.approver_of(program)
    queries.desk_of(approver)
    before = count_queries(lambda: queries.desk_of(approver))
    assert waiting(approver) == {"Periods to certify": 2}

    periods.close(program.owner, periods.IN_Q2)

    assert count_queries(lambda: queries.desk_of(approver)) == before
    assert waiting(approver) == {"Periods to certify": 3}
