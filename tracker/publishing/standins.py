"""Stand-ins: what the public reads in the place of a withheld value. True, and never exact enough to find the value.

To withhold the cell that would tell is primary cell suppression; a range in its place protects only if it is wide beside
the value (the p% rule of statistical disclosure control: what is published must not let anybody estimate a value to
within p percent of it). See Hundepool et al., *Statistical Disclosure Control* (Wiley, 2012). So here:

- a stand-in contains its value: it is a coarser truth, not a false statement;
- a range is at least `LEAST` percent of its upper end wide, or as much more as a rule in force asks for;
- a range that a rule makes is a band of a fixed grid. Where in the band the value lies has no part in it, so two values
  in one band have the same stand-in, and nobody can reason back from the edges to the value.

Nothing here reads or writes. Values and stand-ins have the shapes in which a release carries them (`content/cells.py`).
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from tracker.shared.errors import Refused
from tracker.shared.money import LARGEST_MINOR, digits_by_currency

StandIn = dict[str, Any]

LEAST = 25  # percent of the upper end
MONEY, NUMBER, DAY, WORDS, NOTHING = "money", "number", "day", "words", "nothing"
_SHAPES = {
    **dict.fromkeys(("amount", "excess", "questioned"), MONEY),
    **dict.fromkeys(("quantity", "value"), NUMBER),
    **dict.fromkeys(("value_date", "starts_on", "ends_on", "measured_on"), DAY),
    **dict.fromkeys(("opened_on", "due_on", "since"), DAY),
    **dict.fromkeys(("sectors", "figures", "digest", "scope", "payments", "plan"), NOTHING),
    **dict.fromkeys(("questioned_lines", "better_use", "waterfall", "decision"), NOTHING),
    "view_words": NOTHING,
}
FITTING: Mapping[str, tuple[str, ...]] = {
    MONEY: ("range",),
    NUMBER: ("range",),
    DAY: ("month", "year"),
    WORDS: ("region", "unit"),
    NOTHING: (),
}
_LENGTHS = {"month": 7, "year": 4}
_COARSER = {"day": ("month", "year"), "month": ("year",), "fiscal_year": ()}
_FORMS = {"month": r"\d{4}-(0[1-9]|1[0-2])", "year": r"\d{4}"}
MOST_WORDS, MOST_EDGES = 80, 50


def shape_of(field: str) -> str:
    """What the field's values are; a field of a release is words where nothing else is said."""
    return _SHAPES.get(field, WORDS)


def _no(sentence: str) -> Refused:
    return Refused({"stand_in": sentence})


def _kind(said: Any, field: str, *more: str) -> str:
    fitting = (*FITTING[shape_of(field)], *more)
    if not isinstance(said, Mapping) or said.get("kind") not in fitting:
        one_of = " or ".join(fitting) or "nothing: it is withheld without a stand-in"
        raise _no(f"For {field.replace('_', ' ')} this stand-in does not fit. What fits: {one_of}.")
    return str(said["kind"])


# --- One value ---------------------------------------------------------------


def checked(
    said: Any, value: Any, *, field: str, precision: str = "day", least: int = LEAST
) -> StandIn:
    """The stand-in for one value, as it is kept; refused where it is false, or would tell too much."""
    kind = _kind(said, field)
    if value is None:
        raise _no("No value is stated: a stand-in would say that there is one.")
    if kind == "range":
        return _checked_range(said, value, field, least)
    if kind in _LENGTHS:
        return _checked_days(said, kind, value, precision)
    words = _checked_words(said)
    if _tells(words, value):
        raise _no("These words contain the value itself: choose words that many values share.")
    return {"kind": kind, "value": words}


