"""What counts as a signature asks for the password again, on GET and on POST."""

import time

import pytest
from django.conf import settings
from django.urls import reverse

from tests.accounts import urls
from tests.factories.accounts import PASSWORD, make_person, sign_in

pytestmark = pytest.mark.urls("tests.accounts.urls")
LOOK, APPROVE = "/desk/signature/", "/desk/signature/approve/"


@pytest.fixture(autouse=True)
def _nothing_is_done():
    urls.done.clear()


@pytest.fixture
def person():
    return make_person()


def ask(next_page):
    return f"/account/reauthenticate/?next={next_page}"


def confirm(client, next_page, password=PASSWORD):
    return client.post(ask(next_page), {"password": password})


def age(client, seconds):
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time() - seconds, "reauthenticated": True}
    ]
    session.save()


def test_a_session_without_it_is_asked_for_the_password_and_comes_back(client, person):
    sign_in(client, person, recently=False)

    assert client.get(f"{LOOK}?voucher=7")["Location"] == ask(
        "%2Fdesk%2Fsignature%2F%3Fvoucher%3D7"
    )
    assert confirm(client, "/desk/signature/%3Fvoucher%3D7")["Location"] == f"{LOOK}?voucher=7"
    assert client.get(LOOK).status_code == 200


def test_signing_in_alone_is_no_signature(client, person):
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})

    assert client.get(LOOK).status_code == 302


def test_what_a_stale_session_posts_never_happens_not_even_after_the_password(client, person):
    sign_in(client, person, recently=False)

    answer = client.post(
        APPROVE, {"voucher": "7"}, headers={"referer": f"http://testserver{LOOK}?voucher=7"}
    )

    assert answer["Location"] == ask("%2Fdesk%2Fsignature%2F%3Fvoucher%3D7")
    page = client.get(answer["Location"])
    assert "Nothing was done yet" in page.content.decode()
    assert confirm(client, APPROVE)["Location"] == APPROVE
    assert urls.done == []


def test_after_the_password_the_button_works(client, person):
    sign_in(client, person, recently=False)
    client.post(APPROVE, {"voucher": "7"})
    confirm(client, LOOK)

    assert client.post(APPROVE, {"voucher": "7"}).status_code == 200
    assert urls.done == ["7"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_holds_for_ten_minutes_and_no_longer(client, person, method):
    assert settings.ACCOUNT_REAUTHENTICATION_TIMEOUT == 600
    sign_in(client, person)
    act = {"get": lambda: client.get(LOOK), "post": lambda: client.post(APPROVE, {"voucher": "7"})}

    age(client, 595)
    assert act[method]().status_code == 200
    age(client, 605)
    assert act[method]().status_code == 302


@pytest.mark.parametrize(
    "referer", ["", "https://evil.example/desk/", "//evil.example", "javascript:alert(1)"]
)
def test_the_page_to_come_back_to_is_ours(client, person, referer):
    sign_in(client, person, recently=False)

    answer = client.post(APPROVE, {"voucher": "7"}, headers={"referer": referer})

    assert answer["Location"] == ask("%2Fdesk%2F")


def test_the_session_of_another_person_does_not_count(client, person):
    sign_in(client, make_person())
    records = dict(client.session)
    client.force_login(person)
    session = client.session
    for name, value in records.items():
        if name.startswith("account_authentication"):
            session[name] = value
    session.save()

    assert client.get(LOOK).status_code == 302


def test_a_wrong_password_is_told_and_confirms_nothing(client, person):
    sign_in(client, person, recently=False)

    page = confirm(client, LOOK, "not-my-password")

    assert "This is not your password" in page.content.decode()
    assert client.get(LOOK).status_code == 302


def test_guessing_is_stopped(client, person):
    sign_in(client, person, recently=False)

    answers = [confirm(client, LOOK, f"guess number {n}") for n in range(12)]

    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].content.decode()


def test_nobody_signed_in_goes_to_the_sign_in_page(client):
    assert client.get(LOOK)["Location"].startswith("/account/login/")
    assert client.post(APPROVE)["Location"].startswith("/account/login/")
    assert client.get("/account/reauthenticate/")["Location"].startswith("/account/login/")


def test_the_next_page_is_never_another_site(client, person):
    sign_in(client, person, recently=False)

    assert confirm(client, "https://evil.example/")["Location"] == "/desk/"
