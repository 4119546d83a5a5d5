"""The matcher: finds markers in whatever form a page, a file or a chart may give them.

Texts are looked for after everything that could hide them is undone: escapes of JSON, HTML and addresses, base64 and
hex, letters that were decomposed or folded. Numbers are compared by their significant digits, which separators, minor
units, percent and powers of ten leave as they are; a number that was rounded short counts only where its form says so
(“7.4 million”, “7,392,000”). Days are read in every usual form.
"""

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from urllib.parse import unquote_plus

from tests.publishing.leaks.marks import Marks

# Identifiers and digests: their digits are chance, and may spell any number.
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
CHANCE = re.compile(
    rf"\b(?:[0-9a-f]{{64}}|[0-9a-f]{{32}}|{UUID}|[\w-]{{43}}=?|[A-Za-z0-9+/]{{43}}=)(?![\w=])"
    r"|(?<=\d\d:\d\d:\d\d)\.\d+"  # fractions of a second
)
NAMED = re.compile(
    rf"(?<![\w.+-])[\w.+-]{{1,64}}@[\w.-]+\w|{UUID}"
)  # an address of a person, the name of a thing
DIVIDERS = " '’"  # of thousands, beside comma and point; every other space has become a plain one
TEXT = re.compile(r"m(?:ä|a|ae)rk[-_ ‐‑–]?(\d{5})")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
SCALE = r"(?i:thousand|million|billion|tsd|mio|mrd|bn|mn|k|m|b)\b|%|(?i:percent|per cent)"
NUMBER = re.compile(
    rf"(?<![\w.])(?:[A-Z]{{3}})?(\d(?:[\d.,{DIVIDERS}]*\d)?)"
    rf"(?:[eE]([+-]?\d+)|[ -]?({SCALE}))?(?:(?!\w)|(?=[A-Z]{{3}}\b))"
)
SHORTEST = (
    5  # significant digits that are no chance; fewer count where the form says that it was rounded
)
ROUNDED = re.compile(r"\d[., '’]?000$")


@dataclass(frozen=True)
class Hit:
    """A marker that somebody can read."""

    where: str  # it was planted
    read: str  # as it was found
    around: str


# --- Texts -------------------------------------------------------------------


def plain(text: str) -> str:
    """One form for what is the same to a reader: composed, folded, without what is not seen."""
    if text.isascii():
        return text.casefold()
    return unicodedata.normalize("NFKC", text.translate(UNSEEN)).casefold()


UNSEEN = {n: None for n in range(0x110000) if unicodedata.category(chr(n)) == "Cf"}


def unwrapped(text: str) -> Iterator[str]:
    """The text, and what is behind its escapes and encodings, one layer at a time."""
    yield text
    if "&" in text:
        yield html.unescape(text)
    if "%" in text:
        yield unquote_plus(text)
    if "\\u" in text:
        yield JSON_ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)
    yield from (_decode(bytes.fromhex(run)) for run in HEX.findall(text))
    yield from (_from_base64(run) for run in BASE64.findall(text))


def _from_base64(run: str) -> str:
    usual = run.rstrip("=").replace("-", "+").replace("_", "/")
    usable = usual[: len(usual) - (1 if len(usual) % 4 == 1 else 0)]
    try:
        return _decode(base64.b64decode(usable + "=" * (-len(usable) % 4)))
    except binascii.Error:
        return ""


def _decode(raw: bytes) -> str:
    """What of the bytes is text, in any of the encodings: the rest of a digest is none."""
    ways = ("utf-8", "utf-16-le", "utf-16-be")
    return "\n".join(raw.decode(way, errors="ignore") for way in ways[: 3 if 0 in raw else 1])


def texts_in(marks: Marks, text: str) -> Iterator[Hit]:
    folded = plain("\n".join(unwrapped(text)))
    for found in TEXT.finditer(folded):
        if where := marks.texts.get(found[1]):
            yield Hit(where, found[0], _around(folded, found.start()))
    for found in NAMED.finditer(folded):
        if where := marks.words.get(found[0]):
            yield Hit(where, found[0], _around(folded, found.start()))


def _around(text: str, at: int) -> str:
    return text[max(0, at - 120) : at + 120]


# --- Numbers -----------------------------------------------------------------


def digits_of(value: Decimal) -> str:
    """The significant digits: a separator, a minor unit or a power of ten changes none of them."""
    return f"{abs(value):f}".replace(".", "").strip("0")


PARTS = "%", "percent", "per cent"


def renderings(value: Decimal) -> dict[str, bool]:
    """The significant digits that a reader may meet, and whether so few of them count alone."""
    found: dict[str, bool] = {}
    full = len(digits_of(value))
    for kept in range(2, full + 1):
        for how in (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN):
            rounded = _round(value, kept, how)
            if len(rounded) > 1:
                found[rounded] = found.get(rounded, False) or len(rounded) >= SHORTEST
    found[digits_of(value)] = len(digits_of(value)) >= 4
    return found


def _round(value: Decimal, kept: int, how: str) -> str:
    step = Decimal(1).scaleb(abs(value).adjusted() - kept + 1)
    return digits_of((abs(value) / step).quantize(Decimal(1), rounding=how))