def _checked_range(said: Mapping[str, Any], value: Any, field: str, least: int) -> StandIn:
    money = shape_of(field) == MONEY
    if money and said.get("currency") != value["currency"]:
        raise _no(f"The value is in {value['currency']}: give the range in that currency.")
    low, high = (_number(said.get(end), money) for end in ("low", "high"))
    if low >= high:
        raise _no("The lower end of the range has to be smaller than the upper end.")
    if not low <= _of(value, money) <= high:
        raise _no("The range does not contain the value: the public would read something false.")
    if not is_wide(low, high, least):
        least = max(least, LEAST)
        raise _no(f"The range is too narrow: it has to be {least} % of its upper end or more.")
    return _range(low, high, value["currency"] if money else "")


def is_wide(low: Decimal, high: Decimal, least: int = LEAST) -> bool:
    """Wide beside its upper end; of a range of negative numbers, beside the end that is further from 0."""
    return (high - low) * 100 >= max(abs(low), abs(high)) * max(least, LEAST) and high > low


def _range(low: Decimal, high: Decimal, currency: str) -> StandIn:
    if currency:
        ends = {"low": {"minor": int(low)}, "high": {"minor": int(high)}, "currency": currency}
    else:
        ends = {"low": f"{low:f}", "high": f"{high:f}"}
    return {"kind": "range", **ends}


def _number(said: Any, money: bool) -> Decimal:
    """An end of a range: whole minor units, or decimal text."""
    if money and isinstance(said, Mapping):
        minor = said.get("minor")
        if isinstance(minor, int) and not isinstance(minor, bool) and abs(minor) <= LARGEST_MINOR:
            return Decimal(minor)
    elif not money and isinstance(said, str) and len(said) <= 40:
        try:
            number = Decimal(said)
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and abs(number.adjusted()) < 30:
            return number
    raise _no("Write both ends of the range as numbers.")


def _of(value: Any, money: bool) -> Decimal:
    return Decimal(value["minor"]) if money else Decimal(value)


def _checked_days(said: Mapping[str, Any], kind: str, value: str, precision: str) -> StandIn:
    if kind not in _COARSER[precision]:
        known = precision.replace("_", " ")
        raise _no(f"The day is known to the {known} only: a {kind} would be no less exact than it.")
    told = said.get("value")
    if not isinstance(told, str) or not re.fullmatch(_FORMS[kind], told):
        form = "2024-03" if kind == "month" else "2024"
        raise _no(f"Write the {kind} like this: {form}.")
    if told != value[: _LENGTHS[kind]]:
        raise _no(f"The day does not lie in this {kind}: the public would read something false.")
    return {"kind": kind, "value": told}


def _checked_words(said: Mapping[str, Any]) -> str:
    told = said.get("value")
    words = " ".join(told.split()) if isinstance(told, str) else ""
    if not words or len(words) > MOST_WORDS or not words.isprintable():
        raise _no(f"Write the words that stand there instead, {MOST_WORDS} letters at most.")
    return unicodedata.normalize("NFC", words)


def _tells(words: str, value: Any) -> bool:
    """Is the value among the words? Whole words for a short value (“t” is not in “one unit”), any part for a longer one."""
    said, told = (unicodedata.normalize("NFKC", str(one)).casefold() for one in (words, value))
    inside, parts = re.findall(r"\w+", said), re.findall(r"\w+", told)
    if len(told.strip()) > 3 and told.strip() in said:
        return True
    size = len(parts)
    return bool(size) and any(inside[n : n + size] == parts for n in range(len(inside)))


# --- A rule: one way for every value -------------------------------------------


def checked_making(said: Any, *, field: str, least: int = LEAST) -> StandIn:
    """How a rule makes stand-ins: bands for amounts and numbers, `month` or `year` for days, the same words for all."""
    more = ("bands",) if shape_of(field) in (MONEY, NUMBER) else ()
    kind = _kind(said, field, *more)
    if kind == "range":
        raise _no("A rule makes ranges by bands: write the edges of the bands, the same for all.")
    if kind == "bands":
        return _checked_bands(said, shape_of(field) == MONEY, least)
    if kind in _LENGTHS:
        return {"kind": kind}
    return {"kind": kind, "value": _checked_words(said)}


