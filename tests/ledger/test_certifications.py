"""Certifications: the key figures of a closed period, signed for the donor and for the recipient."""

import hashlib
import itertools
import json
from copy import deepcopy

import pytest
from django.db.models import Value

from tests.factories import ledger as make
from tests.factories import periods
from tests.factories.accounts import give_role, make_organisation, make_person
from tests.factories.periods import IN_Q2
from tests.factories.programs import make_program
from tests.refusals import forbidden
from tests.worlds import staffed_program
from tracker.accounts.models import Notice, Role
from tracker.journal import queries as journal
from tracker.ledger import actions, policies, queries
from tracker.ledger.models import Certification, CertificationSide, CertificationText, Period
from tracker.programs.actions import Participant
from tracker.shared.errors import NotAllowed, Refused


def build():
    """A program without vouchers, one of another office, and its period: 1,000.00 USD committed, 300.00 USD paid."""
    fresh, program = staffed_program(), staffed_program()
    make.make_disbursement(make.make_commitment(program), "300.00")
    return fresh, program, periods.close(program.owner)


@pytest.fixture
def fresh(built):
    return deepcopy(built[0])


@pytest.fixture
def program(built):
    return deepcopy(built[1])


@pytest.fixture
def period(built):
    return deepcopy(built[2])


def without(monkeypatch, *names):
    rooms = (policies, policies.certifications, actions.certifications)
    for name, room in itertools.product(names, rooms):
        if hasattr(room, name):
            monkeypatch.setattr(room, name, lambda *a, **k: None)


def figures(program, period):
    return {
        (line.purpose, line.currency): {
            name: getattr(value, "plain", value) for name, value in line.values.items()
        }
        for line in queries.figures_of(program, period).lines
    }


NOTHING = dict.fromkeys(
    (
        *("committed", "disbursed", "refunded", "received", "used", "written_off"),
        *("unconfirmed", "in_discrepancies"),
    )
) | dict.fromkeys(
    ("late_in", "late_out", "revalued_in", "revalued_out", "discrepancies", "unvalued"), 0
)


# --- The figures -----------------------------------------------------------


def test_the_figures_are_what_was_booked_in_the_quarter_each_currency_for_itself(fresh):
    commitment = make.make_commitment(fresh)
    paid = make.make_disbursement(commitment, "300.00")
    make.make_disbursement(commitment, "90.00", value_date=IN_Q2)
    make.make_commitment(fresh, make.money(5000, "JPY"))
    make.make_commitment()  # of somebody else
    make.make_reversal(make.make_disbursement(commitment, "40.00"))
    period = periods.close(fresh.owner)

    assert figures(fresh, period) == {
        ("aid", "JPY"): NOTHING | {"committed": "5000"},
        ("aid", "USD"): NOTHING
        | {"committed": "1000.00", "disbursed": "300.00", "unconfirmed": "300.00"},
    }
    rows = queries.unconfirmed_in(fresh.transactions.all(), period)
    assert list(rows) == [paid]


def test_what_the_recipient_reports_counts_up_to_what_was_sent_and_differences_stand_apart(
    fresh,
):
    commitment = make.make_commitment(fresh)
    first, second, third = (make.make_disbursement(commitment, "100.00") for _ in range(3))
    received = make.post(fresh, "receipt", "120.00", draws_on=first)
    make.post(fresh, "expenditure", "70.00", draws_on=received)
    make.post(fresh, "receipt", "60.00", draws_on=second, value_date=IN_Q2)
    make.post(fresh, "write_off", "30.00", draws_on=third)
    make.post(fresh, "refund", "10.00", draws_on=third)
    make.post(fresh, "pledge", "9000.00")
    period = periods.close(fresh.owner)

    (line,) = figures(fresh, period).values()
    assert line == NOTHING | {
        "committed": "1000.00",
        "disbursed": "300.00",
        "received": "100.00",
        "in_discrepancies": "60.00",  # a surplus of 20 and a shortfall of 40
        "discrepancies": 2,
        "used": "70.00",
        "written_off": "30.00",
        "refunded": "10.00",
        "unconfirmed": "100.00",  # 40 of the second and 60 of the third, by what is known today
    }
    rows = queries.unconfirmed_in(fresh.transactions.all().order_by("pk"), period)
    assert list(rows) == [second, third]


