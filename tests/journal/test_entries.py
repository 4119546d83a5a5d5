import base64
import hashlib
import json
import uuid

import pytest
import rfc8785
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from tracker.journal import actions, kinds, queries
from tracker.journal.entries import canonical
from tracker.journal.kinds import Kind
from tracker.journal.models import Disclosure, Entry
from tracker.shared.money import Money


class Thing:
    def __init__(self):
        self.uid = uuid.uuid4()


@pytest.fixture(autouse=True)
def kind(monkeypatch):
    monkeypatch.setattr(kinds, "_registered", dict(kinds._registered))
    kinds.register(
        [Kind("thing", ("amount", "title"), {"create": "{title} was made.", "paint": "Painted."})]
    )


def test_an_event_is_recorded_and_reads_as_a_sentence():
    thing, person = Thing(), Thing()

    entry = actions.record(
        "thing", record=thing, op="create", by=person, fields={"title": "Box", "amount": None}
    )

    (event,) = queries.history_of(thing)
    assert (event.number, event.sentence, event.actor) == (entry, "Box was made.", person.uid)
    assert event.values == {"title": "Box", "amount": None}


def test_the_entry_commits_to_every_field_and_shows_no_value():
    thing = Thing()

    entry = actions.record(
        "thing", record=thing, op="create", by=None, fields={"amount": Money(12345, "USD")}
    )

    body = queries.body_of(entry)
    assert set(body["f"]) == {"at", "by", "amount", "title"}
    assert "123.45" not in json.dumps(body)
    disclosure = Disclosure.objects.get(entry=entry).values["amount"]
    digest = base64.urlsafe_b64encode(hashlib.sha256(disclosure.encode()).digest())
    assert body["f"]["amount"] == [{"...": digest.rstrip(b"=").decode()}]


def test_the_next_event_of_a_record_names_the_one_before():
    thing = Thing()
    first = actions.record("thing", record=thing, op="create", by=None, fields={})

    second = actions.record("thing", record=thing, op="paint", by=None, fields={})

    body = queries.body_of(second)
    assert body["rev"] == 2
    assert body["prev"] == Entry.objects.get(pk=first).leaf


def test_many_events_are_recorded_in_the_order_given():
    things = [Thing() for _ in range(3)]

    made = actions.record_many(
        "thing",
        op="create",
        by=None,
        items=[(t.uid, {"title": str(i)}) for i, t in enumerate(things)],
    )

    read = [queries.history_of(t)[0] for t in things]
    assert [e.number for e in read] == made == sorted(made)
    assert [e.values["title"] for e in read] == ["0", "1", "2"]


def test_a_field_or_an_op_that_the_kind_does_not_declare_is_an_error():
    with pytest.raises(ValueError, match="declares no field"):
        actions.record("thing", record=Thing(), op="create", by=None, fields={"weight": 1})
    with pytest.raises(ValueError, match="knows no"):
        actions.record("thing", record=Thing(), op="burn", by=None, fields={})


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused(transactional_db):
    assert not transaction.get_connection().in_atomic_block
    with pytest.raises(RuntimeError, match="transaction of its action"):
        actions.record("thing", record=Thing(), op="create", by=None, fields={})


_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(_PLAIN)
def test_the_fast_writer_writes_the_bytes_of_the_standard(value):
    assert canonical(value) == rfc8785.dumps(value)


def test_control_characters_quotes_and_astral_keys_are_written_as_the_standard_says():
    hard = {"\U0001f600": 1, "\ufb33": 2, "a": '\x00\x1f\x7f"\\/\u2028é'}

    assert canonical(hard) == rfc8785.dumps(hard)
    assert canonical([*hard.values()]) == rfc8785.dumps([*hard.values()])


def test_an_integer_that_json_cannot_carry_is_refused():
    with pytest.raises(rfc8785.IntegerDomainError):
        canonical(2**53)
