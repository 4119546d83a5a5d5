"""Figures in the words of a report: `{{ total disbursement USD 2024 }}` stands for what the release states, and for
nothing else. Pure: it knows the shape of released rows, and no table.

    {{ total KIND CURRENCY }}              all that the release states of the kind in the currency
    {{ total KIND CURRENCY YEAR }}         the same, of one fiscal year
    {{ opening|period|closing KIND CURRENCY }}   before, in, and at the end of the report's period
    {{ indicator "TITLE" baseline|target|actual|achievement }}
    {{ findings all|open }}  {{ recommendations all|open }}
    {{ withheld fields|rows }}

KIND is pledge, commitment, disbursement, receipt, expenditure, refund or write-off. A withheld figure prints what stands
in for it, or that it is withheld and why; one that nobody stated prints “not stated”.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tracker.shared.money import Money
from tracker.shared.wording import say_cell

KINDS = (
    *("pledge", "commitment", "disbursement", "receipt", "expenditure", "refund"),
    "write_off",
)
GRAMMAR = (
    "Write it as {{ total disbursement USD }}, {{ total disbursement USD 2024 }}, "
    '{{ period disbursement USD }}, {{ indicator "Title" actual }}, {{ findings open }} or {{ withheld fields }}.'
)
_TOKEN = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_KIND = rf"(?P<kind>{'|'.join(KINDS)})"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?P<what>total) {_KIND} (?P<currency>[A-Z]{{3}})(?: (?P<year>\d{{4}}))?",
        rf"(?P<what>opening|period|closing) {_KIND} (?P<currency>[A-Z]{{3}})",
        r'(?P<what>indicator) "(?P<title>.+)" (?P<part>baseline|target|actual|achievement)',
        r"(?P<what>findings|recommendations) (?P<part>all|open)",
        r"(?P<what>withheld) (?P<part>fields|rows)",
    )
)
_PARTS = {"opening": "before the period", "period": "in the period", "closing": "at its end"}


class Released(Protocol):
    """A row as a release carries it."""

    @property
    def kind(self) -> str: ...
    @property
    def cells(self) -> Mapping[str, Mapping[str, Any]]: ...
    @property
    def digest(self) -> str: ...


class NoFigure(ValueError):
    """What stands between the braces names no figure: the sentence says why."""


@dataclass(frozen=True)
class Token:
    """What an author asks for, in its one spelling."""

    what: str
    kind: str = ""
    currency: str = ""
    year: str = ""
    title: str = ""
    part: str = ""

    def __str__(self) -> str:
        title = f'"{self.title}"' if self.title else ""
        words = (self.what, self.kind, self.currency, title, self.part, self.year)
        return f"{{{{ {' '.join(word for word in words if word)} }}}}"

    @property
    def group(self) -> str:
        """Under which heading a list of figures has it."""
        if self.what in _PARTS:
            return "Of the report’s period"
        named = {"total": "Totals", "indicator": "Indicators", "withheld": "What is withheld"}
        return named.get(self.what, "Findings and recommendations")

    @property
    def label(self) -> str:
        """What it is, in words."""
        if self.what == "indicator":
            return f"{self.title}: {self.part}"
        if self.kind:
            of = f"{self.kind.replace('_', '-')}s, {self.currency}"
            when = f"fiscal year {self.year}" if self.year else "all years"
            return f"{of}, {_PARTS.get(self.what, when)}"
        if self.what == "withheld":
            return (
                f"{self.part} with something withheld" if self.part == "rows" else "fields withheld"
            )
        return (
            f"released {self.what}" if self.part == "all" else f"released {self.what}, still open"
        )


@dataclass(frozen=True)
class Figure:
    """A token, put into words from released rows, and the digests of these rows."""

    token: Token
    text: str
    rows: tuple[str, ...]

    def as_released(self) -> dict[str, Any]:
        """`row` is the first of the rows that it comes from, `rows` are all, where it is the sum of several."""
        said: dict[str, Any] = {"token": str(self.token), "label": self.token.label}
        said |= {"text": self.text, "row": self.rows[0]}
        return said | {"rows": list(self.rows)} if len(self.rows) > 1 else said


# --- What an author wrote ---------------------------------------------------


def parse(inside: str) -> Token:
    """The token between two braces. Raises NoFigure for what is none."""
    words = " ".join(inside.replace("“", '"').replace("”", '"').replace("„", '"').split())
    head, quote, rest = words.partition('"')
    tidy = " ".join(_tidy(word) for word in head.split())
    if quote:
        title, _, part = rest.rpartition('"')
        tidy = f'{tidy} "{title.strip()}" {part.strip().lower()}'
    for form in _FORMS:
        if found := form.fullmatch(tidy):
            return Token(**{name: text or "" for name, text in found.groupdict().items()})
    raise NoFigure(f"{{{{ {words} }}}} is no figure that a release can have. {GRAMMAR}")


def _tidy(word: str) -> str:
    known = word.lower().replace("-", "_")
    known = known[:-1] if known.endswith("s") and known[:-1] in KINDS else known
    if known in KINDS:
        return known
    return (
        word.upper()
        if len(word) == 3 and word.isalpha() and word.lower() != "all"
        else word.lower()
    )


def tokens_of(text: str) -> list[Token]:
    """Every figure that a text names, in its order. Raises NoFigure for the first that is none."""
    rest = _TOKEN.sub("", text)
    if "{{" in rest or "}}" in rest:
        raise NoFigure("A figure stands between {{ and }}: one of them is missing.")
    return [parse(inside) for inside in _TOKEN.findall(text)]


def has_tokens(text: str) -> bool:
    return "{{" in text or "}}" in text


# --- What a release has ------------------------------------------------------


@dataclass
class Book:
    """The rows of one release that figures come from."""

    rows: dict[str, list[Released]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Released]) -> "Book":
        book = cls()
        for row in rows:
            book.rows.setdefault(row.kind, []).append(row)
        return book

    def find(self, token: Token) -> Figure | None:
        """None where no row of the release carries it."""
        found = _FINDERS[token.what](self, token)
        if found is None:
            return None
        text, rows = found
        return Figure(token, text, tuple(row.digest for row in rows)) if rows else None

    def fill(self, text: str) -> tuple[str, list[Figure]]:
        """The text with its figures put in, and the figures. Raises NoFigure for one that the release does not have."""
        figures = [self._found(token) for token in tokens_of(text)]
        said = iter(figures)
        return _TOKEN.sub(lambda _: next(said).text, text), figures

    def _found(self, token: Token) -> Figure:
        figure = self.find(token)
        if figure is None:
            has = ", ".join(str(one.token) for one in self.available()[:30]) or "no figure at all"
            raise NoFigure(f"names {token}: this release has no such figure. It has: {has}.")
        return figure

    def available(self) -> list[Figure]:
        """Every figure that a report on this release can name."""
        found = (self.find(token) for token in self._tokens())
        return [figure for figure in found if figure is not None]

    def indicators(self) -> list[Released]:
        """As they stood at the end of the report's period; of an audit report, as they are public."""
        return self.rows.get("report_indicator") or self.rows.get("indicator") or []

    def _tokens(self) -> list[Token]:
        found: dict[Token, None] = {}
        for row in self.rows.get("report_total", []):
            if code := row.cells["currency"].get("value"):
                kind = row.cells["kind"]["value"]
                found |= {Token(what, kind, code): None for what in _PARTS}
        for row in self.rows.get("total", []):
            if amount := row.cells["amount"].get("value"):
                place = (row.cells["kind"]["value"], amount["currency"])
                found |= {Token("total", *place): None}
                found |= {Token("total", *place, year=str(row.cells["fiscal_year"]["value"])): None}
        for row in self.indicators():
            if title := row.cells["title"].get("value"):
                parts = ("baseline", "target", "actual", "achievement")
                found |= {
                    Token("indicator", title=_one_line(title), part=part): None for part in parts
                }
        for what in ("findings", "recommendations"):
            found |= {Token(what, part=part): None for part in ("all", "open")}
        found |= {Token("withheld", part=part): None for part in ("fields", "rows")}
        return list(found)


