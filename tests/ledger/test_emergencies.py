"""Posting in an emergency: two signatures become one, never none, never the maker's; somebody else reviews it."""

from copy import deepcopy
from datetime import timedelta

import pytest

from tests.factories import ledger as make
from tests.factories import signing as sign
from tests.factories.accounts import give_role, make_organisation, make_person, sign_in
from tests.factories.audits import make_auditor
from tests.factories.publishing import publish
from tests.factories.uploads import make_office, make_upload
from tests.ledger.test_database import approve_only, copy_of, entry_for
from tests.refusals import forbidden, refused_at
from tests.worlds import staffed_program
from tracker.accounts.models import Notice, Role
from tracker.dashboards import queries as dashboards
from tracker.journal import projections
from tracker.ledger import actions, queries
from tracker.ledger.models import (
    Approval,
    EmergencyPosting,
    EmergencyReview,
    EmergencyReviewText,
    EmergencyText,
    Transaction,
)
from tracker.publishing import released
from tracker.publishing.actions.releases import Content
from tracker.publishing.queries.programs import differences
from tracker.shared.errors import NotAllowed, Refused
from tracker.uploads import actions as uploads
from tracker.uploads.queries import version_of


def build():
    """A program whose office has a table, and another approver of it."""
    program = staffed_program()
    sign.set_table(program.owner)
    return program, sign.make_approver(program.owner)


@pytest.fixture
def program(built):
    return deepcopy(built[0])


@pytest.fixture
def office(program):
    return program.owner


@pytest.fixture
def approver(built):
    return deepcopy(built[1])


def submitted(program, amount="300.00", **says):
    return make.submit(make.make_voucher(program, amount=make.money(amount), **says))


def posting_of(version, by, **other):
    """An unsaved emergency posting past the actions, on the person's signature."""
    text = EmergencyText.objects.create(reason="No time.")
    says = {
        "version": version,
        "approval": version.approvals.order_by("-pk").first(),
        "review_due_on": version.voucher.organisation.today(),
        "posted_by": by,
    }
    row = EmergencyPosting(text=text, text_digest=text.digest, **says | other)
    row.entry_id = entry_for(row)
    return row


# --- Posting ---------------------------------------------------------------


def test_one_signature_posts_what_needs_two_and_opens_a_review(program, office, approver):
    reviewer = sign.make_approver(office)
    version = submitted(program)

    posting = sign.post_in_emergency(version, approver)

    assert Transaction.objects.get().version == version
    assert (posting.approval.approver, posting.approval.level) == (approver, "two")
    assert posting.review_due_on == office.today() + timedelta(days=5)
    assert posting.status == "waiting"
    version.voucher.refresh_from_db()
    assert version.voucher.status == "posted"
    told = Notice.objects.filter(person=reviewer, sentence__contains="review it until")
    assert told.exists()
    assert list(queries.emergencies_to_review(reviewer)) == [posting]
    assert not queries.emergencies_to_review(approver).exists()


def test_the_days_until_the_review_are_a_setting(program, approver, settings):
    settings.EMERGENCY_REVIEW_DAYS = 2
    posting = sign.post_in_emergency(submitted(program), approver)
    assert posting.review_due_on == program.owner.today() + timedelta(days=2)


def test_it_needs_a_reason(program, approver):
    version = submitted(program)
    with refused_at("reason"):
        sign.post_in_emergency(version, approver, reason="  ")
    assert not Approval.objects.exists()


def test_never_where_one_signature_suffices(program, approver):
    version = submitted(program, "100.00")
    with pytest.raises(Refused, match="One signature suffices"):
        sign.post_in_emergency(version, approver)

    approve_only(version, by=approver, level="one")
    with forbidden("emergency_only_where_two_sign|emergency_not_once_signed"):
        posting_of(version, approver).save()


