"""The line: one amount on its way from promise to use, in one currency, and where it is stuck.

The words are here once, for the pages of the staff and of the public. No stage is ever filled from another: what
nobody stated is None and reads *not stated*.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker.shared.money import Money

MEANINGS = {
    "pledge": "What a donor announced. It binds nobody yet, is in no total, and may be more or less than what is "
    "committed.",
    "commitment": "Money or stock that a law or a contract sets aside for this. A promise in speeches is not one.",
    "disbursement": "What has left the donor, less what came back. Whether it arrived is the recipient's to say.",
    "receipt": "What the recipient's side says arrived, as far as it was sent. What is said beyond that is in no total.",
    "expenditure": "What the recipient's side says was used, as far as it was received.",
}


@dataclass(frozen=True)
class Way:
    """Five stages in one currency. None: nobody stated it.

    `disbursed` is net of `paid_back`. The three amounts that are stuck are exact, or None where they cannot be said,
    because a row on the way is public without its amount. `withheld`: by kind, the part of an amount whose rows keep
    something else back.
    """

    currency: str
    promised: Money | None = None
    committed: Money | None = None
    disbursed: Money | None = None
    received: Money | None = None
    used: Money | None = None
    paid_back: Money | None = None
    written_off: Money | None = None
    undisbursed: Money | None = None
    unconfirmed: Money | None = None
    unused: Money | None = None
    withheld: Mapping[str, Money] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return f"From promise to use, {self.currency}"

    def stages(self, rows: str = "", waiting: str = "") -> list[dict[str, Any]]:
        """For the component that draws the line. `rows`: the address of the list behind it, which knows `kind`;
        `waiting`: where one sees which payments wait for a receipt."""
        drawn = [
            ("Promised", "pledge", self.promised, "", self._beside_the_line()),
            ("Committed", "commitment", self.committed, "", ""),
            ("Disbursed", "disbursement", self.disbursed, self._undisbursed(), ""),
            ("Received", "receipt", self.received, self._unconfirmed(), ""),
            ("Used", "expenditure", self.used, self._unused(), ""),
        ]
        return [
            {
                "label": label,
                "amount": amount,
                "term": MEANINGS[kind],
                "href": _with_kind(rows, kind),
                "gap_text": gap,
                "gap_href": waiting if kind == "receipt" else "",
                "note": note,
                "apart": kind == "pledge",
                "withheld": self.withheld.get(kind),
            }
            for label, kind, amount, gap, note in drawn
        ]

    def _beside_the_line(self) -> str:
        if self.promised is None:
            return ""
        said = "outside the line and every total: a promise binds nobody"
        if self.committed is None or self.committed == self.promised:
            return said
        more = self.promised - self.committed
        than = "more than" if more.minor > 0 else "less than"
        return f"{said}; {abs(more)} {than} what is committed"

    def _undisbursed(self) -> str:
        return _stuck(self.undisbursed, "committed and not disbursed")

    def _unconfirmed(self) -> str:
        said = _stuck(self.unconfirmed, "disbursed and not confirmed as received")
        return f"{said}: nobody has stated a receipt" if said and self.received is None else said

    def _unused(self) -> str:
        return _stuck(self.unused, "received, use not reported")

    @property
    def description(self) -> str:
        """What a reader sees first: how far the committed amount has come."""
        if self.committed is None or self.committed.minor <= 0:
            return "Nothing is committed, so no share of it can be said."
        parts = [
            f"{100 * amount.minor // self.committed.minor} % {word}"
            for word, amount in (
                ("is disbursed", self.disbursed),
                ("is confirmed as received", self.received),
                ("is reported as used", self.used),
            )
            if amount is not None
        ]
        if not parts and self.undisbursed is None:
            return "How much of what is committed is disbursed cannot be said."
        if not parts:
            return "Nothing of what is committed is disbursed yet."
        listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
        return f"Of what is committed, {listed}. Each bar lies inside the one above it."

    @property
    def notes(self) -> list[str]:
        """What the bars do not show: what came back, and what was given up."""
        said = []
        if self.paid_back:
            said.append(f"{self.paid_back} was paid back. It is taken off what is disbursed.")
        if self.written_off:
            said.append(
                f"{self.written_off} was written off: lost or given up after it was sent. It stays in what is "
                "disbursed and waits for nothing any more."
            )
        return said


def _stuck(amount: Money | None, where: str) -> str:
    return f"{amount} {where}" if amount is not None and amount.minor > 0 else ""


def _with_kind(rows: str, kind: str) -> str:
    return f"{rows}{'&' if '?' in rows else '?'}kind={kind}" if rows else ""
