"""A rule that the database broke off becomes a sentence, as if the action had seen it coming."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import reduce
from operator import and_

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.db.models import BooleanField, Q
from django.db.models.functions import Coalesce

from tracker.shared.errors import Refused

Sentence = str | dict[str, str]


@contextmanager
def refused_if(rules: Mapping[str, Sentence]) -> Iterator[None]:
    """Run the block in a savepoint; a constraint or trigger that `rules` names refuses with its sentence.

    Two people at the same moment can both pass a check that only one of them should: the database then stops the
    second, by the name of its rule. An error that `rules` does not name is a defect and passes through.
    """
    try:
        with transaction.atomic():
            yield
    except (IntegrityError, DataError) as error:
        said = _said(error)
        for name, sentence in rules.items():
            if name in said:
                raise Refused(sentence) from error
        raise


def _said(error: Exception) -> str:
    """The engine's words and, on PostgreSQL, the constraint's name."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return f"{error} {getattr(diagnosis, 'constraint_name', None) or ''}"


def check_fields(instance: models.Model, *, exclude: tuple[str, ...] = ()) -> None:
    """`full_clean` that refuses: what a column or a rule of the table cannot hold is told at its field."""
    with _refused_at_fields():
        if not _is_clean(instance, exclude):
            instance.full_clean(exclude=exclude)


def check_columns(instance: models.Model, *, exclude: tuple[str, ...] = ()) -> None:
    """Only what its columns can hold, without the table's rules.

    For what is saved by the next statement, where `refused_if` names each rule that a person can break.
    """
    with _refused_at_fields():
        instance.full_clean(exclude=exclude, validate_constraints=False)


@contextmanager
def _refused_at_fields() -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        fields = error.message_dict
        whole = fields.pop("__all__", [])
        raise Refused(fields or whole) from error


def _is_clean(instance: models.Model, exclude: tuple[str, ...]) -> bool:
    """Whether `full_clean` would find nothing, with one query for all the table's checks instead of one for each."""
    rules = instance._meta.constraints
    checks = [rule.condition for rule in rules if isinstance(rule, models.CheckConstraint)]
    holds = [Q(Coalesce(Q(check), True, output_field=BooleanField())) for check in checks]
    others = [rule for rule in rules if not isinstance(rule, models.CheckConstraint)]
    if holds:
        others.append(models.CheckConstraint(condition=reduce(and_, holds), name="every_check"))
    try:
        instance.full_clean(exclude=exclude, validate_constraints=False)
        for rule in others:
            rule.validate(type(instance), instance)
    except ValidationError:
        return False
    return True
