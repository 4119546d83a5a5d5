"""The views of responsible officials on a finding, as a release tells them."""

from dataclasses import dataclass

from tracker.public import words
from tracker.public.rows import Row


@dataclass(frozen=True)
class View:
    """What an organisation holds, and its words; none where they are withheld or were erased."""

    organisation: str
    stance: str
    changed: bool
    said: str
    answered: str


def views_in(row: Row) -> list[View]:
    """Nothing of what a release from before this was told."""
    views, told = row.code("views") or [], row.code("view_words") or []
    return [
        View(
            view["organisation"],
            words.STANCES.get(view["stance"], view["stance"]),
            bool(view["changed"]),
            (told[place]["said"] or "") if place < len(told) else "",
            (told[place]["answered"] or "") if place < len(told) else "",
        )
        for place, view in enumerate(views)
    ]
