"""What the public lists say of a release, worked out from its rows alone."""

from datetime import date
from typing import Any
from uuid import UUID

from tracker.programs.models import ParticipantRole
from tracker.publishing.content.cells import Cells, is_withheld, value_of
from tracker.publishing.models import Release

# The kinds of row that say what the list of programs is searched by, and the columns of its totals.
PROGRAM_ROWS = ("program", "participant", "total", "withheld_summary")
# The columns of a public total, in the order in which `_total` says them.
TOTAL = (
    *("fiscal_year", "kind", "off", "currency", "amount", "rows", "withheld_rows"),
    *("partly_withheld", "withheld_amount"),
)

Pointed = dict[str, Any]
Told = list[tuple[str, UUID, Cells]]


def _of_kind(rows: Told, kind: str) -> list[Cells]:
    return [cells for found, _, cells in rows if found == kind]


def _said(cells: Cells, *names: str) -> dict[str, Any]:
    return {name: value_of(cells.get(name, {"state": ""})) or "" for name in names}


def _names(cells: list[Cells], role: str) -> str:
    """The stated names of a role; a withheld one is left out."""
    of = [c["organisation"] for c in cells if value_of(c["role"]) == role]
    return ", ".join(value_of(cell) for cell in of if not is_withheld(cell))


def program_as_pointed(release: int, rows: Told) -> Pointed:
    program = next(iter(_of_kind(rows, "program")), {})
    names = ("title", "summary", "identifier", "owner", "nature", "kind_of_aid", "status")
    said = _said(program, *names)
    taking_part = _of_kind(rows, "participant")
    everybody = sorted({n for c in taking_part if (n := value_of(c["organisation"]))})
    searched = [said[name] for name in ("title", "summary", "identifier", "owner")]
    summary = next(iter(_of_kind(rows, "withheld_summary")), {})
    return said | {
        "release": release,
        "donors": _names(taking_part, ParticipantRole.DONOR)[:400],
        "recipients": _names(taking_part, ParticipantRole.RECIPIENT)[:400],
        "words": "\n".join([*searched, *everybody]),
        "fields_withheld": value_of(summary.get("fields_withheld", {})) or 0,
        "totals": sorted(map(_total, _of_kind(rows, "total")), key=_place),
    }


def _total(cells: Cells) -> tuple[Any, ...]:
    """A release that is older than `off`, `partly_withheld` and `withheld_amount` states none of them."""
    hidden = value_of(cells.get("withheld_amount", {})) or {"currency": "", "minor": None}
    amount = value_of(cells["amount"]) or {"currency": hidden["currency"], "minor": None}
    numbers = (value_of(cells["rows"]), value_of(cells["withheld_rows"]))
    partly = value_of(cells.get("partly_withheld", {})) or {"minor": None}
    place = (value_of(cells["fiscal_year"]), value_of(cells["kind"]))
    off = value_of(cells.get("off", {})) or ""
    return (
        *place,
        off,
        amount["currency"],
        amount["minor"],
        *numbers,
        partly["minor"],
        hidden["minor"],
    )


def _place(total: tuple[Any, ...]) -> tuple[Any, ...]:
    return total[:4]


def finding_as_pointed(release: Release, rows: Told) -> Pointed:
    finding = next(iter(_of_kind(rows, "finding")), {})
    asked = _of_kind(rows, "recommendation")
    names = ("title", "criteria", "condition", "cause", "effect", "office")
    texts = [value_of(finding.get(name, {})) for name in names]
    texts += [value_of(cells["text"]) for cells in asked]
    issued = value_of(finding.get("issued_on", {}))
    said = _said(finding, "title", "office", "engagement", "severity")
    return said | {
        "release": release.pk,
        "office_uid": _uid(finding, "office_uid"),
        "engagement_uid": _uid(finding, "engagement_uid"),
        "issued_on": date.fromisoformat(issued) if issued else None,
        "as_of": release.data_until,
        "recommendations": len(asked),
        "open_recommendations": sum(not value_of(cells["closed"]) for cells in asked),
        "words": "\n".join(text for text in [*texts, said["engagement"]] if text),
        "programs": sorted(value_of(finding.get("programs", {})) or []),
    }


def engagement_as_pointed(release: Release, rows: Told) -> Pointed:
    cells = next(iter(_of_kind(rows, "engagement")), {})
    said = _said(cells, "number", "title", "office", "kind", "standard", "status")
    texts = [said["number"], said["title"], said["office"], value_of(cells.get("objectives", {}))]
    return said | {
        "release": release.pk,
        "office_uid": _uid(cells, "office_uid"),
        "as_of": release.data_until,
        "words": "\n".join(text for text in texts if text),
    }


def _uid(cells: Cells, name: str) -> UUID | None:
    """A release that is older than the field states none."""
    said = value_of(cells.get(name, {}))
    return UUID(said) if said else None


def report_as_pointed(release: int, program: UUID, report: Cells, of: Cells) -> Pointed:
    said = _said(report, "kind", "title", "period_start", "period_end")
    bodies = [section["body"] for section in value_of(report.get("sections", {})) or []]
    title = value_of(of.get("title", {})) or ""
    return {
        "release": release,
        "program": program,
        "kind": said["kind"],
        "title": said["title"],
        "period_start": _day(said["period_start"]),
        "period_end": _day(said["period_end"]),
        "words": "\n".join([said["title"], title, *bodies]),
    }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