def _checked_bands(said: Mapping[str, Any], money: bool, least: int) -> StandIn:
    edges = said.get("edges")
    if not isinstance(edges, list) or not 2 <= len(edges) <= MOST_EDGES:
        raise _no(f"Write the edges of the bands: two at least, {MOST_EDGES} at most.")
    currency = said.get("currency")
    if money and currency not in digits_by_currency():
        raise _no("Say in which currency the edges are.")
    numbers = [_number({"minor": edge} if money else edge, money) for edge in edges]
    if numbers[0] < 0:
        raise _no("Bands begin at 0 or above; a reversal gets the band of what it takes back.")
    for low, high in pairwise(numbers):
        if low >= high:
            raise _no("Write the edges from small to large.")
        if not is_wide(low, high, least):
            raise _no(
                f"The band from {low:f} to {high:f} is too narrow: it has to be "
                f"{max(least, LEAST)} % of its upper edge or more."
            )
    if money:
        return {"kind": "bands", "edges": [int(edge) for edge in numbers], "currency": currency}
    return {"kind": "bands", "edges": [f"{edge:f}" for edge in numbers]}


def made(
    making: StandIn | None, value: Any, *, field: str, precision: str = "day"
) -> StandIn | None:
    """A rule's stand-in for one value; None where it makes none: outside the bands, or the words would tell."""
    if making is None or value is None:
        return None
    kind = making["kind"]
    if kind == "bands":
        return _band(making, value, shape_of(field) == MONEY)
    if kind in _LENGTHS:
        coarser = kind in _COARSER.get(precision, ())
        return {"kind": kind, "value": value[: _LENGTHS[kind]]} if coarser else None
    return None if _tells(making["value"], value) else making


def _band(making: StandIn, value: Any, money: bool) -> StandIn | None:
    """The band in which the size of the value lies: its lower edge is in it, its upper edge is in the next one."""
    if money and value["currency"] != making["currency"]:
        return None
    number, edges = _of(value, money), [Decimal(edge) for edge in making["edges"]]
    at = bisect_right(edges, abs(number))
    if abs(number) == edges[-1]:
        at -= 1  # the last band has both its edges
    if not 0 < at < len(edges):
        return None
    band = _range(edges[at - 1], edges[at], making.get("currency", ""))
    return mirrored(band) if number < 0 else band


# --- For another value than the one it was made for ------------------------------


def holds(
    stand_in: StandIn, value: Any, *, field: str, precision: str = "day", least: int = LEAST
) -> bool:
    """Is it true of this value, and no more exact than it may be? Since the decision, what a row states may have
    changed, and a rule may have come into force that asks for more."""
    try:
        checked(stand_in, value, field=field, precision=precision, least=least)
    except Refused:
        return False
    return True


def mirrored(stand_in: StandIn) -> StandIn:
    """A range for the opposite amount: that of a reversal."""
    low, high = stand_in["low"], stand_in["high"]
    if isinstance(low, Mapping):
        return {**stand_in, "low": {"minor": -high["minor"]}, "high": {"minor": -low["minor"]}}
    return {**stand_in, "low": f"{-Decimal(high):f}", "high": f"{-Decimal(low):f}"}


def for_reversal(
    stand_in: StandIn | None, value: Any, *, field: str, least: int = LEAST
) -> StandIn | None:
    """What a row's stand-in is for the row that takes it back. A reversal has a day of its own: none for that."""
    if stand_in is None or stand_in["kind"] in _LENGTHS:
        return None
    turned = mirrored(stand_in) if stand_in["kind"] == "range" else stand_in
    return turned if holds(turned, value, field=field, least=least) else None


def for_answer(stand_in: StandIn | None, value: Any, *, field: str) -> StandIn | None:
    """What it is for a row that answers for the withheld one, such as a receipt. Only words that fit everything: a
    range that is there, or not there, would tell whether both amounts are the same."""
    if stand_in is None or stand_in["kind"] not in FITTING[WORDS]:
        return None
    return stand_in if holds(stand_in, value, field=field) else None
