"""The reconciliation sheet: what a release states, beside the ledger and the release before it.

A sheet is JSON and frozen with the preparation. It holds amounts that are withheld: it is for the program's own side.
Amounts are text, in minor units, so that no number is too large for the journal.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import F

from tracker.ledger.models import Balance, Purpose, Transaction, TransactionKind, Turnover
from tracker.ledger.queries import halves, whole
from tracker.programs.models import Program
from tracker.publishing.comparing import GONE, NEWLY_WITHHELD, Comparison, Place, TotalCompared
from tracker.publishing.content.money import Tally
from tracker.publishing.models import Preparation, Release
from tracker.shared.money import Money, format_money

FORMAT = "countersign-sheet-1"
SHOWN = 50  # rows listed below one total; the others are counted, with their sum
LISTED = 200  # rows of other kinds that are listed

ITSELF, SENTENCE = "itself", "sentence"  # how a difference is explained
Sheet = dict[str, Any]
Counted = Mapping[Place, tuple[int, int]]  # rows, and what they come to


def sheet_of(
    program: Program, before: Release | None, tally: Tally, rows: int, found: Comparison
) -> Sheet:
    """Two queries, however much the release holds."""
    ledger = books_of(program)
    delayed, open_ = _delayed(tally), _unconfirmed(program)
    stated = _stated(tally)
    differing = {total.place: total for total in found.totals}
    places = sorted({*ledger, *stated, *open_, *differing})
    lines = [_line(place, ledger, stated, delayed, open_, differing.get(place)) for place in places]
    return {
        "format": FORMAT,
        "before": before and {"uid": str(before.uid), "number": before.number},
        "rows": rows,
        "lines": lines,
        "unvalued": [
            {"fiscal_year": year, "kind": kind, "rows": n}
            for (year, kind), n in sorted(tally.unvalued.items())
        ],
        "apart": tally.apart,
        **_changes(found),
    }


def books_of(program: Program) -> dict[Place, int]:
    """What the ledger's own books of aid say."""
    found = Turnover.objects.filter(program=program, purpose=Purpose.AID)
    return {
        Place(t.fiscal_year, t.kind, t.currency): t.amount.minor
        for t in found.order_by("pk")
        if t.amount is not None
    }


def ledger_in(sheet: Sheet) -> dict[Place, int]:
    """The ledger's figures of a frozen sheet."""
    lines = (line for line in sheet["lines"] if line["ledger"] is not None)
    return {place_of(line): int(line["ledger"]) for line in lines}


def place_of(line: Mapping[str, Any]) -> Place:
    return Place(line["fiscal_year"], line["kind"], line["currency"])


def unexplained(preparation: Preparation) -> list[Place]:
    """The totals of which nobody has yet written why they differ."""
    said = set(preparation.explanations.values_list("place", flat=True))
    asked = (line for line in preparation.sheet["lines"] if line["explained_by"] == SENTENCE)
    return [place_of(line) for line in asked if line["place"] not in said]


def asked(sheet: Sheet, place: Place) -> str:
    """What a person has to answer about a total that differs."""
    line = next(line for line in sheet["lines"] if place_of(line) == place)
    kind = TransactionKind(place.kind).label
    moved = Money(int(line["difference"]), place.currency)
    differs = f"differs by {format_money(moved)}" if moved else "is made of other rows than before"
    because = ", ".join(f"rows that are {what}" for what in line["because"]) or "unknown rows"
    return (
        f"The total of {kind}s {place.fiscal_year} in {place.currency} {differs} because of {because}: "
        "write why."
    )


_AMOUNTS = (
    *("ledger", "stated", "withheld", "delayed", "unconfirmed"),
    *("before", "after", "difference", "more_delta"),
)


def shown(sheet: Sheet) -> list[dict[str, Any]]:
    """The lines of a frozen sheet with their amounts as money."""
    found = []
    for number, line in enumerate(sheet["lines"]):
        code = line["currency"]
        amounts = {name: _money(line[name], code) for name in _AMOUNTS}
        rows = [row | {"delta": _money(row["delta"], code)} for row in line["listed"]]
        label = TransactionKind(line["kind"]).label
        found.append(line | amounts | {"listed": rows, "number": number, "label": label})
    return found


def _money(minor: str | None, currency: str) -> Money | None:
    return None if minor is None else Money(int(minor), currency)


# --- Lines -------------------------------------------------------------------


