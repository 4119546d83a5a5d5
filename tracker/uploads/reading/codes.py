"""The country codes that files use."""

import json
from functools import cache
from pathlib import Path

from django.conf import settings


@cache
def countries_by(scheme: str) -> dict[str, str]:
    """From the codes of a scheme to the two-letter codes that organisations carry."""
    key = "alpha3" if scheme.endswith("alpha-3") else "code"
    path = Path(settings.BASE_DIR) / "fixtures" / "reference" / "countries.json"
    return {row[key]: row["code"] for row in json.loads(path.read_text("utf-8"))}


def alpha2_codes() -> set[str]:
    return set(countries_by("alpha-2"))
