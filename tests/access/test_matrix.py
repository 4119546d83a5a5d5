"""Every address × method × role × organisation answers as `matrix.txt` says, and every address is in it."""

import re
from collections import defaultdict
from copy import deepcopy
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import resolve

from tests.access.world import PEOPLE, build_world
from tests.factories.accounts import make_person, sign_in
from tests.test_house_rules import addresses
from tracker.accounts.models import Role
from tracker.journal import service

MATRIX = Path(__file__).parent / "matrix.txt"
# Thousands of requests: the quick run asks them for the public.
SOME = ["nobody"]
REST = [who for who in PEOPLE if who not in SOME]
MEANING = {
    200: "ok",
    400: "bad",
    403: "no",
    404: "--",
    405: "not",
}


def rows():
    """(method, path with names of things in angle brackets, {who: answer})"""
    heads = None
    for line in MATRIX.read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        method, path, *answers = line.split()
        assert len(answers) == len(PEOPLE), (
            f"{method} {path} answers {len(answers)} of {len(PEOPLE)}"
        )
        if heads is None:
            heads = answers
            continue
        yield method, path, dict(zip(PEOPLE, answers, strict=True))


def filled(path, world):
    return "/" + re.sub(r"<(\w+)>", lambda found: str(world[found[1]]), path).lstrip("/")


def answer_of(response):
    if response.status_code in (301, 302):
        if "/account/login/" in response.url:
            return "in"
        return "re" if "/reauthenticate/" in response.url else "ok"
    return MEANING.get(response.status_code, str(response.status_code))


def ask(client, method, address):
    """One request, and everything that it changed is taken back: rows and cookies."""
    client.cookies, cookies = deepcopy(client.cookies), client.cookies
    with transaction.atomic():
        response = getattr(client, method.lower())(address)
        if response.streaming:
            b"".join(response.streaming_content)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer_of(response)


@pytest.fixture(autouse=True)
def _nobody_has_asked_too_often():
    cache.clear()


def differences_for(who, person, world):
    """Where an answer is not the matrix's. The world stays as it was: each request is taken back."""
    cache.clear()  # nobody has asked too often
    client = Client()
    if person is not None:
        sign_in(client, person)
    for method, path, answers in rows():
        found = ask(client, method, filled(path, world))
        if found != answers[who]:
            yield f"{method} {path}: {who} got {found}, the matrix says {answers[who]}"


@pytest.fixture
def _a_log_of_its_own(settings, tmp_path):
    settings.KEYS_DIR, settings.SIGNER_DIR = tmp_path / "keys", tmp_path / "signer"
    settings.JOURNAL_DIR = tmp_path / "log"


@pytest.mark.usefixtures("_a_log_of_its_own")
@pytest.mark.parametrize("asking", [SOME, pytest.param(REST, marks=pytest.mark.thorough)])
def test_every_address_answers_each_role_as_the_matrix_says(asking):
    world, people = build_world()
    service.pipeline().adopt()  # the world has a checkpoint by which its sample was drawn
    assert service.bring_up_to_date().published
    assert set(people) == set(PEOPLE)
    differences = [said for who in asking for said in differences_for(who, people[who], world)]
    assert not differences, "\n".join(differences)


@pytest.mark.thorough
@pytest.mark.usefixtures("_a_log_of_its_own")
def test_a_senior_approver_is_answered_as_an_approver_is():
    world, people = build_world()
    service.pipeline().adopt()  # the world has a checkpoint by which its sample was drawn
    assert service.bring_up_to_date().published
    senior = make_person(Role.SENIOR_APPROVER, organisation=people["approver"].organisation)
    found = differences_for("approver", senior, world)
    differences = [said for said in found if "<delegation>" not in said]  # the approver's own
    assert not differences, "\n".join(differences)


def test_every_address_is_in_the_matrix_with_get_and_post():
    world = defaultdict(lambda: "00000000-0000-4000-8000-000000000000")
    covered = defaultdict(set)
    for method, path, _ in rows():
        covered[resolve(filled(path, world)).route].add(method)
    for route in (route.replace("^", "") for route, _ in addresses()):
        assert covered[route] >= {"GET", "POST"}, (
            f"{route} lacks {({'GET', 'POST'}) - covered[route]}"
        )


@pytest.mark.thorough
def test_other_methods_are_refused_everywhere():
    world, people = build_world()
    client = Client()
    sign_in(client, people["officer"])
    for method in ("PUT", "PATCH", "DELETE"):
        for path in {path for _, path, _ in rows()}:
            found = ask(client, method, filled(path, world))
            assert found in {"not", "--", "no", "re"}, f"{method} {path}: {found}"