def _stated(tally: Tally) -> dict[Place, tuple[int, int, int]]:
    """Of each place: rows and amounts that the release states, and the rows without their amount."""
    found: dict[Place, list[int]] = defaultdict(lambda: [0, 0, 0])
    for at, total in tally.sums.items():
        sums = found[Place(at.fiscal_year, at.kind, at.currency)]
        sums[0] += total.rows
        sums[1] += total.minor
        sums[2] += total.withheld_rows
    return {place: (rows, minor, withheld) for place, (rows, minor, withheld) in found.items()}


def _line(
    place: Place,
    ledger: Mapping[Place, int],
    stated: Mapping[Place, tuple[int, int, int]],
    delayed: Counted,
    unconfirmed: Mapping[Place, int],
    differing: TotalCompared | None,
) -> dict[str, Any]:
    rows, minor, withheld = stated.get(place, (0, 0, 0))
    late, late_minor = delayed.get(place, (0, 0))
    return {
        "place": str(place),
        **place._asdict(),
        "ledger": _text(ledger.get(place)),
        "rows": rows,
        "stated": _text(minor) if rows or minor else None,
        "withheld_rows": withheld,
        "withheld": _text(ledger.get(place, 0) - minor - late_minor) if withheld else None,
        "delayed_rows": late,
        "delayed": _text(late_minor) if late else None,
        "unconfirmed": _text(unconfirmed.get(place)),
        **_difference(differing),
    }


def _difference(total: TotalCompared | None) -> dict[str, Any]:
    if total is None:
        nothing = dict.fromkeys(("before", "after", "difference", "explained_by"))
        return nothing | {"listed": [], "more": 0, "more_delta": None}
    rest = total.rows[SHOWN:]
    return {
        "before": _amount(total.before),
        "after": _amount(total.after),
        "difference": _amount(total.difference),
        "explained_by": ITSELF if total.explains_itself else SENTENCE,
        "hides": any(row.what in (NEWLY_WITHHELD, GONE) for row in total.rows),
        "because": sorted({row.what for row in total.rows}),
        "listed": [
            {
                "what": row.what,
                "subject": str(row.subject),
                "label": row.label,
                "delta": _amount(row.delta),
            }
            for row in total.rows[:SHOWN]
        ],
        "more": len(rest),
        "more_delta": _text(sum(row.delta.minor for row in rest)) if rest else None,
    }


def _text(minor: int | None) -> str | None:
    return None if minor is None else str(minor)


def _amount(money: Money | None) -> str | None:
    return None if money is None else str(money.minor)


def _unconfirmed(program: Program) -> dict[Place, int]:
    """What was paid or sent, less what receipts, refunds and write-offs took of it."""
    paid = Transaction.objects.filter(
        program=program,
        kind=TransactionKind.DISBURSEMENT,
        reverses=None,
        purpose=Purpose.AID,
    )
    found = Balance.objects.filter(transaction__in=paid.values("pk"), value__gt=F("drawn"))
    summed: Any = found.order_by().values("transaction__fiscal_year", "currency")
    return {
        Place(
            row["transaction__fiscal_year"], TransactionKind.DISBURSEMENT.value, row["currency"]
        ): whole(row)
        for row in summed.annotate(**halves(F("value") - F("drawn")))
    }


def _delayed(tally: Tally) -> Counted:
    """Payments that are held back for some days after they were recorded: the very ones that the release leaves out."""
    return {
        Place(*place): (tally.held_back_rows[place], minor)
        for place, minor in tally.held_back.items()
    }


# --- Other rows --------------------------------------------------------------


def _changes(found: Comparison) -> dict[str, Any]:
    """Every kind of row but transactions by name; transactions are counted here, and listed below their totals."""
    changed: dict[tuple[str, Any, str], list[str]] = defaultdict(list)
    for one in found.fields:
        changed[one.kind, one.subject, one.name].append(one.field.replace("_", " "))
    told = [
        *_moved("new", found.new),
        *_moved("gone", found.gone),
        *(_change("changed", kind, name, fields) for (kind, _, name), fields in changed.items()),
    ]
    listed = sorted(
        (one for one in told if one["kind"] != "transaction"),
        key=lambda one: (one["kind"], one["name"], one["what"]),
    )
    payments = [one["what"] for one in told if one["kind"] == "transaction"]
    return {
        "payments": {what: payments.count(what) for what in ("new", "changed", "gone")},
        "changes": listed[:LISTED],
        "more_changes": max(0, len(listed) - LISTED),
    }


def _moved(what: str, rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [_change(what, row.kind, row.name, []) for row in rows]


def _change(what: str, kind: str, name: str, fields: Iterable[str]) -> dict[str, Any]:
    return {"kind": kind, "what": what, "name": name, "fields": ", ".join(fields)}
