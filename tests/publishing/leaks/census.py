"""Which internal fields carry a marker: every row of every table is looked at."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models

from tests.publishing.leaks.marks import Marks
from tracker.publishing import fields
from tracker.publishing.fields import Internal
from tracker.shared.money import CurrencyField

# No marker fits into these: what they say is drawn by chance, kept by the database, or one of two.
HOLD_NONE = (
    *(models.UUIDField, models.DateTimeField, models.BooleanField, models.BinaryField),
    *(models.ForeignKey, models.ManyToManyField, CurrencyField),
)


def internal_fields() -> Iterator[tuple[type[models.Model], models.Field]]:
    """Every internal field of every table that could hold a marker."""
    for model in apps.get_app_config("tracker").get_models():
        if model.__name__ in fields.RELEASE_TABLES:
            continue
        for field in model._meta.local_fields:
            declared = fields.declaration("tracker", model.__name__, field.name)
            holds = not (field.primary_key or field.choices or isinstance(field, HOLD_NONE))
            if holds and (declared is None or isinstance(declared, Internal)):
                yield model, field


def without_a_marker(marks: Marks) -> set[str]:
    """`Model.field` of every internal field of which no row holds a marker."""
    wanted: dict[type[models.Model], set[str]] = {}
    for model, field in internal_fields():
        wanted.setdefault(model, set()).add(field.name)
    missing = set()
    for model, names in wanted.items():
        left = set(names)
        for row in model._default_manager.iterator():
            left -= {name for name in left if marks.holds(getattr(row, name))}
        missing |= {f"{model.__name__}.{name}" for name in left}
    return missing
