"""Numbers with a fixed count of decimals, stored as integers so that both engines keep every digit."""

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.db import models

from tracker.shared.errors import Refused

LARGEST = 2**63 - 1
MOST_DIGITS = 40

if TYPE_CHECKING:
    _ScaledBase = models.BigIntegerField[Decimal | int | str | None, Any]
else:
    _ScaledBase = models.BigIntegerField


def exact(value: Decimal | int | str, scale: int) -> int:
    """The number times 10^scale, refused when it is no number or has more decimals than that."""
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError):
        raise Refused(f"“{value}” is not a number.") from None
    if not number.is_finite():
        raise Refused(f"“{value}” is not a number.")
    whole = shifted(number, scale)
    if whole is None:
        raise Refused(f"{value} has more than {scale} decimals: round it.")
    if abs(whole) > LARGEST:
        raise Refused(f"{value} is too large to be stored.")
    return whole


def shifted(number: Decimal, places: int) -> int | None:
    """number × 10^places if that is whole, else None. Exact for any count of digits: no context rounds it."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # finite
    significant = "".join(map(str, digits)).rstrip("0") or "0"
    dropped = len(digits) - len(significant) if significant != "0" else 0
    move = exponent + dropped + places
    if significant == "0":
        return 0
    if move < 0:
        return None
    if len(significant) + move > MOST_DIGITS:
        return LARGEST + 1  # not worth writing out: 1e999999 would take all memory
    return (-1 if sign else 1) * int(significant + "0" * move)


class ScaledField(_ScaledBase):
    """A Decimal in Python, an integer of `scale` decimals in the database. Null is *not stated*."""

    def __init__(self, *args: Any, scale: int = 6, **kwargs: Any):
        self.scale = scale
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs["scale"] = self.scale
        return name, path, args, kwargs

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else self._shown(int(value))

    def _shown(self, stored: int) -> Decimal:
        """Without the zeros that nobody stated: 71, not 71.000000."""
        number = Decimal(stored).scaleb(-self.scale).normalize()
        exponent = number.as_tuple().exponent
        return number.quantize(1) if isinstance(exponent, int) and exponent > 0 else number

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return exact(value, self.scale)

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except InvalidOperation:
            raise Refused(f"“{value}” is not a number.") from None

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        return models.Field.formfield(self, **{"form_class": forms.DecimalField, **kwargs})
