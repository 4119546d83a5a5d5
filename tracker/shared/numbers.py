"""Numbers with a fixed count of decimals, stored as integers so that both engines keep every digit."""

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.db import models

from tracker.shared.errors import Refused

LARGEST = 2**63 - 1

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
    scaled = number.scaleb(scale)
    if scaled != scaled.to_integral_value():
        raise Refused(f"{value} has more than {scale} decimals: round it.")
    if abs(scaled) > LARGEST:
        raise Refused(f"{value} is too large to be stored.")
    return int(scaled)


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
