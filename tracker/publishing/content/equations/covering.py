"""What is withheld together: one decision covers every cell that would repeat the value."""

from collections.abc import Iterator

from tracker.ledger.models import REPORTED
from tracker.publishing.content.equations.facts import Ref, RowLike, Version, said

ABOUT = {
    "discrepancy": (("about", "receipt"), ("amount", "quantity")),
    "revaluation": (("transaction",), ("old_amount", "new_amount")),
    "alternative_value": (("transaction",), ("amount",)),
}
REPEATED = {
    ("measurement", "value"): "actual",
    ("target", "value"): "target",
}


def covered_with(version: Version, ref: Ref) -> set[Ref]:
    """The cells that a withholding of this one covers in a release, as `content` does it, itself among them."""
    if ref.kind == "transaction":
        return set(_of_payment(version, ref))
    found = {ref}
    if name := REPEATED.get((ref.kind, ref.field)):
        row = next((r for r in version.of(ref.kind) if str(r.subject) == ref.record), None)
        if row is not None:
            name = "baseline" if said(row, "kind") == "baseline" else name
            found.add(Ref("indicator", str(said(row, "indicator")), name))
            found.add(Ref("report_indicator", str(said(row, "indicator")), name))
    return found


def _of_payment(version: Version, ref: Ref) -> Iterator[Ref]:
    rows = {str(row.subject): row for row in version.of("transaction")}
    reversals = {str(said(r, "reverses")): uid for uid, r in rows.items() if said(r, "reverses")}
    records = {uid for uid, row in rows.items() if ref.record in _same(row, rows, reversals)}
    for uid in records:
        yield Ref("transaction", uid, ref.field)
        if ref.field in ("amount", "excess") and "worth" in rows[uid].cells:
            yield Ref("transaction", uid, "worth")
    if ref.field in ("amount", "quantity"):
        yield from _about(version, records, ref.field)
    if ref.field == "excess":
        yield from _surplus(version, records)


def _about(version: Version, records: set[str], field: str) -> Iterator[Ref]:
    for kind, (names, fields) in ABOUT.items():
        for row in version.of(kind):
            if records & {str(said(row, name)) for name in names}:
                told = fields if field == "amount" else [n for n in fields if n == field]
                yield from (Ref(kind, str(row.subject), name) for name in told)


def _surplus(version: Version, records: set[str]) -> Iterator[Ref]:
    for row in version.of("discrepancy"):
        if said(row, "kind") == "surplus" and records & {
            str(said(row, name)) for name in ("about", "receipt")
        }:
            yield Ref("discrepancy", str(row.subject), "amount")


def _same(row: RowLike, rows: dict[str, RowLike], reversals: dict[str, str]) -> set[str]:
    """The records whose withholdings cover this row: itself, its reversal or original, and of a report its dispatch."""
    found = {str(row.subject), str(said(row, "reverses"))}
    if said(row, "kind") in REPORTED:
        above = str(said(row, "draws_on"))
        found.add(above)
        if above in rows:
            found.add(str(said(rows[above], "draws_on")))
    if (back := reversals.get(str(row.subject))) is not None:
        found.add(back)
    return found
