"""The pages about people: who sees them, what they say, what their buttons do."""

import csv
import io
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.core import mail

from tests.factories.accounts import (
    administrators_of,
    give_role,
    make_organisation,
    make_person,
    sign_in,
)
from tests.factories.programs import make_program
from tracker.accounts import actions, policies
from tracker.accounts.models import Invitation, MembershipStatus, Organisation, Role, User

GOOD = "correct-horse-battery"
LISTS = [
    "/desk/people/",
    "/desk/people/roles/",
    "/desk/people/invitations/",
    "/desk/people/organisations/",
]
HEADS = ["Name", "E-mail", "Works for", "Roles", "Account", "Joined"]
FORMS = ["/desk/people/invite/", "/desk/people/find/", "/desk/people/organisations/new/"]


@pytest.fixture
def place():
    return make_organisation("Ministry of Aid")


@pytest.fixture
def two(place):
    return administrators_of(place)


@pytest.fixture
def person(place, two):
    somebody = welcome(place, two[0])
    actions.grant_role(person=somebody, role=Role.OFFICER, organisation=place, by=two[0])
    return somebody


def welcome(place, by):
    """Somebody who was invited and came."""
    _, secret = actions.invite_person(
        email="welcome@example.org", name="Somebody", organisation=place, by=by
    )
    return actions.accept_invitation(secret=secret, password=GOOD)


@pytest.fixture
def admin(client, two):
    return sign_in(client, two[0])


@pytest.fixture
def proposed(place, two):
    newcomer = make_person(organisation=place, name="Newcomer")
    return actions.grant_role(person=newcomer, role=Role.APPROVER, organisation=place, by=two[0])


def text(response):
    return response.content.decode()


def verbs(person, membership, invitation):
    """Every address below the people pages that only takes POST."""
    return [
        f"/desk/people/{person.uid}/roles/",
        f"/desk/people/{person.uid}/deactivate/",
        f"/desk/people/{person.uid}/reactivate/",
        f"/desk/people/roles/{membership.uid}/confirm/",
        f"/desk/people/roles/{membership.uid}/decline/",
        f"/desk/people/roles/{membership.uid}/end/",
        f"/desk/people/invitations/{invitation.uid}/withdraw/",
    ]


@pytest.fixture
def posts(place, two, person, proposed):
    invitation, _ = actions.invite_person(
        email="new@example.org", name="New", organisation=place, by=two[0]
    )
    return verbs(person, proposed, invitation)


# --- Who may come in -------------------------------------------------------


def test_without_a_sign_in_every_page_leads_there(client, person, posts):
    for path in [*LISTS, *FORMS, f"/desk/people/{person.uid}/", "/account/", "/account/notices/"]:
        assert client.get(path)["Location"] == f"/account/login/?next={path}"
    for path in [*posts, *FORMS, "/account/notices/read/"]:
        assert client.post(path)["Location"].startswith("/account/login/")


@pytest.mark.parametrize("role", [r for r in Role if r != Role.ADMINISTRATOR])
def test_who_is_no_administrator_is_refused(client, place, person, posts, role):
    sign_in(client, make_person(role, organisation=place))

    for path in [*LISTS, *FORMS, f"/desk/people/{person.uid}/"]:
        answer = client.get(path)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert "Only administrators see people" in text(answer)
    assert {client.post(path).status_code for path in [*posts, *FORMS]} == {HTTPStatus.FORBIDDEN}


def test_an_administrator_of_another_organisation_finds_nothing(client, person, posts, two):
    sign_in(client, administrators_of(make_organisation())[0])

    assert client.get(f"/desk/people/{person.uid}/").status_code == HTTPStatus.NOT_FOUND
    assert {client.post(path).status_code for path in posts} == {HTTPStatus.NOT_FOUND}
    for path in LISTS[:3]:
        page = text(client.get(path))
        assert person.name not in page and "Newcomer" not in page and "new@example" not in page


def test_what_does_not_exist_answers_like_what_one_may_not_see(admin):
    assert admin.get(f"/desk/people/{uuid4()}/").status_code == HTTPStatus.NOT_FOUND


def test_a_button_is_not_a_link(admin, posts):
    assert {admin.get(path).status_code for path in posts} == {HTTPStatus.METHOD_NOT_ALLOWED}


