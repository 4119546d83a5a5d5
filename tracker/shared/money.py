"""Money is a whole number of the currency's smallest unit, and its currency.

SQLite stores decimals as floats: 123456789012345.67 comes back as 123456789012346.00. Integers come back
as they went in, on both engines, and sums, triggers and constraints work on them exactly.
"""

import json
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from tracker.shared.errors import Refused
from tracker.shared.numbers import shifted

LARGEST_MINOR = 2**63 - 1  # what a database's BIGINT holds


@cache
def digits_by_currency() -> dict[str, int]:
    """The minor-unit digits of every currency we know, from ISO 4217: JPY 0, USD 2, KWD 3."""
    path = Path(settings.BASE_DIR) / "fixtures" / "reference" / "currencies.json"
    return {row["code"]: row["digits"] for row in json.loads(path.read_text("utf-8"))}


def digits_of(currency: str) -> int:
    try:
        return digits_by_currency()[currency]
    except KeyError:
        raise Refused(
            f"“{currency}” is not a currency we know: use an ISO 4217 code such as USD, EUR or JPY."
        ) from None


@dataclass(frozen=True, order=False)
class Money:
    """An exact amount in one currency. Adding two currencies is an error, not a number."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> "Money":
        """Build from whole units, refusing what the currency cannot hold to the last digit."""
        try:
            value = Decimal(amount)
        except InvalidOperation:
            raise Refused(
                f"“{amount}” is not an amount: write digits, with a point before the decimals."
            ) from None
        digits = digits_of(currency)
        if not value.is_finite():
            raise Refused(f"“{amount}” is not an amount.")
        minor = shifted(value, digits)
        if minor is None:
            raise Refused(
                f"{amount} has more decimals than {currency} has ({digits}): round it to {digits}."
            )
        if abs(minor) > LARGEST_MINOR:
            raise Refused(f"{amount} {currency} is larger than this ledger can hold.")
        return cls(minor, currency)

    @classmethod
    def rounded(cls, amount: Decimal, currency: str) -> "Money":
        """The nearest amount that the currency can hold, halves to even. Say that it was rounded."""
        step = Decimal(1).scaleb(-digits_of(currency))
        return cls.of(amount.quantize(step, ROUND_HALF_EVEN), currency)

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-digits_of(self.currency))

    @property
    def plain(self) -> str:
        """Digits and a point, every minor digit, no grouping: what files and hashes carry."""
        return f"{self.decimal:f}"

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(
                f"{self.currency} and {other.currency} are never added up or compared."
            )

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.minor), self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __gt__(self, other: "Money") -> bool:
        return other < self

    def __ge__(self, other: "Money") -> bool:
        return other <= self

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.decimal:,f} {self.currency}"


def format_money(money: Money | None) -> str:
    """As people read it: 1,204,000.00 USD; an amount nobody stated is *not stated*, never 0."""
    return "not stated" if money is None else str(money)


class _MoneyAttribute(DeferredAttribute):
    """Reads as Money, writes as Money or minor units. The row keeps the integer."""

    field: "MoneyField"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        raw = super().__get__(instance, cls)
        if raw is None or not isinstance(raw, int):
            return raw  # null, or an expression about to be saved
        return Money(raw, getattr(instance, self.field.currency_field))

    def __set__(self, instance: Any, value: Any) -> None:
        if isinstance(value, Money):
            self._agree_on_currency(instance, value.currency)
            value = value.minor
        instance.__dict__[self.field.attname] = value

    def _agree_on_currency(self, instance: Any, currency: str) -> None:
        name = self.field.currency_field
        present = instance.__dict__.get(name)
        if not present:
            instance.__dict__[name] = currency
        elif present != currency:
            raise ValueError(f"The row is in {present}, the amount in {currency}.")


if TYPE_CHECKING:
    _MoneyBase = models.BigIntegerField[Money | int | None, Any]
else:
    _MoneyBase = models.BigIntegerField


class MoneyField(_MoneyBase):
    """Minor units in the database, Money in Python. Declare the currency column *before* it."""

    descriptor_class = _MoneyAttribute

    def __init__(self, *args: Any, currency_field: str = "currency", **kwargs: Any):
        self.currency_field = currency_field
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.currency_field != "currency":
            kwargs["currency_field"] = self.currency_field
        return name, path, args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Money):
            value = value.minor
        return super().get_prep_value(value)

    def to_python(self, value: Any) -> Any:
        return value.minor if isinstance(value, Money) else super().to_python(value)

    def value_to_string(self, obj: Any) -> str:
        money = self.value_from_object(obj)
        return "" if money is None else str(money.minor)


class CurrencyField(models.CharField):
    """An ISO 4217 code."""

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.setdefault("max_length", 3)
        super().__init__(*args, **kwargs)