def test_never_the_maker_and_the_database_knows_it(program, office, approver):
    version = submitted(program)
    maker = version.voucher.created_by
    give_role(maker, Role.APPROVER, organisation=office)
    with pytest.raises(NotAllowed, match="had a hand"):
        sign.post_in_emergency(version, maker)

    approve_only(version, by=approver, level="two")
    with forbidden("emergency_never_by_the_maker|emergency_by_its_signer"):
        posting_of(version, maker).save()


def test_never_without_a_signature(program, office, approver):
    signed, bare = submitted(program), submitted(program)
    approve_only(signed, by=approver, level="two")
    approval = signed.approvals.get()
    with forbidden("emergency_only_where_two_sign|emergency_by_its_signer"):
        posting_of(bare, approver, approval=approval).save()
    with forbidden("transaction_needs_an_approval|transaction_needs_every_signature"):
        copy_of(bare).save()


def test_only_by_who_signed_it(program, office, approver):
    version = submitted(program)
    approve_only(version, by=approver, level="two")
    with forbidden("emergency_by_its_signer"):
        posting_of(version, sign.make_approver(office)).save()


def test_only_a_senior_approver_where_one_of_two_has_to_be_senior(program, office, approver):
    version = submitted(program, "1000.00")
    with pytest.raises(NotAllowed, match="only a senior approver posts alone"):
        sign.post_in_emergency(version, approver)
    approve_only(version, by=approver, level="with_senior")
    with forbidden("emergency_with_a_senior"):
        posting_of(version, approver).save()
    with pytest.raises(NotAllowed, match="only a senior approver posts alone"):
        sign.post_in_emergency(version, approver)

    other = submitted(program, "1000.00")
    sign.post_in_emergency(other, sign.make_senior(office))
    assert Transaction.objects.filter(version=other).exists()


def test_who_has_signed_already_posts_it_when_the_second_cannot_be_had(program, approver):
    version = submitted(program)
    approval = actions.approve_voucher(version=version, by=approver)

    posting = sign.post_in_emergency(version, approver)

    assert posting.approval == approval
    assert Approval.objects.count() == 1


def test_with_the_signature_that_completes_it_there_is_no_emergency(program, office, approver):
    version = submitted(program)
    actions.approve_voucher(version=version, by=approver)
    with pytest.raises(Refused, match="That is no emergency"):
        sign.post_in_emergency(version, sign.make_approver(office))


def test_never_a_batch_and_never_what_is_posted():
    office, officer, approver = make_office()
    sign.set_table(office, one="1.00")
    upload = make_upload(by=officer, organisation=office)
    upload = uploads.submit_upload(upload=upload, by=officer)
    version = version_of(upload)
    with pytest.raises(Refused, match="records what was paid before"):
        sign.post_in_emergency(version, approver)
    approve_only(version, by=approver, level="two")
    with forbidden("emergency_never_of_a_batch"):
        posting_of(version, approver).save()


def test_a_version_with_every_signature_is_no_emergency(program, office, approver):
    version = submitted(program)
    for person in (approver, sign.make_approver(office)):
        actions.approve_voucher(version=version, by=person)
    with pytest.raises(Refused, match="posted already"):
        sign.post_in_emergency(version, sign.make_approver(office))
    with forbidden("emergency_not_once_signed"):
        last = version.approvals.order_by("-pk").first()
        posting_of(version, last.approver).save()


def test_nothing_is_left_of_it_when_the_money_does_not_suffice(program, office, approver):
    commitment = make.make_commitment(program, "90.00")
    sign.set_limit(office, "one", "10.00")
    vouchers = [
        make.make_voucher(program, "disbursement", amount=make.money("60.00"), draws_on=commitment)
        for _ in "12"
    ]
    first, second = (make.submit(voucher) for voucher in vouchers)
    sign.post_in_emergency(first, approver)
    with refused_at("amount"):
        sign.post_in_emergency(second, approver)
    assert EmergencyPosting.objects.count() == Approval.objects.filter(level="two").count() == 1


