"""Understanding a mapping that somebody wrote as JSON. Every mistake is a sentence that names the key."""

import difflib
import json
import string
from collections.abc import Sequence
from typing import Any

from tracker.programs.models import KindOfAid, Nature, ProgramStatus
from tracker.programs.reference import sector_name
from tracker.shared.errors import Refused
from tracker.shared.money import digits_by_currency
from tracker.uploads.reading.codes import alpha2_codes
from tracker.uploads.reading.mapping import (
    CALENDARS,
    SCHEMES,
    Columns,
    Countries,
    Mapping,
    NumberFormat,
    Programs,
)
from tracker.uploads.reading.values import date_pattern

LARGEST = 200_000  # characters of a mapping
TOP_KEYS = [
    "name",
    "source",
    "description",
    "delimiter",
    "columns",
    "expect",
    "constants",
    "fiscal_year",
    "date_format",
    "number_format",
    "null_values",
    "programs",
]
PROGRAM_KEYS = [
    "existing",
    "propose",
    "identifier",
    "title",
    "summary",
    "kind_of_aid",
    "status",
    "nature",
    "legal_authority",
    "sectors",
    "gaps",
    "donor",
    "recipient",
    "country",
]


class _Keys:
    """One object of the mapping; collects what is wrong with its keys."""

    def __init__(self, raw: Any, path: str, allowed: Sequence[str], problems: list[str]):
        self.path, self.problems, self.allowed = path, problems, allowed
        self.raw: dict[str, Any] = raw if isinstance(raw, dict) else {}
        if not isinstance(raw, dict):
            problems.append(f"{self._at()} must be an object with keys: {{…}}.")
        for key in self.raw:
            if key not in self.allowed:
                self.problems.append(
                    f"“{self.full(key)}” is not a key of a mapping.{self._near(key)}"
                )

    def _at(self) -> str:
        return f"“{self.path}”" if self.path else "The mapping"

    def full(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _near(self, key: str) -> str:
        near = difflib.get_close_matches(key, self.allowed, 1)
        return f" Did you mean “{near[0]}”?" if near else f" Known keys: {', '.join(self.allowed)}."

    def wrong(self, key: str, must: str) -> None:
        self.problems.append(f"“{self.full(key)}” must be {must}.")

    def part(self, key: str, allowed: Sequence[str], *, needed: bool = False) -> "_Keys":
        if needed and key not in self.raw:
            self.problems.append(f"“{self.full(key)}” is missing.")
        return _Keys(self.raw.get(key, {}), self.full(key), allowed, self.problems)

    def text(self, key: str, *, needed: bool = False, default: str = "", most: int = 500) -> str:
        value = self.raw.get(key)
        if value is None:
            if needed:
                self.problems.append(f"“{self.full(key)}” is missing: it must be text.")
            return default
        if not isinstance(value, str) or len(value) > most or (needed and not value.strip()):
            self.wrong(key, f"text of 1 to {most} characters")
            return default
        return value.strip()

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        value = self.raw.get(key)
        if value is None:
            return default
        if value not in choices:
            self.wrong(key, "one of: " + ", ".join(f"“{c}”" for c in choices))
            return default
        return value

    def texts(self, key: str) -> list[str]:
        value = self.raw.get(key)
        if value is None:
            return []
        if isinstance(value, str):
            return [value]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.wrong(key, 'a list of texts: ["…", "…"]')
            return []
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.raw.get(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(key, "true or false")
        return value if isinstance(value, bool) else default

    def column(self, key: str, *, needed: bool = False) -> str | None:
        """The name of a column. An empty text is a column without a name."""
        value = self.raw.get(key)
        if value is None:
            if needed:
                self.problems.append(f"“{self.full(key)}” is missing: name the column of the file.")
            return None
        if not isinstance(value, str):
            self.wrong(key, "the name of a column of the file")
            return None
        return value.strip()


def parse_json(text: str | bytes) -> dict[str, Any]:
    """The JSON of a mapping, or a sentence that says where it breaks."""
    try:
        if len(text) > LARGEST:
            raise Refused("The mapping is too long: a mapping has a few dozen lines.")
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        raw = json.loads(decoded)
    except UnicodeDecodeError:
        raise Refused("The mapping is not UTF-8 text: save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise Refused(
            f"The mapping is not valid JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        ) from None
    except RecursionError:
        raise Refused("The mapping is nested too deeply to be one.") from None
    return raw


def mapping_from(raw: Any) -> Mapping:
    """Check a mapping and understand it. Refuses with one sentence for each wrong key."""
    problems: list[str] = []
    keys = _Keys(raw, "", TOP_KEYS, problems)
    if not isinstance(raw, dict):
        raise Refused(problems)
    columns = _columns(keys)
    constants = keys.part("constants", ["currency", "kind", "negative"])
    years = keys.part("fiscal_year", ["calendar", "date"])
    found = Mapping(
        name=keys.text("name", needed=True, most=200),
        source=keys.text("source", needed=True, most=80),
        delimiter=keys.choice("delimiter", [",", ";", "\t", "|"], "") or None,
        columns=columns,
        expect=_expect(keys),
        currency=_currency(constants, columns),
        negative=constants.choice("negative", ["refund", "error"], "error"),
        calendar=years.choice("calendar", list(CALENDARS), "owner"),
        year_date=years.choice("date", ["start", "end"], "end"),
        date_format=_date_format(keys, columns),
        numbers=_numbers(keys),
        null_values=keys.texts("null_values") or [""],
        programs=_programs(keys, columns),
        raw=raw,
    )
    constants.choice("kind", ["disbursement"], "disbursement")
    if problems:
        raise Refused([f"Mapping: {problem}" for problem in problems])
    return found


def _columns(keys: _Keys) -> Columns:
    allowed = "program fiscal_year date amount currency row_number payee reference description"
    part = keys.part("columns", allowed.split(), needed=True)
    programs = keys.raw.get("programs")
    one_program = isinstance(programs, dict) and programs.get("existing") is not None
    code, name = _program_columns(part, one_program)
    year, day = part.column("fiscal_year"), part.column("date")
    if part.raw and (year is None) == (day is None):
        part.problems.append(
            "“columns” must name either “date” or “fiscal_year”, so that every row gets its day."
        )
    return Columns(
        code=code,
        name=name,
        amount=part.column("amount", needed=True) or "",
        fiscal_year=year,
        date=day,
        currency=part.column("currency"),
        row_number=part.column("row_number"),
        payee=part.column("payee"),
        reference=part.texts("reference"),
        description=part.texts("description"),
    )


def _program_columns(part: _Keys, one_program: bool) -> tuple[str | None, str | None]:
    if one_program:
        if part.raw.get("program") is not None:
            part.problems.append(
                "“programs.existing” names one program for the whole file, and “columns.program” a column: "
                "leave one of them out."
            )
        return None, None
    if isinstance(part.raw.get("program"), str):
        return part.column("program"), None
    program = part.part("program", ["code", "name"], needed=True)
    return program.column("code", needed=True) or "", program.column("name")


def _expect(keys: _Keys) -> dict[str, Sequence[str]]:
    raw = keys.raw.get("expect", {})
    if not isinstance(raw, dict):
        keys.wrong("expect", "an object: the column's name, and the list of values it may have")
        return {}
    part = keys.part("expect", list(raw))  # its keys are column names: any is allowed
    return {name: part.texts(name) for name in raw}


def _currency(constants: _Keys, columns: Columns) -> str | None:
    code = constants.text("currency", most=3) or None
    if code is not None and code not in digits_by_currency():
        constants.wrong("currency", "an ISO 4217 code that we know, such as “USD”")
    if (code is None) == (columns.currency is None):
        constants.problems.append(
            "The currency must be stated once: in “constants.currency” for the whole file, "
            "or as the column “columns.currency”."
        )
    return code


def _date_format(keys: _Keys, columns: Columns) -> str:
    text = keys.text("date_format", default="YYYY-MM-DD", most=30)
    if columns.date is not None and date_pattern(text) is None:
        keys.wrong("date_format", "made of YYYY, MM and DD, such as “DD.MM.YYYY” or “YYYY-MM”")
    return text


def _numbers(keys: _Keys) -> NumberFormat:
    part = keys.part("number_format", ["decimal", "grouping", "exponent"])
    decimal = part.choice("decimal", [".", ","], ".")
    grouping = part.choice("grouping", [",", ".", " ", "'", "’", "\u00a0", "\u202f"], "") or None
    if grouping == decimal:
        part.wrong("grouping", "another character than “decimal”")
    return NumberFormat(decimal, grouping, part.flag("exponent"))


def _template(part: _Keys, key: str, columns: Columns, default: str, most: int) -> str:
    """Text with {code} and {name} in it. Anything else in braces would be a mistake, or mischief."""
    text = part.text(key, default=default, most=most)
    try:
        fields = [(f, spec, conv) for _, f, spec, conv in string.Formatter().parse(text)]
    except ValueError:
        part.wrong(key, "text in which braces stand only around code or name: {code}, {name}")
        return default
    for name, spec, conversion in fields:
        if name is None:
            continue
        if name not in ("code", "name") or spec or conversion:
            part.wrong(key, "text in which braces stand only around code or name: {code}, {name}")
        elif name == "name" and columns.name is None:
            part.problems.append(
                f"“{part.full(key)}” uses {{name}}, but “columns.program.name” names no column."
            )
    return text


def _programs(keys: _Keys, columns: Columns) -> Programs:
    part = keys.part("programs", PROGRAM_KEYS, needed=True)
    identifier = _template(part, "identifier", columns, "{code}", 80)
    if "{code}" not in identifier or "{name}" in identifier:
        part.wrong(
            "identifier", "text with {code} and without {name}: programs are told apart by code"
        )
    title = "{name}" if columns.name is not None else "{code}"
    if part.raw.get("existing") is not None and (part.raw.get("propose") or identifier != "{code}"):
        part.wrong(
            "existing", "alone: it names a program, so “propose” and “identifier” have no place"
        )
    return Programs(
        existing=part.text("existing", most=100),
        propose=part.flag("propose"),
        identifier=identifier,
        title=_template(part, "title", columns, title, 200),
        summary=_template(part, "summary", columns, "", 2000),
        kind_of_aid=part.choice("kind_of_aid", KindOfAid.values, ""),
        status=part.choice("status", ProgramStatus.values, ProgramStatus.IMPLEMENTATION),
        nature=part.choice("nature", [Nature.OPERATIONAL, Nature.DOCUMENTED], Nature.OPERATIONAL),
        legal_authority=part.text("legal_authority", most=300),
        sectors=_sectors(part),
        gaps=[gap[:300] for gap in part.texts("gaps")],
        donor=part.text("donor", most=200),
        recipient=_template(part, "recipient", columns, "", 150),
        country=_countries(part),
    )


def _sectors(part: _Keys) -> list[str]:
    codes = part.texts("sectors")
    for code in codes:
        if sector_name(code) is None:
            part.wrong("sectors", f"a list of OECD sector codes; “{code}” is not one we know")
    return codes


def _countries(programs: _Keys) -> Countries | None:
    if programs.raw.get("country") is None:
        return None
    part = programs.part("country", ["scheme", "other", "former", "regions"])
    other = part.raw.get("other", {})
    if not isinstance(other, dict) or not alpha2_codes().issuperset(map(str, other.values())):
        part.wrong("other", "an object: the file's code, and the two-letter country code")
        other = {}
    return Countries(
        scheme=part.choice("scheme", SCHEMES, SCHEMES[1]),
        other=other,
        former=part.texts("former"),
        regions=part.texts("regions"),
    )
