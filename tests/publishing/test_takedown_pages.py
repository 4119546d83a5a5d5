"""The pages on which a release is taken back, decided about and reviewed."""

import pytest

from tests.factories import publishing as make
from tests.factories.accounts import sign_in
from tests.factories.programs import make_program
from tracker.publishing.models import PublishedProgram, Takedown

WHY = {"category": "safety", "legal_basis": "Act, section 9", "reason": "A place can be read."}


@pytest.fixture
def program():
    return make_program()


@pytest.fixture
def release(program):
    return make.publish(program)


def as_(client, person):
    sign_in(client, person)
    return client


def test_a_release_is_proposed_declined_and_proposed_again(client, program, release):
    first, second = make.disclosure_of(program, 0), make.disclosure_of(program, 1)
    path = f"/desk/publishing/programs/{program.uid}/takedown/"
    as_(client, first).post(path, WHY | {"release": release.number, "how": "first"})
    takedown = Takedown.objects.get()
    page = f"/desk/publishing/takedowns/{takedown.uid}/"
    assert "Take it down at once" in client.get(page).content.decode()

    said = as_(client, second).get(page).content.decode()
    assert "Your step" in said
    empty = client.post(f"{page}decline/", {"verdict": ""})
    assert "This field is required" in empty.content.decode()
    client.post(f"{page}decline/", {"verdict": "It is known."})

    takedown.refresh_from_db()
    assert takedown.status == "declined"
    assert "It is known." in client.get(page).content.decode()


def test_a_proposal_is_decided_by_another(client, program, release):
    takedown = make.propose_withdrawal(release)

    as_(client, make.disclosure_of(program, 1)).post(
        f"/desk/publishing/takedowns/{takedown.uid}/decide/"
    )

    assert not PublishedProgram.objects.exists()
    assert "Taken back" in client.get(f"/desk/publishing/programs/{program.uid}/").content.decode()


def test_what_one_took_down_waits_on_the_pages_of_the_others(client, program, release):
    first, second = make.disclosure_of(program, 0), make.disclosure_of(program, 1)
    path = f"/desk/publishing/programs/{program.uid}/takedown/"
    as_(client, first).post(path, WHY | {"release": release.number, "how": "now"})
    takedown = Takedown.objects.get()
    assert not PublishedProgram.objects.exists()

    home = as_(client, second).get("/desk/publishing/").content.decode()
    assert "1 release that one person took down waits for the review by a second one" in home
    page = f"/desk/publishing/takedowns/{takedown.uid}/"
    assert "Record your verdict" in client.get(page).content.decode()
    client.post(f"{page}review/", {"verdict": "restored", "reason": "It is known."})

    assert PublishedProgram.objects.get().release == release
    assert "Public again" in client.get("/desk/publishing/takedowns/").content.decode()


def test_the_form_keeps_what_was_typed_when_it_is_refused(client, program, release):
    make.take_back(release)
    path = f"/desk/publishing/programs/{program.uid}/takedown/"
    sign_in(client, make.disclosure_of(program))

    said = client.post(path, WHY | {"release": release.number, "how": "now"}).content.decode()

    assert "A place can be read." in said
    assert Takedown.objects.count() == 1