def _rates_applied(value: Decimal, rates: Iterable[Decimal]) -> Iterator[Decimal]:
    yield value
    for rate in rates:
        yield (value * rate).quantize(Decimal("0.01"))
        yield (value / rate).quantize(Decimal("0.01"))


class Numbers:
    """The numbers of the markers, by what a reader may meet. `rates` are those of other currencies."""

    def __init__(self, marks: Marks, rates: Iterable[Decimal] = ()):
        self.known: dict[str, tuple[str, bool]] = {}
        self.parts = marks.parts
        rates = list(rates)
        for value, where in marks.numbers.items():
            for amount in _rates_applied(value, rates):
                for digits, alone in renderings(amount).items():
                    before = self.known.get(digits, (where, False))
                    self.known[digits] = (where, alone or before[1])

    def find(self, text: str) -> Iterator[Hit]:
        for found in NUMBER.finditer(CHANCE.sub("…", text)):
            for read, said in _tokens(found):
                digits = re.sub(r"\D", "", read).strip("0")
                where, alone = self.known.get(digits, ("", False))
                if where and (alone or (said and self._counts(digits, found[3] or "", where))):
                    yield Hit(where, found[0], _around(found.string, found.start()))
                    break

    def _counts(self, digits: str, unit: str, where: str) -> bool:
        """Two digits of a percentage are chance, unless a part of something was planted."""
        return unit.casefold() not in PARTS or len(digits) > 2 or where in self.parts


LONGEST = 6  # groups of digits that may be one number: 1,234,567,890,123.45


def _tokens(found: re.Match[str]) -> Iterator[tuple[str, bool]]:
    """Every number that the run may be: a space or a comma divides thousands, or two numbers."""
    groups = re.split(r"([\s,]+)", found[1])
    scaled, count = bool(found[2] or found[3]), len(groups)
    for first in range(0, count, 2):
        for last in range(first, min(count, first + 2 * LONGEST), 2):
            read = "".join(groups[first : last + 1])
            yield read, bool(ROUNDED.search(read)) or (scaled and last == count - 1)


# --- Days --------------------------------------------------------------------

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)")
DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)")
DAY_MONTH = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|\.)?\s(?:of\s)?{_MONTH},?(?:\s(\d{{4}}))?", re.I
)
MONTH_DAY = re.compile(rf"\b{_MONTH}\s(\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s(\d{{4}}))?", re.I)


def _spelt(text: str) -> Iterator[tuple[int, int, int, re.Match[str]]]:
    for m in ISO.finditer(text):
        yield int(m[1]), int(m[2]), int(m[3]), m
    for m in COMPACT.finditer(text):
        yield int(m[1]), int(m[2]), int(m[3]), m
    for m in DAY_FIRST.finditer(text):
        year = int(m[3]) + (2000 if len(m[3]) == 2 else 0)
        yield year, int(m[2]), int(m[1]), m
        yield year, int(m[1]), int(m[2]), m
    for m in DAY_MONTH.finditer(text):
        yield int(m[3] or 0), MONTHS.index(m[2][:3].lower()) + 1, int(m[1]), m
    for m in MONTH_DAY.finditer(text):
        yield int(m[3] or 0), MONTHS.index(m[1][:3].lower()) + 1, int(m[2]), m


def days_in(marks: Marks, text: str) -> Iterator[Hit]:
    """A day without its year counts where day and month are those of a marker."""
    known = {(day.year, day.month, day.day): where for day, where in marks.days.items()}
    known |= {(0, day.month, day.day): where for day, where in marks.days.items()}
    for year, month, day, found in _spelt(CHANCE.sub("…", text)):
        if where := known.get((year, month, day)):
            yield Hit(where, found[0], _around(found.string, found.start()))


TAG = re.compile(r"<[^<>]*>")


class Matcher:
    """Looks for everything that was planted. What was read before, line by line, is not read again."""

    def __init__(self, marks: Marks, rates: Iterable[Decimal] = ()):
        self.marks, self.numbers = marks, Numbers(marks, rates)
        self._known: set[str] = set()

    def read(self, text: str) -> list[Hit]:
        """What is in a text of any length. Two lines at a time: a marker may be broken once."""
        found, before = [], ""
        for line in [*text.splitlines(), ""]:
            both = f"{before} {line.strip()}"
            if both not in self._known:
                self._known.add(both)
                found += self.hits(both)
            before = line.strip()
        return found

    def hits(self, text: str) -> list[Hit]:
        shown = as_read(text)
        forms = [shown, *([" ".join(TAG.sub(" ", shown).split())] if "<" in shown else [])]
        found = list(texts_in(self.marks, text))
        for form in forms:
            found += [*self.numbers.find(form), *days_in(self.marks, form)]
        return found


def as_read(text: str) -> str:
    """Numbers as a reader sees them: escapes undone, every space a plain one, the digits of other scripts as ours."""
    text = html.unescape(text) if "&" in text else text
    text = JSON_ESCAPE.sub(lambda m: chr(int(m[1], 16)), text) if "\\u" in text else text
    text = unquote_plus(text) if "%2" in text else text
    return text if text.isascii() else _digits(unicodedata.normalize("NFKC", text))


def _digits(text: str) -> str:
    """Arabic-Indic and other digits as ASCII ones."""
    return "".join(
        str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text
    )
