"""An embargo: frozen with its journal entry, and nobody outside sees anything of it before its moment."""

import re
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from time import sleep

import pytest
from django.core.management import call_command
from django.db.models.functions import Now

from tests.factories import ledger as make
from tests.factories.programs import make_program
from tests.factories.publishing import (
    decide_not_published,
    disclosure_of,
    make_report_at,
    prepare,
    publish,
    publish_report,
    review,
    take_back,
    take_down,
    withhold,
)
from tests.publishing.test_takedowns import again, agrees_with_the_journal
from tracker.journal import projections, service
from tracker.publishing import actions, queries, released
from tracker.publishing.comparing import compare
from tracker.publishing.models import (
    PublishedProgram,
    PublishedReport,
    PublishedTotal,
    Release,
    ReleasedEntry,
    Takedown,
    UnpublishedCount,
)
from tracker.shared.clock import database_now
from tracker.shared.errors import Refused

SECRET = "EMBARGOED-WORDS"


def build():
    program = make_program(title="Field hospitals")
    make.make_disbursement(make.make_commitment(program, "100.00"), "100.00")
    for number in range(2):
        disclosure_of(program, number)
    return program


@pytest.fixture
def program(built):
    return deepcopy(built)


def soon():
    return database_now() + timedelta(hours=1)


@contextmanager
def later(release, monkeypatch):
    """As it is when the moment has passed. Releases never change, so the clock is moved on and not the row."""
    import tracker.publishing.models.releases as models

    hour = timedelta(hours=2)
    with monkeypatch.context() as patch:
        patch.setattr(models, "Now", lambda: Now() + hour)
        patch.setattr(queries.preparing, "database_now", lambda: database_now() + hour)
        yield


def pay(program, amount="7.77", **says):
    return make.make_disbursement(make.make_commitment(program, amount), amount, **says)


def crawl(client, program, release):
    """Every public address that could say something of the program, in one text."""
    uids = list(release.items.values_list("row__subject", flat=True).distinct())
    hashes = [file.sha256 for file in release.files.all()]
    base = f"/programs/{program.uid}/"
    paths = [
        *("/", "/programs/", "/reports/", "/journal/", "/about/", "/transactions/"),
        *(base, f"{base}transactions/", f"{base}withheld/", f"{base}transactions/?format=csv"),
        f"/journal/verify/?q={release.uid}",
        *(f"/journal/verify/?q={one}" for one in [*uids, *hashes]),
        *(f"/journal/records/{uid}/" for uid in uids),
        *(f"/reports/{uid}/" for uid in uids),
    ]
    found = []
    for path in paths:
        answer = client.get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        found.append(body.decode())
    return "\n".join(found)


def test_nothing_of_a_first_release_is_public_before_its_moment(program, client, monkeypatch):
    pay(program, reference=SECRET)
    counted = UnpublishedCount.objects.get(category="undecided").programs
    release = publish(program, public_from=soon())

    assert ReleasedEntry.objects.filter(release=release).exists()  # frozen, with its entry
    assert released.current_program(program.uid) is None
    assert not PublishedProgram.objects.exists()
    assert not PublishedTotal.objects.exists()
    assert not released.releases_of(program.uid).exists()
    assert UnpublishedCount.objects.get(category="undecided").programs == counted
    assert not Release.objects.public().exists()
    assert all(released.file_with(file.sha256) is None for file in release.files.all())
    subjects = release.items.values_list("row__subject", flat=True)
    assert all(released.entry_of(uid) is None for uid in subjects)
    assert SECRET not in crawl(client, program, release)
    assert client.get(f"/programs/{program.uid}/").status_code == 404
    assert actions.lift_due_embargoes() == 0

    with later(release, monkeypatch):
        assert actions.lift_due_embargoes() == 1
        assert released.current_program(program.uid).release == release
        assert SECRET in crawl(client, program, release)
        assert released.file_with(release.files.first().sha256) is not None
        assert actions.lift_due_embargoes() == 0
        assert not differing()


def test_a_later_release_is_not_seen_through_the_public_one(program, client):
    publish(program)
    before = client.get(f"/programs/{program.uid}/").content.decode()
    pay(program, "7.77", reference=SECRET)
    release = publish(program, public_from=soon())

    text = crawl(client, program, release)

    assert SECRET not in text
    assert "7.77" not in text
    assert not re.search(r"Release 2\b", text)
    assert released.current_program(program.uid).release.number == 1
    assert [one.number for one in released.releases_of(program.uid)] == [1]
    assert client.get(f"/programs/{program.uid}/").content.decode() == before
    assert not differing()


def test_a_newer_release_that_is_public_already_stays(program, monkeypatch):
    first = publish(program, public_from=soon())
    pay(program)
    second = publish(program)
    assert released.current_program(program.uid).release == second

    with later(first, monkeypatch):
        assert actions.lift_due_embargoes() == 0
        assert released.current_program(program.uid).release == second
        assert [one.number for one in released.releases_of(program.uid)] == [2, 1]
        assert not differing()


