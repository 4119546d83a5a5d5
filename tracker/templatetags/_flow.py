"""Geometry of a chain: each row lies under the one it draws on, and what nothing was drawn from is marked there.

All widths are parts of the same whole, so that a bar of a stage is as wide as its part of the stage above. What was
paid back makes the commitment wide enough for what was paid out of it again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

STAGES = ("pledge", "commitment", "disbursement", "receipt", "expenditure")
NAMES = ("Promised", "Committed", "Disbursed", "Received", "Used")
ENDS = {"refund": "paid back", "write_off": "written off"}
LETTER, MARGIN = 8, 14  # pixels of a word in a bar
NARROW, ROOMY = 2.9, 5.4  # pixels of a percent on a phone, and where there is room


@dataclass(frozen=True)
class Mark:
    """One bar: where it lies in percent, what it is (a stage, stuck, back, lost, more), and what it says."""

    x: str
    width: str
    tone: str
    said: str
    words: tuple[
        tuple[str, str], ...
    ] = ()  # each with where it is shown: everywhere, roomy, narrow
    href: str = ""
    own: bool = False
    ribbon: bool = True  # it hangs together with what is above


@dataclass
class Track:
    """A stage of the drawing, from left to right."""

    kind: str
    name: str
    marks: list[Mark] = field(default_factory=list)


def slot(node: Any) -> int:
    """The room that a row and all that hangs on it takes."""
    return max(node.value.minor, sum(map(slot, _inner(node))) + node.left.minor)


def _inner(node: Any) -> list[Any]:
    """What is drawn below a row. What came back to a commitment itself is the free part of it already."""
    if node.kind in ("pledge", "commitment"):
        return [child for child in node.children if child.kind not in ENDS]
    return node.children


def tracks(tree: Any, own: int, address: Any) -> list[Track]:
    """The drawing from the root down; `address` says where a row has its page."""
    first = STAGES.index(tree.kind)
    drawn = [Track(kind, name) for kind, name in zip(STAGES[first:], NAMES[first:], strict=True)]
    _Pen(drawn, max(slot(tree), 1), own, address).draw(tree, 0, 0)
    return [track for track in drawn if track.marks]


class _Pen:
    def __init__(self, drawn: list[Track], whole: int, own: int, address: Any):
        self.drawn, self.whole, self.own, self.address = drawn, whole, own, address

    def draw(self, node: Any, depth: int, at: int) -> None:
        room = slot(node)
        self._mark(depth, at, node.value.minor, **self._of(node))
        if room > node.value.minor:
            self._mark(
                depth,
                at + node.value.minor,
                room - node.value.minor,
                tone="back",
                said="Paid back, and free to be paid again",
                words=("came back",),
                ribbon=False,
            )
        if node.kind in ENDS or depth + 1 >= len(self.drawn):
            return
        for child in _inner(node):
            self.draw(child, depth + 1, at)
            at += slot(child)
        if node.left.minor > 0:
            words = (f"{node.left.decimal:,f} stuck", "stuck")
            self._mark(depth + 1, at, node.left.minor, tone="stuck", said=node.stuck, words=words)

    def _of(self, node: Any) -> dict[str, Any]:
        row = node.row
        said = node.said
        if node.kind in ENDS:
            tone, words = ("back" if node.kind == "refund" else "lost"), (ENDS[node.kind],)
        else:
            tone = f"stage-{STAGES.index(node.kind) + 1}"
            words = (
                (f"{node.count} more",) if row is None else (str(row.text.reference or node.kind),)
            )
        if row is None:
            return {"tone": f"{tone} more", "said": said, "words": words}
        own = row.pk == self.own
        return {"tone": tone, "said": said, "words": words, "href": self.address(row), "own": own}

    def _mark(
        self, depth: int, at: int, minor: int, *, said: str, words: Sequence[str], **more: Any
    ) -> None:
        if minor <= 0:
            return
        width = 100 * minor / self.whole
        self.drawn[depth].marks.append(
            Mark(
                x=_percent(100 * at / self.whole),
                width=_percent(width),
                said=said,
                words=fitting(words, width),
                **more,
            )
        )


def fitting(words: Sequence[str], width: float) -> tuple[tuple[str, str], ...]:
    """Of several ways to say it the longest that a bar has room for, on a phone and where there is more room."""

    def first(pixels: float) -> str:
        room = width * pixels - MARGIN
        return next((word for word in words if len(word) * LETTER <= room), "")

    narrow, roomy = first(NARROW), first(ROOMY)
    if narrow == roomy:
        return ((roomy, ""),) if roomy else ()
    return ((roomy, "roomy"), *(((narrow, "narrow"),) if narrow else ()))


def _percent(share: float) -> str:
    return f"{share:.3f}"


def legend(drawn: Iterable[Track]) -> list[tuple[str, str]]:
    """The marks that need explaining, of those that are drawn."""
    tones = {tone for track in drawn for mark in track.marks for tone in mark.tone.split()}
    words = {
        "stuck": "stuck: nothing was drawn from it yet",
        "back": "paid back",
        "lost": "written off",
        "more": "smaller rows together",
    }
    return [(tone, word) for tone, word in words.items() if tone in tones]