# --- Lists -----------------------------------------------------------------


def test_the_list_shows_my_people_and_guests_with_their_roles(admin, place, person):
    guest = make_person(name="Guest", organisation=make_organisation("Audit Office"))
    give_role(guest, Role.AUDITOR, organisation=place)

    page = text(admin.get("/desk/people/"))

    assert person.name in page and "program officer of Ministry of Aid" in page
    assert "Guest" in page and "auditor of Ministry of Aid" in page


def test_what_a_guest_does_elsewhere_is_not_mine_to_see(admin, place):
    elsewhere = make_organisation("Elsewhere")
    guest = make_person(Role.OFFICER, organisation=elsewhere)
    give_role(guest, Role.AUDITOR, organisation=place)

    for path in ("/desk/people/", "/desk/people/?format=csv", f"/desk/people/{guest.uid}/"):
        answer = admin.get(path)
        body = b"".join(answer).decode()
        assert "program officer of Elsewhere" not in body
        assert "The role program officer" not in body
    assert guest.email not in text(admin.get("/desk/people/?role=officer"))


@pytest.mark.parametrize(
    "query, expected",
    [
        ("q=nadia", {"Nadia"}),
        ("q=EXAMPLE.org", {"Nadia", "Omar", "Administrator"}),
        ("role=auditor", {"Nadia"}),
        ("role=approver", set()),
        ("status=no", {"Omar"}),
        ("status=yes", {"Nadia", "Administrator"}),
    ],
)
def test_the_list_is_narrowed_down_and_its_file_holds_the_same(admin, place, two, query, expected):
    make_person(Role.AUDITOR, organisation=place, name="Nadia")
    omar = make_person(organisation=place, name="Omar")
    actions.deactivate_person(person=omar, by=two[0])

    answer = admin.get(f"/desk/people/?{query}&format=csv")

    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode(), newline="")))
    assert {row["Name"] for row in rows} == expected
    assert not rows or list(rows[0]) == HEADS


def test_the_list_is_narrowed_to_an_organisation_of_mine_only(admin, place, person):
    other = make_organisation()

    assert person.name in text(admin.get(f"/desk/people/?organisation={place.uid}"))
    answer = admin.get(f"/desk/people/?organisation={other.uid}")
    assert answer.status_code == HTTPStatus.OK
    assert "could not be understood" in text(answer)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "query", ["q=%00", "sort=nothing", "page=zero", "role=king", "status=%F0%9F%92%A5", "state=x"]
)
def test_a_list_survives_nonsense(admin, path, query):
    assert admin.get(f"{path}?{query}").status_code == HTTPStatus.OK


@pytest.mark.thorough
@pytest.mark.parametrize("path", [*LISTS, "/account/notices/"])
def test_more_rows_cost_no_more_queries(admin, place, two, path, count_queries):
    def more(number):
        for _ in range(number):
            one = make_person(Role.OFFICER, organisation=place)
            actions.grant_role(person=one, role=Role.APPROVER, organisation=place, by=two[1])

    more(2)
    admin.get(path)
    few = count_queries(lambda: admin.get(path))
    more(5)

    assert count_queries(lambda: admin.get(path)) == few


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("direction", ["", "-"])
def test_every_column_that_offers_it_sorts(admin, person, posts, path, direction):
    table = admin.get(path).context_data["table"]
    for column in table.columns:
        if column.orderable:
            answer = admin.get(f"{path}?sort={direction}{column.name}")
            assert answer.status_code == HTTPStatus.OK, column.name


def test_htmx_gets_the_table_only(admin):
    page = text(admin.get("/desk/people/", headers={"hx-request": "true"}))

    assert page.lstrip().startswith("<section") and "<html" not in page


def test_the_people_page_says_what_waits_and_for_whom(client, proposed, two):
    waiting = "Newcomer as approver of Ministry of Aid"

    mine = text(sign_in(client, two[1]).get("/desk/people/"))
    assert waiting in mine and "Your step" in mine

    theirs = text(sign_in(client, two[0]).get("/desk/people/"))
    assert waiting in theirs and "Waits for somebody else" in theirs and "Your step" not in theirs