def test_what_nobody_has_valued_is_counted_and_is_in_no_sum(fresh):
    commitment = make.post(fresh, "commitment", None)
    says = {"draws_on": commitment, "delivery_point": "origin_departure"}
    sent = make.post(fresh, "disbursement", None, **says)
    make.make_commitment(fresh, "5.00")
    period = periods.close(fresh.owner)

    assert figures(fresh, period) == {
        ("aid", ""): NOTHING | {"unvalued": 2},
        ("aid", "USD"): NOTHING | {"committed": "5.00"},
    }
    assert list(queries.unconfirmed_in(fresh.transactions.all(), period)) == [sent]
    labels = [
        line.label
        for line in queries.compare({"now": queries.lines_now(queries.figures_of(fresh, period))})
    ]
    assert labels == ["Without a value", "USD"]
    assert periods.certify(fresh, period)


def test_late_entries_count_where_they_are_booked_and_are_named_on_both_sides(fresh):
    periods.close(fresh.owner)
    periods.make_late_commitment(fresh, "50.00")
    make.make_commitment(fresh, "7.00", value_date=IN_Q2)
    second = periods.close(fresh.owner, IN_Q2)
    first = Period.objects.get(name="FY2024 Q1", organisation=fresh.owner)

    assert figures(fresh, first) == {("aid", "USD"): NOTHING | {"late_out": 1}}
    assert figures(fresh, second) == {
        ("aid", "USD"): NOTHING | {"committed": "57.00", "late_in": 1}
    }
    assert list(queries.programs_in(first)) == list(queries.programs_in(second)) == [fresh]


def test_replenishment_is_a_line_of_its_own(fresh):
    stock = make.make_authority(fresh.owner, purpose="replenishment")
    make.make_commitment(fresh, "100.00")
    make.make_commitment(fresh, "7000.00", authority=stock)
    period = periods.close(fresh.owner)

    assert figures(fresh, period) == {
        ("aid", "USD"): NOTHING | {"committed": "100.00"},
        ("replenishment", "USD"): NOTHING | {"committed": "7000.00"},
    }


def test_what_is_signed_is_one_canonical_text_and_its_digest(program, period):
    found = queries.figures_of(program, period)

    assert found.digest == hashlib.sha256(found.canonical.encode()).hexdigest()
    told = json.loads(found.canonical)
    assert (told["program"], told["period"]) == (str(program.uid), str(period.uid))
    assert told["lines"][0]["committed"] == "1000.00"
    assert told["lines"][0]["received"] is None  # nobody stated any: not 0
    assert " " not in found.canonical


def test_many_programs_cost_as_many_queries_as_one(program, period, count_queries):
    def look():
        return queries.figures_by_program(list(queries.programs_in(period)), period)

    one = count_queries(look)
    periods.reopen(period)
    for _ in range(3):
        make.make_commitment(make_program(owner=program.owner))
    assert count_queries(look) == one
    assert len(look()) == 4


# --- Two sides -------------------------------------------------------------


def test_both_sides_sign_the_figures_as_they_were_shown(program, period):
    donor = periods.certify(program, period, CertificationSide.DONOR)
    recipient = periods.certify(
        program, period, CertificationSide.RECIPIENT, remark="Two tents are missing."
    )

    assert donor.figures == recipient.figures == queries.figures_of(program, period).canonical
    assert donor.organisation == program.owner
    assert recipient.organisation == program.recipients[0]
    assert recipient.text.remark == "Two tents are missing."
    assert "on what the donor's books show" in donor.text.statement
    assert "on what the recipient knows" in recipient.text.statement
    told = journal.history_of(donor)[0].sentence
    assert told == f"The figures were certified for the donor (SHA-256 {donor.figures_digest})."


def test_figures_that_changed_since_they_were_shown_are_not_signed(program, period):
    seen = queries.figures_of(program, period).digest
    periods.make_late_commitment(program)

    with pytest.raises(Refused, match="The figures changed since"):
        periods.certify(program, period, seen=seen)

    assert not Certification.objects.exists()
    periods.certify(program, period)


def test_what_each_side_signed_is_compared(program, period):
    donor = periods.certify(program, period, CertificationSide.DONOR)
    periods.make_late_commitment(program)
    recipient = periods.certify(program, period, CertificationSide.RECIPIENT)

    (line,) = queries.compare(
        {one.side: queries.lines_certified(one) for one in (donor, recipient)}
    )

    assert line.label == "USD"
    assert [(r.label, r.values) for r in line.rows if r.differs] == [
        ("Late entries out", [("donor", 0), ("recipient", 1)])
    ]
    (same,) = queries.compare(dict.fromkeys("ab", queries.lines_certified(donor)))
    assert not same.differs


