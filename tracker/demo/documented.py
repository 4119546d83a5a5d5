"""The documented cases: programs whose figures come from the public record, each with its citation and grade.

Nobody pretends to have approved a real payment: these programs have no ledger. What the record does not state stands
on their pages as *not stated*.
"""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings

from tracker.accounts import actions as accounts
from tracker.accounts.models import Organisation, User
from tracker.demo.people import Cast
from tracker.programs import actions
from tracker.programs.models import Nature, Program
from tracker.programs.queries import Participant, Sector
from tracker.publishing import actions as publishing
from tracker.shared.money import Money

SOURCE = Path("fixtures") / "demo" / "documented_cases.json"


def _read() -> dict[str, Any]:
    return json.loads((Path(settings.BASE_DIR) / SOURCE).read_text("utf-8"))


def _sector_names() -> dict[str, str]:
    path = Path(settings.BASE_DIR) / "fixtures" / "reference" / "iati_codes.json"
    return {row["code"]: row["name"] for row in json.loads(path.read_text("utf-8"))["Sector"]}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _organisations(rows: list[Mapping[str, Any]], by: User) -> dict[str, Organisation]:
    return {
        row["key"]: accounts.create_organisation(
            name=row["name"],
            short_name=row["short_name"],
            kind=row["type"],
            country=row["country"] or "",
            by=by,
        )
        for row in rows
    }


def _add_objectives(
    program: Program, nodes: list[Mapping[str, Any]], by: User, parent: Any = None
) -> None:
    for node in nodes:
        objective = actions.add_objective(
            program=program, level=node["level"], title=node["title"], parent=parent, by=by
        )
        _add_objectives(program, node.get("children", []), by, objective)


def _add_figure(program: Program, row: Mapping[str, Any], by: User) -> None:
    actions.record_stated_figure(
        program=program,
        label=row["label"],
        kind=row["kind"],
        qualifier=row["qualifier"],
        amount=Money.of(row["amount"], row["currency"]) if row["kind"] == "money" else None,
        quantity=Decimal(row["quantity"]) if row["quantity"] is not None else None,
        unit=row["unit"] or "",
        words=row["text"] or "",
        period_start=_day(row["period_start"]),
        period_end=_day(row["period_end"]),
        as_of=_day(row["as_of"]),
        period_text=row["period_text"] or "",
        citation=row["citation"],
        source_url=row["source_url"] or "",
        grade=row["grade"],
        note=row["note"] or "",
        by=by,
    )


def load(cast: Cast) -> list[Program]:
    """Record every documented case, in the order of the file."""
    data, sectors, by = _read(), _sector_names(), cast.officer
    organisations = _organisations(data["organisations"], by)
    programs = []
    for case in data["cases"]:
        program = actions.create_program(
            owner=cast.record_desk,
            identifier=case["identifier"],
            title=case["title"],
            summary=case["summary"],
            kind_of_aid=case["kind_of_aid"] or "",
            status=case["status"],
            nature=Nature.DOCUMENTED,
            starts_on=_day(case["starts_on"]),
            ends_on=_day(case["ends_on"]),
            legal_authority=case["legal_authority"] or "",
            sectors=[Sector(code, sectors[code]) for code in case["sectors"]],
            participants=[
                Participant(organisations[row["organisation"]], row["role"])
                for row in case["participants"]
            ],
            gaps=case["not_stated"],
            by=by,
        )
        _add_objectives(program, case["objectives"], by)
        for row in case["figures"]:
            _add_figure(program, row, by)
        programs.append(program)
    return programs


def publish(cast: Cast, programs: list[Program]) -> None:
    """Everything in the documented cases is public already: release it."""
    for program in programs:
        prepared = publishing.prepare_release(program=program, by=cast.second_disclosure)
        publishing.release_prepared(preparation=prepared, by=cast.disclosure)