def test_an_administrator_who_is_alone_is_told_how_that_is_mended(admin, two):
    assert "no second administrator" not in text(admin.get("/desk/people/"))

    actions.deactivate_person(person=two[1], by=two[0])

    assert "no second administrator" in text(admin.get("/desk/people/"))


def test_the_list_of_roles_keeps_what_is_over(admin, person, two):
    actions.end_role(membership=person.memberships.get(), by=two[0])

    assert person.name in text(admin.get("/desk/people/roles/?status=ended"))
    assert person.name not in text(admin.get("/desk/people/roles/?status=active"))


def test_the_list_of_roles_says_who_gave_each_and_who_was_the_second(admin, person, proposed, two):
    answer = b"".join(admin.get("/desk/people/roles/?format=csv")).decode()

    rows = csv.DictReader(io.StringIO(answer, newline=""))
    said = {
        (row["Role"], row["Proposed or granted by"], row["Second administrator"]) for row in rows
    }
    assert said == {
        ("administrator", "the system", "not needed"),
        ("program officer", two[0].name, "not needed"),
        ("approver", two[0].name, "not yet"),
    }


# --- One person ------------------------------------------------------------


def test_a_person_page_tells_the_history_with_names(admin, person, two):
    actions.deactivate_person(person=person, by=two[1])

    page = text(admin.get(f"/desk/people/{person.uid}/"))

    assert f"{person.name} can no longer sign in." in page
    assert "The role program officer was granted. (Ministry of Aid)" in page
    assert page.count(two[1].name) >= 1 and "journal entry" in page


def test_a_person_page_costs_the_same_for_much_history(admin, place, person, two, count_queries):
    path = f"/desk/people/{person.uid}/"
    admin.get(path)
    few = count_queries(lambda: admin.get(path))
    for _ in range(3):
        actions.deactivate_person(person=person, by=two[0])
        actions.reactivate_person(person=person, by=two[0])

    assert count_queries(lambda: admin.get(path)) == few


def grant(client, person, **fields):
    return client.post(f"/desk/people/{person.uid}/roles/", fields)


def test_a_role_is_given_over_an_organisation_or_a_program(admin, place, person):
    program = make_program(owner=place)

    assert grant(admin, person, role="auditor", organisation=place.pk).status_code == 302
    assert grant(admin, person, role="auditor", program=program.pk).status_code == 302

    assert policies.holds(person, Role.AUDITOR, organisation=place)
    assert person.memberships.filter(program=program).exists()


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({}, "This field is required"),
        ({"role": "auditor"}, "Choose an organisation or a program: one of the two."),
        ({"role": "king"}, "Select a valid choice"),
        ({"role": "officer", "organisation": "place"}, "holds this role already"),
        ({"role": "auditor", "organisation": "other"}, "Select a valid choice"),
        ({"role": "auditor", "program": "foreign"}, "Select a valid choice"),
        ({"role": "auditor", "organisation": "place", "program": "own"}, "one of the two"),
        ({"role": "administrator", "program": "own"}, "for an organisation, not for a program"),
        ({"role": "auditor", "organisation": "x"}, "Select a valid choice"),
        ({"role": "auditor", "organisation": "9" * 30}, "Select a valid choice"),
    ],
)
def test_a_role_that_cannot_be_given_gets_a_sentence(admin, place, person, fields, sentence):
    known = {
        "place": place.pk,
        "other": make_organisation().pk,
        "own": make_program(owner=place).pk,
        "foreign": make_program().pk,
    }
    sent = {name: known.get(value, value) for name, value in fields.items()}

    answer = grant(admin, person, **sent)

    assert answer.status_code == HTTPStatus.OK
    assert sentence in text(answer)
    assert person.memberships.count() == 1


def test_a_proposal_says_that_it_waits_and_the_other_confirms_it(client, place, person, two):
    sign_in(client, two[0])
    answer = client.post(
        f"/desk/people/{person.uid}/roles/",
        {"role": "approver", "organisation": place.pk},
        follow=True,
    )
    page = text(answer)
    assert "A second administrator confirms" in page
    assert "Take back" in page and ">Confirm<" not in page

    sign_in(client, two[1])
    waiting = person.memberships.get(role=Role.APPROVER)
    assert ">Confirm<" in text(client.get(f"/desk/people/{person.uid}/"))
    client.post(f"/desk/people/roles/{waiting.uid}/confirm/")

    assert policies.holds(person, Role.APPROVER, organisation=place)