def test_who_has_an_interest_posts_nothing(program, approver):
    supplier = make_organisation()
    version = submitted(program, receiver=supplier)
    actions.approve_voucher(version=version, by=approver)
    sign.declare(approver, concerns=supplier)
    with pytest.raises(NotAllowed, match="declared an interest"):
        sign.post_in_emergency(version, approver)


# --- Reviewing -------------------------------------------------------------


@pytest.mark.parametrize("ratify, verdict", [(True, "ratified"), (False, "objected")])
def test_somebody_else_ratifies_it_or_objects(program, office, approver, ratify, verdict):
    posting = sign.post_in_emergency(submitted(program), approver)
    reviewer = sign.make_approver(office)

    sign.review(posting, ratify, "I saw the order.", by=reviewer)

    posting = EmergencyPosting.objects.get()
    assert (posting.status, posting.review.text.words) == (verdict, "I saw the order.")
    assert Notice.objects.filter(person=approver, sentence__contains="emergency posting").exists()
    assert not queries.emergencies_to_review(reviewer).exists()
    with pytest.raises(Refused, match="already: nothing is left to review"):
        sign.review(posting, by=sign.make_approver(office))


def test_a_review_needs_words(program, approver):
    posting = sign.post_in_emergency(submitted(program), approver)
    with refused_at("words"):
        sign.review(posting, words=" ")


def test_neither_who_posted_nor_who_made_it_reviews_it(program, office, approver, monkeypatch):
    posting = sign.post_in_emergency(submitted(program), approver)
    maker = posting.version.voucher.created_by
    give_role(maker, Role.APPROVER, organisation=office)
    for person, words in ((approver, "You posted it"), (maker, "had a hand")):
        with pytest.raises(NotAllowed, match=words):
            sign.review(posting, by=person)
        text = EmergencyReviewText.objects.create(words="Fine.")
        row = EmergencyReview(
            posting=posting, verdict="ratified", text=text, text_digest=text.digest
        )
        row.reviewed_by = person
        row.entry_id = entry_for(row)
        with forbidden("emergency_review_by_another"):
            row.save()


@pytest.mark.parametrize("role", [Role.OFFICER, Role.DISCLOSURE])
def test_only_an_approver_reviews(program, office, approver, role):
    posting = sign.post_in_emergency(submitted(program), approver)
    for person in (make_person(role, organisation=office), sign.make_approver(make_organisation())):
        with pytest.raises(NotAllowed, match="may review emergency postings"):
            sign.review(posting, by=person)


def test_an_overdue_review_stands_on_the_desks_of_reviewers_and_auditors(
    program, office, approver, monkeypatch
):
    reviewer, auditor = sign.make_approver(office), make_auditor(program)
    sign.post_in_emergency(submitted(program), approver)

    def desk(person):
        groups = dashboards.desk_of(person).waiting.groups
        return {group.title: group.items[0].due for group in groups}

    assert "due" in desk(reviewer)["Emergency postings to review"]
    assert "Overdue reviews of emergencies" not in desk(auditor)
    late = office.today() + timedelta(days=8)
    monkeypatch.setattr("tracker.dashboards.queries.waiting.today_for", lambda user: late)
    assert desk(reviewer)["Emergency postings to review"] == "3 days overdue"
    assert desk(auditor)["Overdue reviews of emergencies"] == "3 days overdue"


# --- Public ----------------------------------------------------------------


def counted(release):
    (row,) = released.rows(release, "emergencies")
    return {name: cell["value"] for name, cell in row.cells.items()}


