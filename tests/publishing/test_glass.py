"""What is withheld for security is withheld from auditors, until they break the glass: at once, and never unseen."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.factories.audits import make_auditor
from tests.factories.ledger import make_commitment, make_disbursement, officer_of
from tests.factories.publishing import disclosure_of, withhold
from tests.worlds import kept
from tracker.journal.queries import history_of
from tracker.publishing import actions, queries
from tracker.publishing.models import BrokenGlass, Category, GlassReading, GlassText
from tracker.shared.errors import NotAllowed, Refused

SECRET = "A payee in the field"


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict]:
    """A payment whose payee is withheld for operational security, its reference as commercially sensitive."""
    with kept(django_db_blocker):
        payment = make_disbursement(payee=SECRET, reference="R-77")
        withhold(payment.program, "transaction", "payee", payment.uid)
        withhold(
            payment.program, "transaction", "reference", payment.uid, category=Category.COMMERCIAL
        )
        yield {"payment": payment, "auditor": make_auditor(payment.program)}


@pytest.fixture
def world(built):
    return deepcopy(built)


def break_it(world, **says):
    fields = {"reason": "The payee is in two findings.", "hours": 4, "by": world["auditor"]}
    record = world["payment"].uid
    return actions.break_glass(record_kind="transaction", record=record, **fields | says)


def sealed(user, world, kind="transaction", record=None):
    return set(queries.sealed_of(user, kind, record or world["payment"].uid))


def test_security_is_sealed_from_auditors_and_nothing_from_the_owners_side(world):
    assert sealed(world["auditor"], world) == {"payee"}
    assert sealed(officer_of(world["payment"].program), world) == set()
    assert sealed(disclosure_of(world["payment"].program), world) == set()


def test_the_voucher_and_its_versions_are_sealed_with_their_payment(world):
    version = world["payment"].version
    assert sealed(world["auditor"], world, "voucher_version", version.uid) == {"payee"}
    assert sealed(world["auditor"], world, "voucher", version.voucher.uid) == {"payee"}


def test_broken_glass_is_read_at_once_and_every_reading_is_a_fact(world):
    glass = break_it(world)

    shown = actions.read_through_glass(glass=glass, by=world["auditor"])
    actions.read_through_glass(glass=glass, by=world["auditor"])

    assert [one.values for one in shown] == [{"payee": SECRET}]
    assert GlassReading.objects.filter(glass=glass).count() == 2
    assert [event.op for event in history_of(glass)] == ["create"]
    assert glass.expires_at == glass.broken_at + timedelta(hours=4)


def test_it_expires_by_itself(world, monkeypatch):
    glass = break_it(world, hours=1)
    later = timezone.now() + timedelta(hours=1, seconds=5)
    monkeypatch.setattr("tracker.publishing.policies.glass.database_now", lambda: later)
    monkeypatch.setattr("tracker.publishing.queries.sight.database_now", lambda: later)

    assert queries.standing_glass(world["auditor"], world["payment"].uid) is None
    with pytest.raises(Refused, match="hours are over"):
        actions.read_through_glass(glass=glass, by=world["auditor"])


def test_the_owner_is_told_and_takes_note_once(world):
    owner = disclosure_of(world["payment"].program)
    glass = break_it(world)
    assert owner.notices.filter(sentence__contains="withheld values").exists()
    assert BrokenGlass.objects.visible_to(owner).get() == glass

    actions.note_glass(glass=glass, by=owner)

    with pytest.raises(Refused, match="already"):
        actions.note_glass(glass=glass, by=owner)
    with pytest.raises(NotAllowed, match="Only a"):
        actions.note_glass(glass=glass, by=make_auditor(world["payment"].program))


@pytest.mark.parametrize("hours", [0, 73, 500])
def test_hours_are_bounded_in_the_action_and_in_the_database(world, hours):
    with pytest.raises(Refused, match="between 1 and 72 hours"):
        break_it(world, hours=hours)
    glass, text = break_it(world), GlassText.objects.create(reason="x")
    with (
        pytest.raises(IntegrityError, match="glass_broken_for_bounded_hours"),
        transaction.atomic(),
    ):
        BrokenGlass.objects.create(
            program=glass.program, record_kind="transaction", record=glass.record, text=text,
            text_digest=text.digest,
            hours=hours, broken_by=glass.broken_by, entry_id=history_of(world["payment"])[0].number,
        )  # fmt: skip


def test_it_needs_a_reason(world):
    with pytest.raises(Refused, match="Say why"):
        break_it(world, reason="  ")


def test_only_an_auditor_of_the_program_breaks_it_and_only_where_something_is_sealed(world):
    with pytest.raises(Refused, match="no glass to break"):
        break_it(world, by=officer_of(world["payment"].program))
    with pytest.raises(NotAllowed, match="auditor"):
        break_it(world, by=make_auditor())
    other = make_disbursement(make_commitment(world["payment"].program))
    with pytest.raises(Refused, match="no glass to break"):
        actions.break_glass(
            record_kind="transaction", record=other.uid, reason="x", hours=1, by=world["auditor"]
        )


def test_nobody_reads_through_somebody_elses_glass_or_breaks_it_twice(world):
    glass = break_it(world)
    with pytest.raises(NotAllowed, match="Somebody else"):
        actions.read_through_glass(glass=glass, by=make_auditor(world["payment"].program))
    with pytest.raises(Refused, match="already"):
        break_it(world)