def test_who_proposed_gets_a_sentence_for_confirming(admin, proposed):
    answer = admin.post(f"/desk/people/roles/{proposed.uid}/confirm/")

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "somebody else confirms it" in text(answer)


@pytest.mark.parametrize("verb, status", [("confirm", "active"), ("decline", "declined")])
def test_a_decision_is_made_once(client, proposed, two, verb, status):
    sign_in(client, two[1])
    path = f"/desk/people/roles/{proposed.uid}/{verb}/"

    client.post(path)
    again = client.post(path, follow=True)

    proposed.refresh_from_db()
    assert proposed.status == status
    assert f"It is {status} already" in text(again)


def test_a_role_is_ended_by_a_button(admin, person):
    membership = person.memberships.get()

    admin.post(f"/desk/people/roles/{membership.uid}/end/")

    membership.refresh_from_db()
    assert membership.status == MembershipStatus.ENDED


def test_an_account_is_switched_off_and_on_by_buttons(admin, person):
    off = text(admin.post(f"/desk/people/{person.uid}/deactivate/", follow=True))
    assert "can no longer sign in." in off and "Reactivate" in off
    assert not User.objects.get(pk=person.pk).is_active

    twice = text(admin.post(f"/desk/people/{person.uid}/deactivate/", follow=True))
    assert "cannot sign in already" in twice

    admin.post(f"/desk/people/{person.uid}/reactivate/")
    assert User.objects.get(pk=person.pk).is_active


def test_no_button_is_offered_for_ones_own_account(admin, two):
    page = text(admin.get(f"/desk/people/{two[0].uid}/"))

    assert "Nobody switches off their own account" in page and "Deactivate" not in page
    assert admin.post(f"/desk/people/{two[0].uid}/deactivate/").status_code == 403


# --- Guests ----------------------------------------------------------------


def test_a_guest_gets_a_role_by_their_address(admin, place):
    guest = make_person(organisation=make_organisation())

    answer = admin.post(
        "/desk/people/find/",
        {"email": guest.email.upper(), "role": "auditor", "organisation": place.pk},
    )

    assert answer["Location"] == f"/desk/people/{guest.uid}/"
    assert policies.holds(guest, Role.AUDITOR, organisation=place)


@pytest.mark.parametrize(
    "email, sentence",
    [("nobody@example.org", "Nobody signs in with this address"), ("nobody", "valid email")],
)
def test_an_unknown_guest_gets_a_sentence(admin, place, email, sentence):
    fields = {"email": email, "role": "auditor", "organisation": place.pk}

    assert sentence in text(admin.post("/desk/people/find/", fields))


def test_a_role_refused_to_a_guest_gets_a_sentence(admin, place, two):
    fields = {"email": two[0].email, "role": "auditor", "organisation": place.pk}

    assert "to themselves" in text(admin.post("/desk/people/find/", fields))


# --- Invitations -----------------------------------------------------------


def invite(client, **fields):
    return client.post("/desk/people/invite/", fields)


def test_an_invitation_goes_out_and_is_listed(admin, place, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = invite(admin, email="New@example.org", name="New", organisation=place.pk)

    assert answer["Location"] == "/desk/people/invitations/"
    page = text(admin.get(answer["Location"]))
    assert "new@example.org" in page and "Withdraw" in page
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"email": "nobody"}, "Enter a valid email address"),
        ({"name": ""}, "This field is required"),
        ({"organisation": "other"}, "Select a valid choice"),
        ({"email": "here"}, "already here: give them a role instead"),
        ({"email": "x" * 250 + "@example.org"}, "at most 254 characters"),
    ],
)
def test_an_invitation_that_cannot_be_gets_a_sentence(admin, place, person, fields, sentence):
    known = {"other": make_organisation().pk, "here": person.email}
    before = Invitation.objects.count()
    sent = {"email": "new@example.org", "name": "New", "organisation": place.pk} | fields

    answer = invite(admin, **{name: known.get(value, value) for name, value in sent.items()})

    assert answer.status_code == HTTPStatus.OK and sentence in text(answer)
    assert Invitation.objects.count() == before