def test_a_release_is_not_compared_with_one_that_becomes_public_after_it(program):
    """The sentences about its totals would tell what the other says."""
    first = publish(program)
    hidden = pay(program)
    second = publish(program, public_from=soon())

    now = prepare(program)
    assert now.sheet["before"]["number"] == first.number
    actions.drop_preparation(preparation=now, reason="Counted.", by=disclosure_of(program))
    withhold(program, "transaction", "amount", hidden.uid)
    then = prepare(program, public_from=soon() + timedelta(hours=1))
    assert then.sheet["before"]["number"] == second.number


def test_what_is_under_an_embargo_can_be_published_at_once(program):
    frozen = publish(program, public_from=soon())

    at_once = publish(program)

    assert released.current_program(program.uid).release == at_once
    assert not compare(frozen, at_once)


def test_a_report_comes_with_its_release(program, client, monkeypatch):
    report = make_report_at("reviewed", program, title=SECRET)
    release = publish_report(report, public_from=soon())

    report.refresh_from_db()
    assert report.status == "published"
    assert not PublishedReport.objects.exists()
    assert client.get(f"/reports/{report.uid}/").status_code == 404
    assert SECRET not in crawl(client, program, release)
    with later(release, monkeypatch):
        actions.lift_due_embargoes()
        assert PublishedReport.objects.get(uid=report.uid).release == release
        assert SECRET in client.get(f"/reports/{report.uid}/").content.decode()
        assert not differing()


def test_a_report_whose_release_is_not_the_newest_still_becomes_public(program, monkeypatch):
    report = make_report_at("reviewed", program)
    first = publish_report(report, public_from=soon())
    pay(program)
    second = publish(program)

    with later(first, monkeypatch):
        assert actions.lift_due_embargoes() == 1
        assert PublishedReport.objects.get(uid=report.uid).release == first
        assert released.current_program(program.uid).release == second
        assert actions.lift_due_embargoes() == 0


def test_an_embargo_ends_later_than_now(program):
    with pytest.raises(Refused, match="This moment is past"):
        prepare(program, public_from=database_now() - timedelta(seconds=1))


def test_an_embargo_of_a_lifetime_is_refused(program):
    """The last moments of the calendar, which are over in another time zone already."""
    with pytest.raises(Refused, match="more than 50 years ahead"):
        prepare(program, public_from=datetime(9999, 12, 31, 23, 30, tzinfo=UTC))


def test_a_program_with_a_frozen_release_is_not_decided_against(program):
    publish(program, public_from=soon())

    with pytest.raises(Refused, match="frozen and becomes public by itself"):
        decide_not_published(program)


@pytest.mark.thorough
def test_an_embargo_that_is_over_does_not_lift_what_was_taken_back(program):
    moment = database_now() + timedelta(milliseconds=1500)
    release = publish(program, public_from=moment)
    take_down(release)
    sleep(1.6)

    assert actions.lift_due_embargoes() == 0
    assert not PublishedProgram.objects.exists()
    review(Takedown.objects.get(), "restored")
    assert PublishedProgram.objects.get().release == release
    agrees_with_the_journal()


@pytest.mark.thorough
def test_a_due_release_behind_one_that_was_taken_back_does_not_become_current(program):
    moment = database_now() + timedelta(milliseconds=1500)
    publish(program, public_from=moment)
    sleep(1.6)
    take_back(again(program))

    assert actions.lift_due_embargoes() == 0
    assert not PublishedProgram.objects.exists()
    agrees_with_the_journal()


def test_the_moment_is_in_the_journal_and_public_with_the_release(program):
    moment = soon()
    release = publish(program, public_from=moment)

    assert release.public_from == moment
    entry = ReleasedEntry.objects.get(release=release)
    assert "public_from" in entry.disclosed


def test_the_command_says_what_it_did(program, capsys, monkeypatch):
    release = publish(program, public_from=soon())
    call_command("publish_due")
    assert "No programs say more" in capsys.readouterr().out

    with later(release, monkeypatch):
        call_command("publish_due")
    assert "1 program says more" in capsys.readouterr().out


def test_the_journals_round_does_it():
    assert actions.lift_due_embargoes in service._in_each_round


def test_staff_read_when_it_becomes_public(program, client):
    publish(program, public_from=soon())
    client.force_login(disclosure_of(program))

    page = client.get(f"/desk/publishing/programs/{program.uid}/").content.decode()

    assert "Under an embargo" in page
    assert "becomes public by itself" in page


def differing():
    tables = {"published program", "published report", "release", "preparation"}
    return list(projections.differences(erased=lambda entry: False, only=tables))
