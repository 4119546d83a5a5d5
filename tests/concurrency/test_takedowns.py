"""Taking down while a release of the program is being made, and at the same moment as others do. PostgreSQL."""

from threading import Event, Thread

import pytest
from django.db import connection, transaction

from tests.concurrency.test_overdraw import at_once, postgres
from tests.factories import ledger, publishing
from tests.factories.programs import make_program
from tracker.journal import projections
from tracker.programs.models import Program
from tracker.publishing import actions
from tracker.publishing.models import PublishedProgram, Takedown, Tombstone
from tracker.shared.errors import Refused

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def agrees_with_the_journal():
    assert list(projections.differences(erased=lambda entry: False)) == []


def told(act):
    """What came of it, or the sentence with which it was refused."""

    def run():
        try:
            return act()
        except Refused as refusal:
            return refusal

    return run


def both(acts):
    return at_once([told(act) for act in acts])


def prepared(program):
    ledger.make_disbursement(ledger.make_commitment(program))
    preparation = publishing.prepare(program)
    publishing.explain(preparation)
    return preparation


@postgres
def test_taking_down_does_not_wait_for_a_release_that_is_being_made():
    program = make_program()
    release = publishing.publish(program)
    publishing.disclosure_of(program, 1)
    held, done = Event(), Event()

    def long_release():
        try:
            with transaction.atomic():
                Program.objects.select_for_update(of=("self",)).get(pk=program.pk)
                held.set()
                done.wait(20)
        finally:
            connection.close()

    thread = Thread(target=long_release)
    thread.start()
    try:
        assert held.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        publishing.take_down(release)
    finally:
        done.set()
        thread.join()
    assert not PublishedProgram.objects.exists()


@postgres
@pytest.mark.parametrize("again", range(4))
def test_a_takedown_and_the_next_release_at_the_same_moment(again):
    program = make_program()
    release = publishing.publish(program)
    preparation = prepared(program)
    by = publishing.disclosure_of(program, 0)
    found = both(
        [
            lambda: publishing.take_down(release, by=publishing.disclosure_of(program, 1)),
            lambda: actions.release_prepared(preparation=preparation, by=by),
        ]
    )

    assert not isinstance(found[0], Exception), found
    newer = found[1]
    if isinstance(newer, Exception):  # what it was compared with is gone: it is prepared again
        assert "prepare it again" in str(newer)
        assert not PublishedProgram.objects.exists()
    else:
        assert PublishedProgram.objects.get().release == newer
    agrees_with_the_journal()


@postgres
@pytest.mark.parametrize("again", range(4))
def test_two_take_the_same_release_down_and_one_does(again):
    program = make_program()
    release = publishing.publish(program)
    people = [publishing.disclosure_of(program, n) for n in (0, 1)]

    found = both([lambda by=by: publishing.take_down(release, by=by) for by in people])

    refused = [one for one in found if isinstance(one, Exception)]
    assert [one.sentence for one in refused] == [
        "This release is taken down already, or it is proposed to."
    ]
    assert Tombstone.objects.count() == Takedown.objects.count() == 1
    agrees_with_the_journal()


@postgres
@pytest.mark.parametrize("again", range(4))
def test_a_release_is_restored_while_the_next_one_comes(again):
    program = make_program()
    publishing.publish(program)
    ledger.make_commitment(program)
    takedown = publishing.take_down(publishing.publish(program))
    preparation = prepared(program)
    by = publishing.disclosure_of(program, 0)

    found = both(
        [
            lambda: publishing.review(takedown, "restored"),
            lambda: actions.release_prepared(preparation=preparation, by=by),
        ]
    )

    assert not isinstance(found[0], Exception), found
    expected = takedown.release if isinstance(found[1], Exception) else found[1]
    assert PublishedProgram.objects.get().release == expected
    agrees_with_the_journal()
