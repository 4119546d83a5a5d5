"""Signing in and out, new passwords, and what is not there."""

import re
from http import HTTPStatus

import pytest
from django.conf import settings
from django.core import mail
from django.urls import NoReverseMatch, reverse

from tests.factories.accounts import (
    PASSWORD,
    administrators_of,
    make_organisation,
    make_person,
    sign_in,
)
from tracker.accounts import actions
from tracker.accounts.models import User

LOGIN = "/account/login/"
GOOD = "correct-horse-battery"


@pytest.fixture
def person():
    return make_person()


def log_in(client, email, password=PASSWORD, path=LOGIN):
    return client.post(path, {"login": email, "password": password})


def signed_in(client):
    return client.get("/account/").status_code == 200


# --- In and out ------------------------------------------------------------


def test_the_sign_in_page_says_what_this_is_and_works_without_a_script(client):
    page = client.get(LOGIN).content.decode()

    assert "Sign in to Countersign" in page and "military aid" in page
    assert '<form method="post"' in page and 'autocomplete="username"' in page
    assert "sign up" not in page.lower()


@pytest.mark.parametrize("write", [str, str.upper, str.title, lambda e: f"  {e} "])
def test_however_the_address_is_written_the_person_signs_in(client, person, write):
    assert log_in(client, write(person.email))["Location"] == "/desk/"
    assert signed_in(client)


def test_after_signing_in_one_is_where_one_wanted_to_be(client, person):
    asked = client.get("/account/notices/")

    assert log_in(client, person.email, path=asked["Location"])["Location"] == "/account/notices/"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "javascript:alert(1)",
        "http:///evil.example",
        "https://testserver@evil.example/",
    ],
)
def test_the_next_page_is_never_another_site(client, person, elsewhere):
    answer = log_in(client, person.email, path=f"{LOGIN}?next={elsewhere}")

    assert answer["Location"] == "/desk/"


def test_the_wrong_password_and_the_unknown_address_answer_alike(client, person):
    def told(email):
        page = log_in(client, email, "wrong-password").content.decode()
        return re.findall(r"<li>(.*?)</li>", page.split('id="errors"')[1])[0]

    assert told(person.email) == told("nobody@example.org")
    assert not signed_in(client)


def test_the_unknown_address_costs_a_hash_like_the_known_one(client, person, monkeypatch):
    hashed = []
    from django.contrib.auth.hashers import MD5PasswordHasher

    original = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *a: hashed.append(1) or original(*a))

    log_in(client, person.email, "wrong-password")
    known = len(hashed)
    log_in(client, "nobody@example.org", "wrong-password")

    assert len(hashed) - known == known


def test_guessing_at_one_account_is_stopped(client, person):
    for n in range(5):
        log_in(client, person.email, f"guess number {n}")

    page = log_in(client, person.email, PASSWORD)

    assert "too many failed attempts" in page.content.decode()
    assert not signed_in(client)


def test_trying_many_accounts_from_one_place_is_stopped(client):
    answers = [log_in(client, f"nobody{n}@example.org", "guess") for n in range(31)]

    assert answers[-1].status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "Wait five minutes" in answers[-1].content.decode()