Found = tuple[str, list[Released]] | None


def _total(book: Book, token: Token) -> Found:
    """What the release states, and how many rows more are withheld from it."""
    places = [
        row
        for row in book.rows.get("total", [])
        if row.cells["kind"].get("value") == token.kind
        and token.year in ("", str(row.cells["fiscal_year"].get("value")))
    ]
    own = [row for row in places if _currency(row) == token.currency]
    hidden = [row for row in places if row.cells["amount"]["state"] == "withheld"]
    if not own:
        return (say_cell(hidden[0].cells["amount"]), hidden) if hidden else None
    minor = sum(row.cells["amount"]["value"]["minor"] for row in own)
    rows = [*own, *hidden]
    count = sum(row.cells["withheld_rows"].get("value") or 0 for row in rows)
    return f"{Money(minor, token.currency)}{_without(count)}", rows


def _currency(row: Released) -> str:
    return (row.cells["amount"].get("value") or {}).get("currency", "")


def _without(count: int) -> str:
    if not count:
        return ""
    return f" (without {count:,} row{'' if count == 1 else 's'} whose amount is withheld)"


def _of_period(book: Book, token: Token) -> Found:
    places = [
        r for r in book.rows.get("report_total", []) if r.cells["kind"].get("value") == token.kind
    ]
    for row in places:
        if row.cells["currency"].get("value") == token.currency:
            count = row.cells["withheld_rows"].get("value") or 0
            said = say_cell(row.cells[token.what])
            hidden = [r for r in places if not r.cells["currency"].get("value")]
            count += sum(r.cells["withheld_rows"].get("value") or 0 for r in hidden)
            return f"{said}{_without(count)}", [row, *hidden]
    for row in places:
        if not row.cells["currency"].get("value"):
            return f"withheld{_without(row.cells['withheld_rows'].get('value') or 0)}", [row]
    return None


