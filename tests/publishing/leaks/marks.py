"""Markers: texts, numbers, days and addresses that nobody outside may read, each with the place that it was planted in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models.fields.files import FieldFile

from tracker.shared.money import Money

WORD = (
    "Märk"  # with an umlaut: what is escaped, folded or decomposed on its way is found nevertheless
)


@dataclass
class Marks:
    """What was planted, and where."""

    texts: dict[str, str] = field(default_factory=dict)  # number of the marker: where
    numbers: dict[Decimal, str] = field(default_factory=dict)  # without its unit
    parts: set[str] = field(
        default_factory=set
    )  # where a number was planted that is shown in percent
    days: dict[date, str] = field(default_factory=dict)
    words: dict[str, str] = field(
        default_factory=dict
    )  # e-mail addresses, identifiers: as they are

    def text(self, where: str) -> str:
        number = f"{len(self.texts) + 1:05d}"
        self.texts[number] = where
        return f"{WORD}-{number}"

    def money(self, amount: str, where: str, currency: str = "USD") -> Money:
        planted = Money.of(amount, currency)
        self.numbers[abs(Decimal(amount))] = where
        return planted

    def number(self, value: str, where: str) -> Decimal:
        self.numbers[abs(Decimal(value))] = where
        return Decimal(value)

    def part(self, percent: str, where: str) -> None:
        self.number(percent, where)
        self.parts.add(where)

    def day(self, day: date, where: str) -> date:
        self.days[day] = where
        return day

    def word(self, word: str, where: str) -> str:
        self.words[word.casefold()] = where
        return word

    def all_words(self, words: Iterable[str], where: str) -> None:
        for word in words:
            self.word(word, where)

    def holds(self, value: Any) -> bool:
        """Whether a stored value is a marker or has one in it."""
        if isinstance(value, Money):
            return abs(Decimal(value.plain)) in self.numbers
        if isinstance(value, (Decimal, int)) and not isinstance(value, bool):
            return abs(Decimal(value)) in self.numbers
        if isinstance(value, date):
            return value in self.days
        if isinstance(value, dict):
            return any(self.holds(one) for one in [*value, *value.values()])
        if isinstance(value, (list, tuple)):
            return any(self.holds(one) for one in value)
        if isinstance(value, FieldFile):
            return self.holds(value.name)
        return isinstance(value, str) and (f"{WORD}-" in value or value.casefold() in self.words)