def test_behind_a_proxy_the_limit_counts_the_visitor_and_nobody_forges_one(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def try_from(addresses):
        headers = {"x-forwarded-for": addresses}
        data = {"login": "nobody@example.org", "password": "guess"}
        return client.post(LOGIN, data, headers=headers).status_code

    for n in range(30):
        try_from(f"10.0.0.{n}, 192.0.2.1")

    assert try_from("10.0.9.9, 192.0.2.1") == HTTPStatus.TOO_MANY_REQUESTS
    assert try_from("192.0.2.2") == HTTPStatus.OK


def test_the_session_ends_with_the_browser_and_after_a_working_day(client, person):
    log_in(client, person.email)

    assert client.cookies["sessionid"]["max-age"] == ""
    assert client.cookies["sessionid"]["httponly"]
    assert client.session.get_expiry_age() <= 12 * 3600


def test_signing_out_takes_a_button_and_not_a_link(client, person):
    sign_in(client, person)

    page = client.get("/account/logout/").content.decode()
    assert signed_in(client) and "Sign out?" in page

    assert client.post("/account/logout/")["Location"] == "/"
    assert not signed_in(client)


def test_passwords_are_kept_as_argon2():
    from config.settings import PASSWORD_HASHERS

    assert PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


# --- Deactivated -----------------------------------------------------------


def test_every_session_ends_when_a_person_is_deactivated_and_stays_ended(client, person):
    first, _ = administrators_of(person.organisation)
    log_in(client, person.email)

    actions.deactivate_person(person=person, by=first)
    assert not signed_in(client)

    actions.reactivate_person(person=person, by=first)
    assert not signed_in(client)


def test_somebody_deactivated_cannot_sign_in_and_learns_why(client, person):
    actions.deactivate_person(person=person, by=administrators_of(person.organisation)[0])

    answer = log_in(client, person.email)

    assert answer["Location"] == "/account/inactive/"
    assert "deactivated" in client.get("/account/inactive/").content.decode()
    assert not signed_in(client)


def test_without_the_password_a_deactivated_account_looks_like_any_other(client, person):
    actions.deactivate_person(person=person, by=administrators_of(person.organisation)[0])

    assert "is wrong" in log_in(client, person.email, "wrong-password").content.decode()


# --- New passwords ---------------------------------------------------------


def ask_for_link(client, email):
    answer = client.post("/account/password/reset/", {"email": email})
    assert answer["Location"] == "/account/password/reset/sent/"
    return client.get(answer["Location"]).content


def link_in_the_letter():
    return re.search(r"/account/password/reset/\S+", mail.outbox[-1].body)[0]


def test_a_forgotten_password_is_replaced_through_a_letter(client, person, settings):
    settings.SITE_URL = "https://countersign.example"
    ask_for_link(client, person.email.upper())
    letter = mail.outbox[-1]
    assert letter.to == [person.email] and letter.subject == "Countersign: choose a new password"
    assert "https://countersign.example/account/password/reset/" in letter.body

    form = client.get(link_in_the_letter(), follow=True)
    answer = client.post(form.request["PATH_INFO"], {"password1": GOOD, "password2": GOOD})

    assert answer["Location"] == "/account/password/reset/done/"
    assert "Your password is changed" in client.get(answer["Location"]).content.decode()
    assert not signed_in(client)
    assert log_in(client, person.email, GOOD)["Location"] == "/desk/"
    assert "was reset" in mail.outbox[-1].subject


def test_the_letter_names_no_sequential_number(client, person):
    ask_for_link(client, person.email)

    assert person.uid.hex in link_in_the_letter()


def test_the_secret_of_the_link_leaves_the_address_bar(client, person):
    ask_for_link(client, person.email)
    link = link_in_the_letter()

    assert client.get(link)["Location"].endswith("-set-password/")


def test_a_link_works_once(client, person):
    ask_for_link(client, person.email)
    link = link_in_the_letter()
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": GOOD, "password2": GOOD})

    assert "not valid any more" in client.get(link, follow=True).content.decode()


def test_a_link_of_yesterday_is_not_valid(client, person, monkeypatch):
    ask_for_link(client, person.email)
    monkeypatch.setattr(settings, "PASSWORD_RESET_TIMEOUT", -1)

    assert "not valid any more" in client.get(link_in_the_letter()).content.decode()


def test_a_made_up_link_is_not_valid(client, person):
    link = f"/account/password/reset/{person.uid.hex}-abc-def/"

    assert "not valid any more" in client.get(link).content.decode()


def test_an_unknown_address_gets_no_letter_and_the_same_page(client, person):
    known = ask_for_link(client, person.email)
    sent = len(mail.outbox)

    assert ask_for_link(client, "nobody@example.org") == known
    assert len(mail.outbox) == sent


def test_somebody_deactivated_gets_no_letter_and_their_link_dies(client, person):
    ask_for_link(client, person.email)
    actions.deactivate_person(person=person, by=administrators_of(person.organisation)[0])
    sent = len(mail.outbox)

    ask_for_link(client, person.email)

    assert len(mail.outbox) == sent
    assert "not valid any more" in client.get(link_in_the_letter()).content.decode()


def test_letters_are_not_sent_without_end(client, person):
    answers = [
        client.post("/account/password/reset/", {"email": person.email}).status_code
        for _ in range(6)
    ]

    assert answers == [302] * 5 + [429]


def change(client, old=PASSWORD, new=GOOD, again=GOOD):
    fields = {"oldpassword": old, "password1": new, "password2": again}
    return client.post("/account/password/change/", fields)


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(client, person):
    from django.test import Client

    other = Client()
    log_in(other, person.email)
    log_in(client, person.email)

    assert change(client)["Location"] == "/account/"
    assert signed_in(client) and not signed_in(other)
    assert mail.outbox[-1].subject == "Countersign: your password was changed"
    assert GOOD not in mail.outbox[-1].body


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"old": "wrong"}, "This is not your present password"),
        ({"again": "something-else-here"}, "You must type the same password each time"),
        ({"new": "short", "again": "short"}, "at least 12 characters"),
        ({"new": "135792468135792", "again": "135792468135792"}, "entirely numeric"),
    ],
)
def test_a_password_that_cannot_be_gets_a_sentence(client, person, fields, sentence):
    log_in(client, person.email)

    page = change(client, **fields).content.decode()

    assert sentence in page
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


# --- What is not there -----------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/account/signup/",
        "/account/email/",
        "/account/confirm-email/",
        "/account/confirm-email/abc/",
        "/account/password/set/",
        "/account/login/code/confirm/",
        "/accounts/login/",
        "/admin/",
    ],
)
def test_nobody_signs_up_or_manages_addresses_here(client, path):
    assert client.get(path).status_code == HTTPStatus.NOT_FOUND
    sign_in(client, make_person())
    assert client.get(path).status_code == HTTPStatus.NOT_FOUND


def test_there_is_no_address_of_that_name():
    for name in ("account_signup", "account_email"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_a_form_from_elsewhere_is_refused(person):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)

    assert log_in(strict, person.email).status_code == HTTPStatus.FORBIDDEN


def test_the_sign_in_form_survives_nonsense(client):
    for fields in ({}, {"login": "x" * 5000, "password": "y" * 5000}, {"login": "a@b\x00.c"}):
        assert client.post(LOGIN, fields).status_code == HTTPStatus.OK


def test_an_organisation_without_people_has_no_way_in(client):
    make_organisation()

    assert log_in(client, "", "").status_code == HTTPStatus.OK
