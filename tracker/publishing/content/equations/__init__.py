"""What released rows say of what they withhold: equations, bounds, and what needs no reckoning."""

from collections.abc import Iterable, Mapping, Sequence

from tracker.publishing.content.equations import measured, money, names, periods
from tracker.publishing.content.equations.facts import (
    Facts,
    Ref,
    RowLike,
    Secret,
    Told,
    Version,
    number_of,
    version,
)

__all__ = [
    "Facts",
    "Ref",
    "RowLike",
    "Secret",
    "Told",
    "Version",
    "facts_of",
    "number_of",
    "version",
]


def facts_of(
    versions: Sequence[Version],
    secrets: Mapping[Ref, Secret],
    texts: Mapping[Ref, str] | None = None,
    opened: Iterable[Ref] = (),
) -> Facts:
    """`versions` are public together, the newest first: what that one withholds is to be kept. `opened`: as if it
    withheld these too."""
    facts = Facts(list(versions), secrets, texts or {}, frozenset(opened))
    if facts.withheld or any(v.of("participant") for v in versions):
        money.all_equations(facts)
        measured.all_equations(facts)
        periods.all_equations(facts)
        names.all_told(facts)
    return facts