def test_only_a_closed_period_is_certified(fresh, monkeypatch):
    change = periods.propose_closing(fresh.owner)
    with pytest.raises(Refused, match="certified once it is closed"):
        periods.certify(fresh, change.period)

    without(monkeypatch, "check_can_certify")
    closed = periods.decide(change)
    periods.reopen(change.period)
    monkeypatch.setattr(
        "tracker.ledger.models.PeriodQuerySet.with_closing",
        lambda self: self.annotate(closing=Value(closed.pk)),
    )
    with pytest.raises(Refused, match="opened again at this moment"):
        periods.certify(fresh, change.period)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.DISCLOSURE, Role.RECIPIENT])
def test_only_an_approver_of_the_owner_signs_for_the_donor(program, period, role):
    people = [make_person(Role.APPROVER), periods.representative_of(program)]
    if role != Role.RECIPIENT:
        people.append(make_person(role, organisation=program.owner))
    for person in people:
        with pytest.raises(NotAllowed, match="Only an approver"):
            periods.certify(program, period, CertificationSide.DONOR, by=person)


def test_only_a_representative_of_its_recipient_signs_for_the_recipient(program, period):
    approver = make.approver_of(program)
    of_another = periods.representative_of(make_program())
    of_the_owner = make_person(Role.RECIPIENT, organisation=program.owner)
    for person in (approver, of_another, of_the_owner):
        with pytest.raises(NotAllowed, match="recipient's representative of this program"):
            periods.certify(program, period, CertificationSide.RECIPIENT, by=person)


def test_a_representative_of_one_program_signs_for_that_one_only(program, period):
    person = make_person(employer=program.recipients[0])
    give_role(person, Role.RECIPIENT, program=program)
    other = make_program(owner=program.owner, recipient=program.recipients[0])

    assert (
        periods.certify(program, period, CertificationSide.RECIPIENT, by=person).organisation
        == (program.recipients[0])
    )
    with pytest.raises(NotAllowed):
        periods.certify(other, period, CertificationSide.RECIPIENT, by=person)


def test_with_several_recipients_the_signature_is_for_the_one_that_is_represented():
    owner, first, second = (make_organisation() for _ in range(3))
    parts = [Participant(owner, "donor"), Participant(first, "recipient")]
    program = make_program(owner=owner, participants=[*parts, Participant(second, "recipient")])
    period = periods.close(owner)
    guest = make_person(employer=make_organisation())
    give_role(guest, Role.RECIPIENT, program=program)

    with pytest.raises(Refused, match="unclear for which recipient"):
        periods.certify(program, period, CertificationSide.RECIPIENT, by=guest)

    by = make_person(Role.RECIPIENT, organisation=second)
    assert (
        periods.certify(program, period, CertificationSide.RECIPIENT, by=by).organisation == second
    )


def test_one_side_signs_once_for_a_closing(program, period, monkeypatch):
    periods.certify(program, period)
    another = make_person(Role.APPROVER, organisation=program.owner)
    with pytest.raises(Refused, match="is certified for the donor already"):
        periods.certify(program, period, by=another)

    without(monkeypatch, "check_can_certify")
    with pytest.raises(Refused, match="signed at the same moment"):
        periods.certify(program, period, by=another)


def test_the_same_person_never_signs_for_both_sides(program, period, monkeypatch):
    both = periods.make_both(program)
    periods.certify(program, period, CertificationSide.DONOR, by=both)
    with pytest.raises(NotAllowed, match="You signed for the other side"):
        periods.certify(program, period, CertificationSide.RECIPIENT, by=both)

    without(monkeypatch, "check_can_certify")
    with pytest.raises(Refused, match="You signed for the other side"):
        periods.certify(program, period, CertificationSide.RECIPIENT, by=both)


def test_a_side_that_is_none_is_refused(program, period):
    with pytest.raises(Refused, match="for which side"):
        periods.certify(program, period, "auditor", by=make.approver_of(program))


def test_a_period_of_another_organisation_is_refused(program, period, monkeypatch):
    other = make_program()
    with pytest.raises(Refused, match="another organisation than the program"):
        periods.certify(other, period)

    without(monkeypatch, "check_can_certify")
    with pytest.raises(Refused, match="belongs to another organisation"):
        periods.certify(other, period)