@pytest.mark.parametrize("state", ["open", "accepted", "expired", "withdrawn"])
def test_invitations_are_found_by_their_state(admin, place, two, state):
    welcome(place, two[0])
    for n in range(3):
        actions.invite_person(
            email=f"new{n}@example.org", name=f"New {n}", organisation=place, by=two[0]
        )
    first, second, _ = Invitation.objects.filter(email__startswith="new").order_by("pk")
    actions.withdraw_invitation(invitation=first, by=two[0])
    Invitation.objects.filter(pk=second.pk).update(expires_at="2020-01-01T00:00Z")

    answer = b"".join(admin.get(f"/desk/people/invitations/?state={state}&format=csv"))

    rows = list(csv.DictReader(io.StringIO(answer.decode(), newline="")))
    assert [row["State"] for row in rows] == [state]


def test_a_withdrawn_invitation_opens_nothing(client, place, two):
    invitation, secret = actions.invite_person(
        email="new@example.org", name="New", organisation=place, by=two[0]
    )
    sign_in(client, two[1]).post(f"/desk/people/invitations/{invitation.uid}/withdraw/")
    again = client.post(f"/desk/people/invitations/{invitation.uid}/withdraw/", follow=True)

    assert "no longer open" in text(again)
    client.logout()
    assert client.get(f"/account/invitation/?code={secret}", follow=True).status_code == 404


# --- Accepting -------------------------------------------------------------


@pytest.fixture
def secret(place, two):
    return actions.invite_person(
        email="new@example.org", name="New Person", organisation=place, by=two[0]
    )[1]


def accept(client, password=GOOD, again=GOOD):
    return client.post("/account/invitation/", {"password": password, "again": again})


def test_an_invitation_is_accepted_without_a_sign_in(client, secret):
    opened = client.get(f"/account/invitation/?code={secret}")
    assert opened["Location"] == "/account/invitation/"  # the secret leaves the address bar
    page = text(client.get(opened["Location"]))
    assert "Welcome, New Person" in page and "Ministry of Aid" in page and secret not in page

    ready = accept(client)

    assert ready["Location"] == "/account/login/"
    assert "Sign in as new@example.org" in text(client.get("/account/login/"))
    fields = {"login": "new@example.org", "password": GOOD}
    assert client.post("/account/login/", fields)["Location"] == "/desk/"


def test_opening_the_link_alone_changes_nothing(client, secret):
    client.get(f"/account/invitation/?code={secret}", follow=True)

    assert not User.objects.filter(email="new@example.org").exists()
    assert accept(client).status_code == 302


def test_whoever_was_signed_in_is_signed_out(client, secret, person):
    sign_in(client, person)
    client.get(f"/account/invitation/?code={secret}")
    assert f"({person.name})" in text(client.get("/account/invitation/"))

    accept(client)

    assert client.get("/account/")["Location"].startswith("/account/login/")


@pytest.mark.parametrize(
    "password, again, sentence",
    [
        ("short", "short", "at least 12 characters"),
        (GOOD, "something-else", "The two passwords differ"),
        ("", "", "This field is required"),
        ("new@example.org", "new@example.org", "too similar"),
    ],
)
def test_a_password_that_cannot_be_gets_a_sentence(client, secret, password, again, sentence):
    client.get(f"/account/invitation/?code={secret}")

    answer = accept(client, password, again)

    assert answer.status_code == HTTPStatus.OK and sentence in text(answer)
    assert not User.objects.filter(email="new@example.org").exists()


def test_a_used_an_expired_and_a_wrong_code_answer_alike(client, place, two, secret):
    actions.accept_invitation(secret=secret, password=GOOD)
    _, old = actions.invite_person(
        email="old@example.org", name="Old", organisation=place, by=two[0]
    )
    Invitation.objects.filter(email="old@example.org").update(expires_at="2020-01-01T00:00Z")

    pages = {
        (answer.status_code, answer.content)
        for code in (secret, old, "wrong", "", "%00")
        for answer in [client.get(f"/account/invitation/?code={code}", follow=True)]
    }

    assert len(pages) == 1
    assert pages.pop()[0] == HTTPStatus.NOT_FOUND
    assert accept(client).status_code == HTTPStatus.NOT_FOUND