def test_how_many_there_are_is_public_and_who_and_why_is_not(program, office, approver, client):
    assert counted(publish(program)) == {"postings": 0, "not_reviewed": 0, "objected": 0}
    page = client.get(f"/programs/{program.uid}/").content.decode()
    assert "Nothing was posted in an emergency" in page

    first = sign.post_in_emergency(submitted(program), approver, reason="The road closes today.")
    sign.post_in_emergency(submitted(program), approver)
    sign.review(first, ratify=False)

    assert counted(publish(program)) == {"postings": 2, "not_reviewed": 1, "objected": 1}
    page = client.get(f"/programs/{program.uid}/").content.decode()
    assert "2 postings in an emergency" in page
    assert "1 of them is not yet reviewed" in page
    assert "objected to 1" in page
    assert "The road closes" not in page and approver.name not in page


def test_a_release_from_before_they_were_counted_says_so(program, client, monkeypatch):
    monkeypatch.setattr("tracker.publishing.actions.releases.Content.rows", _without_emergencies())
    publish(program)
    page = client.get(f"/programs/{program.uid}/").content.decode()
    assert "does not count emergency postings" in page


def _without_emergencies():
    original = Content.rows
    return lambda self: (row for row in original(self) if row.kind != "emergencies")


def test_a_review_makes_the_program_differ_from_its_release(program, approver):
    posting = sign.post_in_emergency(submitted(program), approver)
    publish(program)
    sign.review(posting)
    (change,) = [c for c in differences(program) if c.kind == "emergencies"]
    assert change.fields == "not reviewed"


# --- Pages -----------------------------------------------------------------


def text(response):
    return response.content.decode()


def test_it_is_posted_from_the_vouchers_page_and_reviewed_on_its_own(
    client, program, office, approver
):
    version = submitted(program)
    page = f"/desk/vouchers/{version.voucher.uid}/"
    sign_in(client, approver)
    assert "Post it in an emergency" in text(client.get(page))
    said = {"version": version.uid, "reason": ""}
    shown = text(client.post(f"{page}emergency/", said, follow=True))
    assert "Say why there is no time" in shown

    said["reason"] = "The road closes today."
    shown = text(client.post(f"{page}emergency/", said, follow=True))

    assert "is posted in an emergency. Its review is due." in shown
    assert "One signature stood for two." in shown
    own = f"/desk/emergencies/{EmergencyPosting.objects.get().uid}/"
    shown = text(client.get(own))
    assert "The road closes today." in shown and "You posted it" in shown

    sign_in(client, sign.make_approver(office))
    assert "Review the emergency posting" in text(client.get("/desk/"))
    said = {"verdict": "object", "words": "The road was open."}
    assert "It is unclear" in text(client.post(f"{own}review/", {"words": "x"}, follow=True))
    wordless = client.post(f"{own}review/", {"verdict": "ratify"}, follow=True)
    assert "Say what you looked at" in text(wordless)
    shown = text(client.post(f"{own}review/", said, follow=True))
    assert "The road was open." in shown
    assert "An objection changes no fact." in shown


def test_the_page_offers_no_emergency_where_one_signature_suffices(client, program, approver):
    version = submitted(program, "50.00")
    sign_in(client, approver)
    assert "emergency" not in text(client.get(f"/desk/vouchers/{version.voucher.uid}/"))


def test_the_list_filters_and_costs_the_same_for_more_rows(
    client, program, approver, count_queries
):
    first = sign.post_in_emergency(submitted(program), approver)
    sign_in(client, approver)
    before = count_queries(lambda: client.get("/desk/emergencies/"))
    for _ in "123":
        sign.post_in_emergency(submitted(program), approver)
    sign.review(first)
    assert count_queries(lambda: client.get("/desk/emergencies/")) == before
    number = first.version.voucher.number
    assert number in text(client.get("/desk/emergencies/?state=ratified"))
    assert f">{number}<" not in text(client.get(f"/desk/emergencies/?state=waiting&q={number}"))


def test_an_emergency_stays_posted_past_the_actions_too(program, approver):
    """Its journal entries rebuild the voucher's state: posted, although one of two signatures is there."""
    sign.post_in_emergency(submitted(program), approver)
    assert list(projections.differences(only={"voucher", "emergency posting", "approval"})) == []
