"""Whatever we store is declared public, withholdable, or internal with a reason."""

import pytest
from django.apps import apps

from tracker.publishing import fields
from tracker.publishing.fields import Internal, Public

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
