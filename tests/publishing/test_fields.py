"""Whatever we store is declared public, withholdable, or internal with a reason."""

import pytest
from django.apps import apps

from tests.public.world import make_world
from tracker.publishing import fields
from tracker.publishing.fields import Internal, Public
from tracker.publishing.models import ReleasedRow

MODELS = apps.get_models(include_auto_created=True)


def own_fields(model):
    return [*model._meta.local_fields, *model._meta.local_many_to_many]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_field_is_declared(model):
    meta = model._meta
    name = "User" if meta.object_name.startswith("User_") else meta.object_name
    if meta.app_label == "tracker" and name in fields.RELEASE_TABLES:
        return

    undeclared = [
        field.name
        for field in own_fields(model)
        if fields.declaration(meta.app_label, name, field.name) is None
    ]

    assert not undeclared, f"{meta.label}: say in publishing/fields.py whether these are public"


def test_nothing_is_declared_that_does_not_exist():
    known = {m._meta.object_name: {f.name for f in own_fields(m)} for m in MODELS}

    for model, declared in fields.FIELDS.items():
        assert set(declared) <= known[model], model
    assert set(fields.INTERNAL_TABLES) <= set(known)
    assert set(fields.RELEASE_TABLES) <= set(known)


def test_no_table_is_declared_twice():
    lists = [set(fields.FIELDS), set(fields.INTERNAL_TABLES), set(fields.RELEASE_TABLES)]

    assert sum(map(len, lists)) == len(set.union(*lists))


def test_an_undeclared_field_is_noticed():
    assert fields.declaration("tracker", "Program", "secret_annex") is None
    assert fields.declaration("tracker", "NewTable", "id") is None
    assert fields.declaration("another_app", "Anything", "id") is None


def test_every_internal_field_has_a_reason():
    for declared in fields.FIELDS.values():
        for entry in declared.values():
            assert isinstance(entry, Public) or (isinstance(entry, Internal) and entry.reason)


# --- What released rows hold ----------------------------------------------------


@pytest.mark.parametrize("kind", sorted(fields.RELEASED))
def test_every_cell_of_a_kind_comes_from_a_declared_field_or_is_listed_as_reckoned(kind):
    declared = {
        entry.field
        for table in fields.FIELDS.values()
        for entry in table.values()
        if isinstance(entry, Public) and entry.kind == kind
    }
    reckoned = fields.DERIVED.get(kind, frozenset())

    assert fields.RELEASED[kind] == declared | reckoned
    assert fields.WITHHOLDABLE.get(kind, frozenset()) <= fields.RELEASED[kind]


@pytest.mark.thorough
def test_the_world_of_the_public_pages_releases_no_cell_that_is_not_declared():
    """Every kind of row, by the names of its cells. What is published later is held to the same: see the leak tests."""
    make_world()

    assert undeclared_cells() == set()


def undeclared_cells() -> set[str]:
    return {
        f"{row.kind}.{name}"
        for row in ReleasedRow.objects.iterator()
        for name in row.cells
        if name not in fields.RELEASED.get(row.kind, frozenset())
    }
