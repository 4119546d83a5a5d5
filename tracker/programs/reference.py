"""Codes and names that programs are described with: sectors and countries. They lie in fixtures/reference."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings


def _read(name: str) -> Any:
    path = Path(settings.BASE_DIR) / "fixtures" / "reference" / name
    return json.loads(path.read_text("utf-8"))


@dataclass(frozen=True)
class SectorCode:
    """A five-digit sector of the OECD DAC list and the category it belongs to."""

    code: str
    name: str
    category: str


@cache
def sectors() -> tuple[SectorCode, ...]:
    """Every sector we offer, by code."""
    lists = _read("iati_codes.json")
    categories = {row["code"]: row["name"] for row in lists["SectorCategory"]}
    found = (
        SectorCode(row["code"], row["name"], categories[row["category"]]) for row in lists["Sector"]
    )
    return tuple(sorted(found, key=lambda sector: sector.code))


@cache
def _sector_names() -> dict[str, str]:
    return {sector.code: sector.name for sector in sectors()}


def sector_name(code: str) -> str | None:
    """The name of a sector, or None for a code that our list does not have."""
    return _sector_names().get(code)


@cache
def countries() -> dict[str, str]:
    """Two-letter code to short English name, in the order of the names."""
    rows = sorted(_read("countries.json"), key=lambda row: row["name"])
    return {row["code"]: row["name"] for row in rows}


def country_name(code: str) -> str | None:
    """The name of a country, or None for a code that our list does not have."""
    return countries().get(code)