def test_the_database_knows_for_whom_a_side_signs(program, period, monkeypatch):
    stranger = make_organisation()
    for side in CertificationSide:
        monkeypatch.setattr(policies, "organisation_signed_for", lambda *a: stranger)
        with pytest.raises(Refused, match="does not take part on this side"):
            periods.certify(program, period, side)
        monkeypatch.undo()


# --- Opened again ----------------------------------------------------------


def test_opening_again_supersedes_both_and_leaves_them_as_they_are(program, period):
    signed = periods.certify_both(program, period)
    assert all(one.superseded_at is None for one in queries.certifications_of(program, period))

    change = periods.propose_reopening(period)
    decision = periods.decide(change)

    kept = list(queries.certifications_of(program, period))
    assert {one.superseded_at for one in kept} == {
        type(decision).objects.get(pk=decision.pk).decided_at
    }
    assert queries.standing_by_side(program, period) == {}
    assert not Certification.objects.all().standing().exists()
    values = journal.history_of(decision)[0].values
    assert sorted(values["supersedes"]) == sorted(str(one.uid) for one in signed)
    told = Notice.objects.filter(sentence__contains="no longer holds")
    assert {n.person for n in told} == {one.signed_by for one in signed} - {decision.decided_by}


def test_the_next_closing_is_certified_anew(program, period):
    periods.certify_both(program, period)
    periods.reopen(period)
    make.make_commitment(program, "11.00")
    periods.close(program.owner)

    again = periods.certify(program, Period.objects.get(), CertificationSide.DONOR)

    assert Certification.objects.count() == 3
    assert list(queries.standing_by_side(program, period)) == ["donor"]
    assert json.loads(again.figures)["lines"][0]["committed"] == "1011.00"


def test_a_certification_of_an_older_closing_is_refused_by_the_database(program, period):
    old = periods.certify(program, period)
    periods.reopen(period)
    periods.close(program.owner)
    copied = {
        f.attname: getattr(old, f.attname)
        for f in Certification._meta.concrete_fields
        if f.name not in ("id", "uid", "side", "organisation", "text", "entry", "signed_by")
    } | {"side": "recipient", "organisation": program.recipients[0]}
    text = CertificationText.objects.create(statement="x")
    by = periods.representative_of(program)
    with forbidden("certification_of_a_closed_period"):
        Certification.objects.bulk_create(
            [Certification(**copied, text=text, entry_id=old.entry_id, signed_by=by)]
        )  # fmt: skip


# --- Who is told and asked -------------------------------------------------


def test_both_sides_are_told_when_there_is_something_to_sign(fresh):
    make.make_commitment(fresh)
    representative = periods.representative_of(fresh)
    colleague = make_person(Role.APPROVER, organisation=fresh.owner)

    period = periods.close(fresh.owner)

    for person in (representative, colleague):
        assert Notice.objects.filter(person=person, sentence__contains="certify its figures")
    donor = periods.certify(fresh, period)
    told = Notice.objects.filter(person=representative, sentence__contains="certify it for the rec")
    assert told.get().path == f"/desk/periods/{period.uid}/programs/{fresh.uid}/"
    periods.certify(fresh, period, CertificationSide.RECIPIENT)
    told = Notice.objects.filter(person=donor.signed_by, sentence__contains="recipient as well")
    assert told.exists()


def waiting(person):
    rows = queries.certifications_waiting_for(person)
    return [(row.name, row.program_title) for row in rows]


def test_what_waits_for_a_signature_waits_for_who_may_give_it(program, period):
    make_program(owner=program.owner)  # moved no money
    approver, representative = make.approver_of(program), periods.representative_of(program)
    both = periods.make_both(program)
    expected = [("FY2024 Q1", program.title)]
    assert waiting(approver) == waiting(representative) == waiting(both) == expected
    assert waiting(make_person(Role.APPROVER)) == []
    assert waiting(make.officer_of(program)) == []

    periods.certify(program, period, by=both)

    assert waiting(approver) == waiting(both) == []
    assert waiting(representative) == expected
    periods.certify(program, period, CertificationSide.RECIPIENT)
    assert waiting(representative) == []
    periods.reopen(period)
    assert waiting(approver) == []
    periods.close(program.owner)
    assert waiting(approver) == expected
