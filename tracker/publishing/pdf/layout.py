"""The document as the template reads it: paragraphs in lines, columns with widths, bars with lengths. Plain data."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from tracker.shared.dates import say_day
from tracker.shared.errors import Refused

MOST_PAGES = 250
ROWS_ON_A_PAGE = 52  # at most, in the smallest letters
NARROW, NARROW_IN_ALL = 20, 85  # letters in a column that is not broken, and in all such columns
MOST_SERIES = 4  # fills that are told apart without colour
LONG_CHART = 36  # bars that fit on a page beside other things
TEXT_WIDTH = 459.0  # points: A4 less its margins
TEXT_HEIGHT = 560.0
_NUMBER = re.compile(
    r"[-+\u2212(]?\s?(?:[A-Z]{3}\s)?[-+\u2212]?[\d\s.,\u00a0\u2009\u202f]*\d\)?\s?(?:%|[A-Z]{3})?"
)
_EMPTY = {"", "–", "—", "not stated", "withheld"}
_LONG_WORD = re.compile(r"\S{25,}")
_MEDIA = {"image/png": "png", "image/jpeg": "jpg"}

Block = Mapping[str, Any]
Places = list[tuple[str, str]]


def laid_out(document: Mapping[str, Any]) -> dict[str, Any]:
    """What `template.typ` reads. Refuses what a report may not be printed with."""
    release = document["release"]
    _check_rows(document)
    sections = [_section(one) for one in document["sections"]]
    data_until = date.fromisoformat(release["data_until"])
    address = document["check_url"]
    return {
        "title": clean(document["title"]),
        "subtitle": clean(document["subtitle"]),
        "kind_label": _capital(clean(document["kind_label"])),
        "about": f"{_capital(document['kind_label'])} on {clean(document['program'])}",
        "keywords": ["military aid", clean(document["kind_label"]), f"release {release['uid']}"],
        "facts": _facts(document),
        "day": [data_until.year, data_until.month, data_until.day],
        "release": {
            "uid": release["uid"],
            "short": release["uid"][:8],
            "number": str(release["number"]),
            "journal_size": f"{release['journal_size']:,}",
            "day": say_day(data_until),
        },
        "check_url": address,
        "check_shown": breakable(address, 60),
        "linked": address.startswith(("https://", "http://")),
        "sections": sections,
        "withheld": _withheld(document["withheld"]),
    }


def _check_rows(document: Mapping[str, Any]) -> None:
    """What cannot fit is refused before minutes go into setting it."""
    blocks = (block for section in document["sections"] for block in blocks_of(section))
    rows = sum(len(block["rows"]) for block in blocks if block["kind"] == "table")
    if rows > ROWS_ON_A_PAGE * MOST_PAGES:
        raise too_long(rows // ROWS_ON_A_PAGE, at_least=True)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _facts(document: Mapping[str, Any]) -> list[list[str]]:
    release = document["release"]
    start, end = (say_day(date.fromisoformat(day)) for day in document["period"])
    published = say_day(date.fromisoformat(document["published_on"]))
    told = [
        ("Program", clean(document["program"])),
        ("Reported by", clean(document["owner"])),
        ("Period", f"{start} to {end}"),
        ("Published", f"{published}, as release {release['number']}"),
        ("Data until", say_day(date.fromisoformat(release["data_until"]))),
        ("Made from", f"the journal as of entry {release['journal_size']:,}"),
        ("Identifier", release["uid"]),
    ]
    return [[name, breakable(value, 60)] for name, value in told]


def clean(text: str) -> str:
    """One line: a tab or a line's end is a space."""
    return " ".join(text.split())


