"""`manage.py first_administrators`, for a fresh installation."""

import io

import pytest
from django.core.management import CommandError, call_command

from tests.factories.accounts import administrators_of, make_organisation
from tracker.accounts import policies
from tracker.accounts.models import Organisation, Role, User

GOOD = "correct-horse-battery"
ARGUMENTS = [
    "--organisation=Ministry of Aid",
    "--email=First@example.org",
    "--email=second@example.org",
]


def run(*arguments, passwords=f"{GOOD}\n{GOOD}-2\n", monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(passwords))
    out = io.StringIO()
    call_command("first_administrators", *arguments, "--stdin", stdout=out)
    return out.getvalue()


def test_a_fresh_installation_gets_its_first_two_administrators(monkeypatch):
    said = run(*ARGUMENTS, "--name=First", "--name=Second", monkeypatch=monkeypatch)

    place = Organisation.objects.get(name="Ministry of Aid")
    first, second = policies.administrators_in_force(place)
    assert (first.email, first.name, second.name) == ("first@example.org", "First", "Second")
    assert first.check_password(GOOD) and second.check_password(f"{GOOD}-2")
    assert "/account/login/" in said and "the other confirms" in said


def test_an_organisation_that_is_there_is_used_however_it_is_written(monkeypatch):
    place = make_organisation("MINISTRY of Aid")

    run(*ARGUMENTS, monkeypatch=monkeypatch)

    assert policies.administrators_in_force(place).count() == 2
    assert User.objects.get(email="second@example.org").name == "second"


def test_passwords_are_asked_for_where_somebody_sits(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "tracker.management.commands.first_administrators.getpass",
        lambda prompt: asked.append(prompt) or GOOD,
    )

    call_command("first_administrators", *ARGUMENTS, stdout=io.StringIO())

    assert len(asked) == 2 and "second@example.org" in asked[1]


@pytest.mark.parametrize(
    "arguments, passwords, sentence",
    [
        (ARGUMENTS, f"{GOOD}\n", "has 1 lines: it needs 2"),
        (ARGUMENTS, f"{GOOD}\nshort\n", "at least 12 characters.*Nothing was saved"),
        ([*ARGUMENTS, "--name=First"], f"{GOOD}\n{GOOD}\n", "for every --email"),
        ([*ARGUMENTS[:2], ARGUMENTS[1]], f"{GOOD}\n{GOOD}\n", "already here"),
        ([*ARGUMENTS, "--email=third@example.org"], f"{GOOD}\n" * 3, "they invite the others"),
        ([*ARGUMENTS[:2], "--email=nobody"], f"{GOOD}\n{GOOD}\n", "valid email"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_saved(monkeypatch, arguments, passwords, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(*arguments, passwords=passwords, monkeypatch=monkeypatch)

    assert not User.objects.exists() and not Organisation.objects.exists()


def test_a_third_is_refused_where_two_are(monkeypatch):
    place = make_organisation("Ministry of Aid")
    administrators_of(place)

    with pytest.raises(CommandError, match="they invite the others"):
        run(*ARGUMENTS, monkeypatch=monkeypatch)
    assert policies.administrators_in_force(place).count() == 2


def test_both_hold_the_administrator_role_and_no_other(monkeypatch):
    run(*ARGUMENTS, monkeypatch=monkeypatch)

    roles = {m.role for person in User.objects.all() for m in person.memberships.all()}
    assert roles == {Role.ADMINISTRATOR}