def _one_line(title: str) -> str:
    return " ".join(title.split())


def _of_indicator(book: Book, token: Token) -> Found:
    """By its title; where two have the same, neither is meant."""
    asked = token.title.casefold()
    found = [
        row
        for row in book.indicators()
        if _one_line(row.cells["title"].get("value") or "").casefold() == asked
    ]
    if len(found) != 1:
        return None
    cell = found[0].cells[token.part]
    stated = cell["state"] == "stated"
    unit = found[0].cells.get("unit", {}).get("value")
    if token.part == "achievement":
        return say_cell(cell) + (" %" if stated else ""), found
    return say_cell(cell) + (f" {unit}" if stated and unit else ""), found


def _of_findings(book: Book, token: Token) -> Found:
    rows = book.rows.get("report_finding", [])
    open_ones = [row.cells["open_recommendations"].get("value") or 0 for row in rows]
    if token.what == "findings":
        count = len(rows) if token.part == "all" else sum(1 for n in open_ones if n)
    elif token.part == "open":
        count = sum(open_ones)
    else:
        count = sum(row.cells["recommendations"].get("value") or 0 for row in rows)
    return f"{count:,}", rows


def _of_withheld(book: Book, token: Token) -> Found:
    rows = book.rows.get("withheld_summary", [])
    if not rows:
        return None
    name = "fields_withheld" if token.part == "fields" else "rows"
    return say_cell(rows[0].cells[name]), rows[:1]


_FINDERS: Mapping[str, Callable[[Book, Token], Found]] = {
    "total": _total,
    **dict.fromkeys(_PARTS, _of_period),
    "indicator": _of_indicator,
    "findings": _of_findings,
    "recommendations": _of_findings,
    "withheld": _of_withheld,
}