def breakable(text: str, limit: int) -> str:
    """Words that are longer than the line get places where they may break (U+200B)."""

    def broken(found: re.Match[str]) -> str:
        word = found[0]
        if len(word) <= limit:
            return word
        return "\u200b".join(word[i : i + limit // 2] for i in range(0, len(word), limit // 2))

    return _LONG_WORD.sub(broken, text)


# --- Sections -------------------------------------------------------------------------------------------------------


def _section(section: Mapping[str, Any]) -> dict[str, Any]:
    heading = clean(section["heading"])
    blocks = [_block(block, heading) for block in blocks_of(section)]
    return {"heading": breakable(heading, 40), "blocks": blocks}


def blocks_of(section: Mapping[str, Any]) -> Sequence[Block]:
    """The blocks of a section; of an older one, which has words alone, its words."""
    if "blocks" in section:
        return section["blocks"]
    return [{"kind": "text", "text": section.get("body", "")}]


def _block(block: Block, heading: str) -> dict[str, Any]:
    makers = {
        "text": _text,
        "figures": _figures,
        "chart": _chart,
        "table": _table,
        "image": _image,
    }
    return makers[block["kind"]](block, heading)


def _text(block: Block, heading: str) -> dict[str, Any]:
    """Blank lines part paragraphs; within one, the lines stay as they were written."""
    text = block["text"].replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    pieces = [piece.strip("\n") for piece in re.split(r"\n\s*\n", text)]
    lines = [breakable(piece, 60).split("\n") for piece in pieces if piece.strip()]
    return {"kind": "text", "paragraphs": lines}


def _figures(block: Block, heading: str) -> dict[str, Any]:
    rows = [[one["label"], one["text"], str(one["row"])[:16]] for one in block["figures"]]
    said = {
        "caption": "Where the figures of this section come from: the first 16 digits of the released row's SHA-256",
        "columns": ["Figure", "As it is told", "Released row"],
        "rows": rows,
        "head_column": True,
    }
    return _table(said, heading)


def _table(block: Block, heading: str) -> dict[str, Any]:
    columns = [breakable(clean(name), 24) for name in block["columns"]]
    if not columns:
        raise Refused(f"A table in the section “{heading}” has no columns.")
    if not clean(block["caption"]):
        raise Refused(f"A table in the section “{heading}” has no caption: say what it shows.")
    limit = max(8, 90 // len(columns))
    rows = [[breakable(clean(str(cell)), limit) for cell in row] for row in block["rows"]]
    if any(len(row) != len(columns) for row in rows):
        raise Refused(
            f"A table in the section “{heading}” has rows of another length than its heads."
        )
    head = bool(block.get("head_column"))
    numeric = [_is_numeric([row[i] for row in rows]) for i in range(len(columns))]
    numeric[0] = numeric[0] and not head
    return {
        "kind": "table",
        "caption": clean(block["caption"]),
        "columns": columns,
        "rows": rows,
        "head_column": head,
        "numeric": numeric,
        "widths": _widths(columns, rows),
        "size": 9 if len(columns) <= 5 else 8 if len(columns) <= 8 else 7,
    }


def too_long(pages: int, *, at_least: bool = False) -> Refused:
    would = "would have at least" if at_least else "would have"
    return Refused(
        f"The report {would} {pages:,} pages; at most {MOST_PAGES}: leave the annex out, the CSV carries every row."
    )


def _is_numeric(cells: Sequence[str]) -> bool:
    """Every cell that states something states a number, perhaps with its currency."""
    said = [cell for cell in cells if cell not in _EMPTY and not cell.startswith("withheld")]
    return bool(said) and all(_NUMBER.fullmatch(cell) for cell in said)


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Narrow columns are as wide as they need to be (0); the others share what is left over, by their longest cell."""
    longest = [max([len(row[i]) for row in rows] + [len(columns[i])]) for i in range(len(columns))]
    narrow = [n <= NARROW for n in longest]
    if all(narrow):
        narrow[0] = False
    if sum(n for n, is_narrow in zip(longest, narrow, strict=True) if is_narrow) > NARROW_IN_ALL:
        narrow = [False] * len(columns)
    shares = [min(max(n, 20), 48) for n in longest]
    return [0 if is_narrow else share for is_narrow, share in zip(narrow, shares, strict=True)]


# --- Charts and pictures --------------------------------------------------------------------------------------------


def _chart(block: Block, heading: str) -> dict[str, Any]:
    title, description = clean(block["title"]), clean(block["description"])
    if not description:
        raise Refused(
            f"The chart “{title}” in the section “{heading}” has no description: say what it shows, for those who do "
            "not see it."
        )
    unit = clean(block.get("unit", ""))
    names = [clean(name) for name in block["columns"][1:]]
    if not 1 <= len(names) <= MOST_SERIES:
        raise Refused(
            f"The chart “{title}” in the section “{heading}” has {len(names)} series; from 1 to {MOST_SERIES} are told "
            "apart without colour."
        )
    groups = _groups(block["rows"])
    caption = f"{title} ({unit})" if unit and unit not in title.split() else title
    return {
        "kind": "chart",
        "alt": f"{title}. {description}",
        "caption": caption,
        "names": names,
        "groups": groups,
        "label_width": _label_width(names, groups),
        "long": sum(len(group["bars"]) for group in groups) > LONG_CHART,
        "twin": _twin(block, caption, heading),
    }


def _twin(block: Block, caption: str, heading: str) -> dict[str, Any]:
    return _table(
        {
            "caption": f"{caption}: the figures of the chart",
            "columns": block["columns"],
            "rows": [[row[0], *(cell["text"] for cell in row[1:])] for row in block["rows"]],
            "head_column": True,
        },
        heading,
    )


def _amount(cell: Mapping[str, Any]) -> Fraction | None:
    """As a whole number of minor units or a decimal; nothing is drawn for what is not stated or withheld."""
    found = cell.get("minor", cell.get("number"))
    return None if found is None else Fraction(str(found))


def _groups(rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """Where each bar starts and how long it is, as parts of the width between the least and the greatest value."""
    amounts = [[_amount(cell) for cell in row[1:]] for row in rows]
    stated = [one for row in amounts for one in row if one is not None]
    low, high = min([Fraction(0), *stated]), max([Fraction(0), *stated])
    span = (high - low) or Fraction(1)
    return [
        {
            "label": breakable(clean(row[0]), 24),
            "bars": [
                _bar(series, cell["text"], amount, low, span)
                for series, (cell, amount) in enumerate(zip(row[1:], own, strict=True))
            ],
        }
        for row, own in zip(rows, amounts, strict=True)
    ]


def _bar(
    series: int, text: str, amount: Fraction | None, low: Fraction, span: Fraction
) -> dict[str, Any]:
    def part(value: Fraction) -> float:
        return round(float(value / span), 5)

    drawn = None if amount is None else part(abs(amount))
    start = Fraction(0) if amount is None else min(amount, Fraction(0))
    return {
        "series": series,
        "text": clean(text),
        "from": part(start - low),
        "width": drawn,
        "zero": part(-low),
    }


def _label_width(names: Sequence[str], groups: Sequence[Mapping[str, Any]]) -> int:
    """Percent of the width, by the longest label."""
    labels = names if len(names) > 1 else [group["label"] for group in groups]
    return min(max(max(map(len, labels), default=0), 12), 34)


def _image(block: Block, heading: str) -> dict[str, Any]:
    described = clean(block["description"])
    if not described:
        raise Refused(
            f"A picture in the section “{heading}” has no description: say what it shows, for those who do not see it."
        )
    if block["media"] not in _MEDIA:
        raise Refused(f"A picture in the section “{heading}” is neither PNG nor JPEG.")
    width, height = block["width"] * 0.6, block["height"] * 0.6  # 120 to the inch
    scale = min(1.0, TEXT_WIDTH / width, TEXT_HEIGHT / height)
    return {
        "kind": "image",
        "path": f"/{block['sha256']}.{_MEDIA[block['media']]}",
        "sha256": block["sha256"],
        "alt": described,
        "caption": described,
        "width": round(width * scale, 2),
    }


# --- What is withheld -----------------------------------------------------------------------------------------------


def _withheld(rows: Sequence[Mapping[str, str]]) -> dict[str, Any] | None:
    if not rows:
        return None
    return _table(
        {
            "caption": "What the public does not see, and why",
            "columns": ["What", "Kind of reason", "Reason"],
            "rows": [[one["what"], one["category"], one["reason"]] for one in rows],
            "head_column": True,
        },
        "What is withheld",
    )


def texts_of(document: Mapping[str, Any]) -> Places:
    """Every text that people wrote, with the words for its place."""
    named = [
        ("title", "The title"),
        ("subtitle", "The subtitle"),
        ("program", "The program's name"),
    ]
    named += [("owner", "The owner's name"), ("kind_label", "The kind of report")]
    found: Places = [(place, document[name]) for name, place in named]
    for section in document["sections"]:
        place = f"The section “{clean(section['heading'])}”"
        found.append((place, section["heading"]))
        found += [(place, text) for block in blocks_of(section) for text in _strings(block)]
    found += [("“What is withheld”", text) for row in document["withheld"] for text in row.values()]
    return [(place, re.sub(r"[\t\r\n]", " ", text)) for place, text in found]


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for one in value.values() for text in _strings(one)]
    if isinstance(value, Sequence):
        return [text for one in value for text in _strings(one)]
    return []
