"""Every release of a program, two of them side by side, and what answers where one was taken back."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from time import sleep

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import ledger, publishing
from tests.factories.programs import make_program
from tests.public.conftest import only_release_tables_are_read
from tests.worlds import staffed_program
from tracker.programs import actions as programs
from tracker.programs.models import Program
from tracker.publishing.actions import takedowns
from tracker.publishing.models import PublishedProgram, Release, ReleasedFile
from tracker.shared.clock import database_now

SECRET = "A title that must go"
PUBLIC = "A title that stays"
pytestmark = pytest.mark.django_db


@dataclass
class World:
    fresh: Program  # nothing of it is public yet
    released: Program
    two: tuple[Release, Release]


def build():
    """Two releases of a program: a payment, then another one and a withheld amount. And a program without one."""
    fresh, released = staffed_program(title=SECRET), make_program(title=PUBLIC)
    for number in range(2):
        publishing.disclosure_of(fresh, number)
    first = ledger.make_disbursement(ledger.make_commitment(released, "900.00"), "100.00")
    old = publishing.publish(released)
    publishing.withhold(released, "transaction", "amount", first.uid)
    ledger.make_disbursement(ledger.make_commitment(released, "50.00"), "20.00")
    return World(fresh, released, (old, publishing.publish(released)))


@pytest.fixture
def made(built):
    return deepcopy(built)


@pytest.fixture
def program(made):
    return made.fresh


@pytest.fixture
def released(made):
    return made.released


@pytest.fixture
def two(made):
    return made.two


def addresses(release):
    """Where something of the newest release was public."""
    base = f"/programs/{release.subject}/"
    return [
        base,
        f"{base}transactions/",
        f"{base}transactions/?format=csv",
        f"{base}withheld/",
        f"{base}transactions.csv",
        f"{base}transactions.csv.tlog-proof",
        f"{base}releases/{release.number}/",
        f"{base}releases/{release.number}/transactions.csv",
        f"{base}releases/{release.number}/transactions.csv.tlog-proof",
    ]


def text_of(response):
    raw = b"".join(response) if response.streaming else response.content
    return raw.decode()


# --- Taken back --------------------------------------------------------------


def test_every_address_of_what_was_taken_back_answers_410_and_shows_nothing_of_it(
    client, program, signed
):
    payment = ledger.make_disbursement(ledger.make_commitment(program), description="Unmistakable")
    release = publishing.publish(program)
    signed()
    publishing.take_back(release, reason="A place could be found by it.")

    for address in addresses(release):
        with only_release_tables_are_read():
            response = client.get(address)
        text = text_of(response)
        assert response.status_code == 410, address
        assert (
            response["Cache-Control"].startswith("no-store")
            or "no-store" in response["Cache-Control"]
        )
        assert "A place could be found by it." in text, address
        assert "Military Secrets Act, section 9" in text
        assert program.owner.name in text
        for secret in (SECRET, "Unmistakable", program.identifier):
            assert secret not in text, address
    assert client.get(f"/journal/records/{payment.uid}/").status_code == 404
    assert client.get(f"/journal/records/{payment.uid}.tlog-proof").status_code == 404
    for page in ("/", "/programs/", "/reports/", "/programs/?q=title", "/programs/?format=csv"):
        assert SECRET not in text_of(client.get(page)), page


def test_a_report_that_was_taken_back_answers_410_with_its_files(client, program):
    report = publishing.make_report_at("published", program, title="A report that must go")
    publishing.take_back(report.release)

    for end in ("", "report.json", "report.json.tlog-proof"):
        response = client.get(f"/reports/{report.uid}/{end}")
        assert response.status_code == 410
        assert "A report that must go" not in text_of(response)


def test_a_report_of_a_standing_release_stays_when_the_program_is_taken_back(client, read, program):
    report = publishing.make_report_at("published", program)
    ledger.make_commitment(program)
    publishing.take_back(publishing.publish(program))

    page = read(f"/reports/{report.uid}/")

    assert "newest release" in page
    assert "was taken back" in page
    assert report.title in read("/reports/")
    assert client.get(f"/reports/{report.uid}/report.json").status_code == 200


def test_an_older_report_is_not_silently_the_newest_again(read, program):
    first = publishing.make_report_at("published", program, title="First")
    ledger.make_commitment(program)
    publishing.take_back(publishing.make_report_at("published", program, title="Second").release)

    assert "A newer report of this kind and period" in read(f"/reports/{first.uid}/")
    assert "A newer one was taken back" in read("/reports/")


def test_a_takedown_under_review_says_until_when_and_a_late_one_that_it_is_late(
    client, two, monkeypatch
):
    def page():
        return text_of(client.get(f"/programs/{two[1].subject}/"))

    takedown = publishing.take_down(two[1])
    assert "until then it stays down" in page()
    assert "Not yet: until" in page()
    publishing.review(takedown, "restored", reason="It was known.")
    assert client.get(f"/programs/{two[1].subject}/").status_code == 200
    monkeypatch.setattr(takedowns, "REVIEWED_WITHIN", timedelta(hours=-1))
    publishing.take_down(two[1])
    assert "is late" in page()
    assert "nobody has reviewed" in page()


def test_an_upheld_takedown_says_what_the_second_person_found(client, two):
    publishing.review(publishing.take_down(two[1]), reason="It must not be read.")

    page = text_of(client.get(f"/programs/{two[1].subject}/"))

    assert "it stays down" in page
    assert "It must not be read." in page


def test_what_was_restored_is_public_again_and_says_that_it_was_down(read, two):
    publishing.review(publishing.take_down(two[1]), "restored", reason="It was known.")

    assert "It was taken down on" in read(f"/programs/{two[1].subject}/releases/2/")
    assert "and is public again" in read(f"/programs/{two[1].subject}/releases/")


def test_the_older_release_stays_at_its_own_address_and_the_list_shows_the_tombstone(read, two):
    old, new = two
    publishing.take_back(new)

    listed = read(f"/programs/{old.subject}/releases/")
    assert "Taken back" in listed
    assert "The newest release was taken back" in listed
    page = read(f"/programs/{old.subject}/releases/1/")
    assert PUBLIC in page
    assert "Superseded" in page


def test_a_new_release_takes_the_place_of_the_tombstone_and_the_history_keeps_it(
    client, read, released, two
):
    publishing.take_back(two[1])
    ledger.make_commitment(released, "1.00")
    publishing.publish(released)

    page = read(f"/programs/{released.uid}/")
    assert "Taken back" in page
    assert client.get(f"/programs/{released.uid}/releases/2/").status_code == 410
    compared = read(f"/programs/{released.uid}/releases/3/")
    assert "between them, was taken back" in compared
    assert "against" in compared


def test_a_file_that_was_taken_back_says_so_by_its_sha256(client, read, two):
    digest = ReleasedFile.objects.get(release=two[1]).sha256
    publishing.take_back(two[1])

    page = read("/journal/verify/", what=digest)

    assert "It does not hold" in page
    assert "Release 2 was taken back on" in page


def test_a_proof_that_was_kept_holds_and_the_verdict_says_that_the_file_was_taken_back(
    client, program, signed
):
    ledger.make_disbursement(ledger.make_commitment(program))
    release = publishing.publish(program)
    signed()
    base = f"/programs/{program.uid}/transactions.csv"
    raw, proof = text_of(client.get(base)), text_of(client.get(f"{base}.tlog-proof"))
    publishing.take_back(release)

    brought = {
        "file": SimpleUploadedFile("transactions.csv", raw.encode()),
        "proof": SimpleUploadedFile("transactions.csv.tlog-proof", proof.encode()),
    }
    page = text_of(client.post("/journal/verify/", brought))

    assert "It holds" in page
    assert "was taken back on" in page


def test_the_overview_counts_a_program_that_was_taken_back(read, two):
    publishing.take_back(two[1])

    assert "withdrawn" in read("/")


# --- The releases --------------------------------------------------------------


def test_the_list_has_every_release_with_its_rows_and_links_from_the_program(read, two):
    old = two[0]

    page = read(f"/programs/{old.subject}/releases/")

    for release in two:
        assert f"/programs/{old.subject}/releases/{release.number}/" in page
        assert f"{release.items.count():,}" in page
    assert f"/programs/{old.subject}/releases/" in read(f"/programs/{old.subject}/")


def test_a_release_shows_what_it_changed_and_which_rows_explain_each_total(read, two):
    page = read(f"/programs/{two[1].subject}/releases/2/")

    assert "Release 2 against" in page
    assert "newly withheld" in page
    assert "These rows come to the difference" in page
    assert "do not come to it" not in page
    assert "-80.00" in page.replace("−", "-").replace("\u2011", "-") or "80.00" in page
    assert "field" in page


def test_the_sentence_stands_beside_the_difference_that_it_was_written_for(read, released, two):
    sentence = "A payment was recorded twice."
    ledger.make_commitment(released, "3.00")
    publishing.publish(released)

    base = f"/programs/{released.uid}/releases"
    assert sentence in read(f"{base}/2/")
    assert sentence in read(f"{base}/1/", against="2")
    assert sentence not in read(f"{base}/3/", against="1")


def test_the_first_release_says_that_everything_was_new(read, program):
    publishing.publish(program)

    assert "everything in it was new" in read(f"/programs/{program.uid}/releases/1/")


def test_any_two_releases_stand_side_by_side(read, released, two):
    ledger.make_commitment(released, "7.00")
    publishing.publish(released)

    base = f"/programs/{released.uid}/releases"
    assert "release 2</a>" in read(f"{base}/3/")
    assert "release 1</a>" in read(f"{base}/3/", against="1")
    assert "release 1</a>" in read(f"{base}/1/", against="3")
    for nonsense in ("9", "3", "x", "9" * 40, "-1"):
        assert "release 2</a>" in read(f"{base}/3/", against=nonsense)


def test_a_changed_field_is_shown_before_and_after(read, program):
    programs.add_objective(
        program=program, level="outcome", title="Aid arrives", by=ledger.officer_of(program)
    )
    publishing.publish(program)
    objective = program.objectives.get()
    programs.change_objective(
        objective=objective,
        title="Aid arrives in time",
        level="outcome",
        parent=None,
        position=objective.position,
        by=ledger.officer_of(program),
    )
    publishing.publish(program)

    page = read(f"/programs/{program.uid}/releases/2/")

    assert "Aid arrives in time" in page
    assert "1 field changed" in page


def test_each_file_is_there_with_its_digest_also_of_an_older_release(client, read, two):
    for release in two:
        file = ReleasedFile.objects.get(release=release)
        path = f"/programs/{release.subject}/releases/{release.number}/"
        assert file.sha256 in read(path)
        raw = b"".join(client.get(f"{path}transactions.csv"))
        assert sha256(raw).hexdigest() == file.sha256


def test_a_release_that_is_not_there_and_an_unpublished_program_answer_alike(client, two):
    for path in ("releases/3/", "releases/0/", "releases/99999999999999999999/"):
        assert client.get(f"/programs/{two[0].subject}/{path}").status_code == 404
    hidden = make_program()
    for path in ("releases/", "releases/1/", "releases/1/transactions.csv"):
        assert client.get(f"/programs/{hidden.uid}/{path}").status_code == 404


def embargoed(program, until):
    """A further release that nobody outside sees before."""
    ledger.make_commitment(program, "5.00")
    return publishing.publish(program, public_from=database_now() + until)


def test_a_release_under_an_embargo_is_as_if_there_were_none(client, read, program):
    publishing.publish(program)
    embargoed(program, timedelta(days=3))

    base = f"/programs/{program.uid}/releases/"
    assert client.get(f"{base}2/").status_code == 404
    assert client.get(f"{base}2/transactions.csv").status_code == 404
    assert f"{base}2/" not in read(base)
    assert f"{base}2/" not in read(f"{base}1/")


@pytest.mark.thorough
def test_a_release_that_was_taken_back_before_its_day_never_was_public(client, read, program):
    old = publishing.publish(program)
    publishing.take_back(embargoed(program, timedelta(milliseconds=1500)))
    sleep(1.6)

    base = f"/programs/{program.uid}/releases/"
    assert client.get(f"{base}2/").status_code == 404
    assert f"{base}2/" not in read(base)
    assert f"{base}2/" not in read("/taken-back/")
    assert PublishedProgram.objects.get(uid=program.uid).release == old


@pytest.mark.thorough
def test_the_pages_cost_the_same_number_of_queries_whatever_they_hold(client, released, two):
    def asked(path):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    base = f"/programs/{released.uid}/releases/"
    few = asked(base), asked(f"{base}2/")
    for _ in range(3):
        for _ in range(4):
            ledger.make_disbursement(ledger.make_commitment(released))
        publishing.publish(released)
    assert (asked(base), asked(f"{base}5/")) == few
    assert max(few) <= 20


def test_many_changes_come_in_pages(read, program):
    publishing.publish(program)
    by = ledger.officer_of(program)
    for number in range(60):
        programs.add_objective(program=program, level="outcome", title=f"Outcome {number}", by=by)
    publishing.publish(program)

    base = f"/programs/{program.uid}/releases/2/"
    assert "Page 1 of 2" in read(base)
    assert "Page 2 of 2" in read(base, page="2", against="1")
