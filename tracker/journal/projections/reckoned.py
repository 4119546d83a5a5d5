"""Tables that are reckoned from rows which entries vouch for: balances, sums, what the public reads."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Model

from tracker.journal.projections.said import Difference

Keys = Sequence[Any]


@dataclass(frozen=True)
class Reckoning:
    """A table that is worked out again from others. `keys` gives what to look at in chunks, `compare` looks.

    `others` are further tables that the same look covers.
    """

    word: str
    model: type[Model]
    columns: tuple[str, ...]
    keys: Callable[[], Iterator[Keys]]
    compare: Callable[[Keys], Iterable[Difference]]
    unmapped: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[type[Model], Mapping[str, str]] = field(default_factory=dict)

    def covers(self) -> Iterator[tuple[type[Model], dict[str, str]]]:
        yield self.model, dict.fromkeys(self.columns, "") | dict(self.unmapped)
        for model, fields in self.others.items():
            yield model, dict(fields)

    def differences(
        self, erased: Callable[[int], bool], progress: Callable[[str, int], None]
    ) -> Iterator[Difference]:
        done = 0
        for keys in self.keys():
            found = list(self._look(keys))
            if found:
                again = set(self._look(keys))
                found = [one for one in found if one in again]
            yield from found
            done += len(keys)
            progress(self.word, done)

    def _look(self, keys: Keys) -> Iterator[Difference]:
        """Compare; where a value cannot be read at all, one key after the other."""
        try:
            yield from list(self.compare(keys))
        except (ValueError, TypeError, LookupError, ArithmeticError):
            if len(keys) > 1:
                for key in keys:
                    yield from self._look([key])
                return
            record = keys[0] if isinstance(keys[0], UUID) else None
            said = f"{self.word.capitalize()} {keys[0]}: a value in it cannot be read."
            yield Difference(self.word, record, None, said)


def in_order(model: type[Model], size: int = 1000, key: str = "pk") -> Iterator[list[Any]]:
    """The keys of a table in chunks."""
    last: Any = 0
    rows = model._base_manager.order_by(key)
    while keys := list(rows.filter(**{f"{key}__gt": last}).values_list(key, flat=True)[:size]):
        yield keys
        last = keys[-1]


def added_up(
    word: str,
    model: type[Model],
    columns: tuple[str, ...],
    compare: Callable[[Keys], Any],
    **more: Any,
) -> Reckoning:
    """A reckoning over a table's own keys."""
    return Reckoning(word, model, columns, lambda: in_order(model), compare, **more)