def test_trying_codes_is_stopped(client):
    answers = [client.get(f"/account/invitation/?code=guess{n}") for n in range(21)]

    assert [a.status_code for a in answers[19:]] == [302, HTTPStatus.TOO_MANY_REQUESTS]
    assert "Too many attempts" in text(answers[-1])


# --- Organisations ---------------------------------------------------------

NEW = {
    "name": "General Staff of Elsewhere",
    "kind": "10",
    "country": "fr",
    "time_zone": "Europe/Paris",
    "fiscal_month": "10",
    "named_after_end": "on",
}


def test_an_organisation_is_added_with_its_calendar(admin):
    answer = admin.post("/desk/people/organisations/new/", NEW)

    made = Organisation.objects.get(name=NEW["name"])
    assert answer["Location"] == "/desk/people/organisations/"
    assert (made.country, made.time_zone, made.identifier) == ("FR", "Europe/Paris", None)
    assert made.calendar().period_of_year(2026).start.month == 10
    assert made.name in text(admin.get("/desk/people/organisations/?q=elsewhere"))


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"name": ""}, "This field is required"),
        ({"name": "ministry of aid"}, "of this name exists already"),
        ({"kind": "99"}, "Select a valid choice"),
        ({"country": "F1"}, "two letters"),
        ({"time_zone": "Mars"}, "Select a valid choice"),
        ({"fiscal_month": "13"}, "Select a valid choice"),
        ({"name": "n" * 201}, "at most 200 characters"),
    ],
)
def test_an_organisation_that_cannot_be_gets_a_sentence(admin, fields, sentence):
    before = Organisation.objects.count()

    answer = admin.post("/desk/people/organisations/new/", NEW | fields)

    assert answer.status_code == HTTPStatus.OK and sentence in text(answer)
    assert Organisation.objects.count() == before


# --- My own account --------------------------------------------------------


def test_my_page_says_who_i_am_and_what_i_may_do(client, person, two):
    actions.notify(person=person, sentence="Look at voucher 7.", path="/desk/")

    page = text(sign_in(client, person).get("/account/"))

    assert person.name in page and person.email in page and "Ministry of Aid" in page
    assert "Program officer" in page and "in force" in page
    assert "Look at voucher 7." in page and "/account/password/change/" in page


def test_who_holds_no_role_is_told_what_to_wait_for(client, place):
    page = text(sign_in(client, make_person(organisation=place)).get("/account/"))

    assert "You hold no role yet" in page


def test_opening_a_notice_marks_it_as_read_and_leads_on(client, person):
    notice = actions.notify(person=person, sentence="Look.", path="/account/?from=notice")
    sign_in(client, person)

    assert client.post(f"/account/notices/{notice.uid}/read/")["Location"] == notice.path
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "Nothing unread" in text(client.get("/account/"))


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_a_notice_never_leads_to_another_site(client, person, path):
    notice = actions.notify(person=person, sentence="Look.", path=path)

    answer = sign_in(client, person).post(f"/account/notices/{notice.uid}/read/")

    assert answer["Location"] == "/account/notices/"


def test_the_notice_of_somebody_else_does_not_exist(client, person, two):
    notice = actions.notify(person=two[0], sentence="Secret.", path="/")
    sign_in(client, person)

    assert client.post(f"/account/notices/{notice.uid}/read/").status_code == HTTPStatus.NOT_FOUND
    assert "Secret." not in text(client.get("/account/notices/"))


def test_all_notices_are_read_with_one_button(client, person, two):
    for n in range(3):
        actions.notify(person=person, sentence=f"Notice {n}.", path="/")
    other = actions.notify(person=two[0], sentence="Theirs.", path="/")
    sign_in(client, person)
    assert "Mark all as read" in text(client.get("/account/notices/?state=unread"))

    page = text(client.post("/account/notices/read/", follow=True))

    assert not person.notices.filter(read_at=None).exists()
    other.refresh_from_db()
    assert other.read_at is None
    assert "Notice 1." in page and "Mark all as read" not in page
