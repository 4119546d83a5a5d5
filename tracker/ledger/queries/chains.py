"""The whole chain that a transaction hangs in, with what is stuck at each stage.

A chain has a root, the commitment (for a pledge's own page the pledge), and at most four stages below it. It costs the
same number of queries for one row and for a million: each stage is read twice, its largest rows and its sums, and the
sums come from the balances that triggers keep. What is not shown by itself stands together as “and 37 more”.
"""

from collections import defaultdict

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, When, Window
from django.db.models.functions import RowNumber

from tracker.ledger.models import (
    Balance,
    Discrepancy,
    DiscrepancyKind,
    DiscrepancyStatus,
    Transaction,
    TransactionKind,
    TransactionQuerySet,
)
from tracker.ledger.queries.flows import Apart, Flow, Node, Stage, Unsettled
from tracker.ledger.queries.sums import halves, whole
from tracker.ledger.queries.valuation import seen_values
from tracker.shared.money import Money

K = TransactionKind
DEEPEST = 4  # stages below a pledge; one less below a commitment
SHOWN = (12, 6, 4, 4)  # of each parent and kind, the largest first, stage by stage
LISTED = 12  # rows that are in no sum
RELATED = ("text", "balance", "reversal", "version__voucher", "statement")
ABOVE = ("draws_on__text", "draws_on__balance", "draws_on__version__voucher")


def flow_of(transaction: Transaction) -> Flow | None:
    """The chain of a transaction; None for one that belongs to none, as a refund of history may."""
    lineage = _lineage(transaction)
    begins = K.PLEDGE if lineage[0].kind == K.PLEDGE else K.COMMITMENT
    found = next((row for row in lineage if row.kind == begins), None)
    if found is None:
        return None
    root = Transaction.objects.select_related(*RELATED, *ABOVE).get(pk=found.pk)
    balance: Balance | None = getattr(root, "balance", None)
    tree: Node | None = None
    stages: tuple[Stage, ...] = ()
    if balance is not None and balance.value.minor > 0:
        tree = Node(root.kind, balance.value, balance.left, root)
        stages = _grow(tree, root, {row.pk for row in lineage})
        _see_values(tree)
    below = within(root)
    return Flow(
        root=root,
        above=root.draws_on,
        tree=tree,
        stages=stages,
        reversed=_apart(below.filter(reversal__isnull=False)),
        unvalued=_apart(below.filter(balance=None).in_force()),
        beyond=_apart(below.filter(excess__isnull=False).in_force()),
        unsettled=_unsettled(below),
    )


def _lineage(transaction: Transaction) -> list[Transaction]:
    """What it is or takes back, what that draws on, and so on up. One query."""
    above = ("__".join(["draws_on"] * steps) for steps in range(1, DEEPEST + 1))
    found = Transaction.objects.select_related(*above)
    row: Transaction | None = found.get(pk=transaction.reverses_id or transaction.pk)
    lineage = []
    while row is not None:
        lineage.append(row)
        row = row.draws_on
    return lineage


def within(root: Transaction) -> TransactionQuerySet:
    """The root of a chain and everything below it, reversals and all."""
    found = Q(pk=root.pk)
    for depth in _depths(root):
        found |= Q(**{"__".join(["draws_on"] * depth): root.pk})
    return Transaction.objects.all().filter(found)


def _depths(root: Transaction) -> range:
    """How many stages there can be below the root."""
    return range(1, DEEPEST + 1 if root.kind == K.PLEDGE else DEEPEST)


def _apart(rows: QuerySet[Transaction]) -> Apart:
    listed = rows.select_related(*RELATED).order_by("value_date", "pk")
    return Apart(tuple(listed[:LISTED]), rows.count())


def _unsettled(rows: TransactionQuerySet) -> Unsettled:
    about = rows.order_by().values("pk")
    found = Discrepancy.objects.all().unsettled().filter(about__in=about).order_by("currency")
    sums = list(found.values("currency").annotate(**halves(F("amount")), n=Count("pk")))
    return Unsettled(
        sum(row["n"] for row in sums),
        tuple(Money(whole(row), row["currency"]) for row in sums if row["high"] is not None),
    )


# --- Growing the tree ------------------------------------------------------

Key = tuple[
    int | None, ...
]  # the shown row at each stage from the root down; None: among the others
Found = tuple[
    Key, str, int, int, int
]  # parent, kind, rows, minor units that count, minor units left


def _grow(tree: Node, root: Transaction, path: set[int]) -> tuple[Stage, ...]:
    """Add stage by stage below the root: the largest rows of each parent, and the others together."""
    tallies: dict[str, list[int]] = {tree.kind: [1, tree.value.minor, tree.left.minor]}
    known: dict[Key, Node] = {(): tree}
    shown: list[list[int]] = []
    for depth in _depths(root):
        sums = _sums(root, depth, shown)
        rows = _largest(root, depth, shown, path)
        known = _hang(known, sums, rows, tree.value.currency)
        shown.append([row.pk for row in rows])
        for _, kind, *numbers in sums:
            tallies[kind] = [
                a + b for a, b in zip(tallies.get(kind, [0] * 3), numbers, strict=True)
            ]
    return tuple(
        Stage(kind, rows, Money(value, tree.value.currency), Money(left, tree.value.currency))
        for kind in K.values
        if kind in tallies
        for rows, value, left in [tallies[kind]]
    )


def _see_values(tree: Node) -> None:
    """Put beside the shown rows what was revalued, and their values on other bases."""
    nodes = [node for _, node in tree.walk() if node.row is not None]
    seen = seen_values([node.row for node in nodes if node.row is not None])
    for node in nodes:
        node.seen = seen.get(node.row.pk) if node.row is not None else None


def _up(depth: int, stage: int) -> str:
    """From a balance at a depth, the column that names its ancestor at a stage (1 is right below the root)."""
    return "__".join(["transaction", *["draws_on"] * (depth - stage)])


def _below(root: Transaction, depth: int) -> QuerySet[Balance]:
    """The balances of what counts at a depth below the root."""
    return Balance.objects.filter(**{_up(depth, 0): root.pk}, value__gt=0)


def _sums(root: Transaction, depth: int, shown: list[list[int]]) -> list[Found]:
    """By the shown ancestors and the kind: how many rows, what they are worth, what is left of it."""
    among = {
        f"at_{stage}": Case(
            When(**{f"{_up(depth, stage)}__in": rows}, then=F(_up(depth, stage))), default=None
        )
        for stage, rows in enumerate(shown, start=1)
        if rows
    }
    sums = halves(F("value")) | halves(F("value") - F("drawn"), "left_")
    found = (
        _below(root, depth)
        .order_by()
        .annotate(**among)
        .values(*among, kind=F("transaction__kind"))
        .annotate(**sums, n=Count("pk"))
    )
    return [
        (
            tuple(row.get(f"at_{stage}") for stage in range(1, depth)),
            row["kind"],
            row["n"],
            whole(row),
            whole(row, "left_"),
        )
        for row in found
    ]


def _largest(
    root: Transaction, depth: int, shown: list[list[int]], path: set[int]
) -> list[Transaction]:
    """The largest rows of each shown parent, and those on the path to the row that the page is about."""
    rows = _below(root, depth)
    if depth > 1:
        rows = rows.filter(transaction__draws_on__in=shown[-1])
    ranked = rows.annotate(
        rank=Window(
            RowNumber(),
            partition_by=[F("transaction__draws_on"), F("transaction__kind")],
            order_by=[F("value").desc(), F("transaction").asc()],
        )
    )
    # One condition, so that all rows are ranked before any is taken out.
    kept = ranked.filter(Q(rank__lte=SHOWN[depth - 1]) | Q(pk__in=path)).values_list(
        "pk", flat=True
    )
    listed = with_difference(Transaction.objects.filter(pk__in=list(kept)))
    listed = listed.select_related(*RELATED)
    return sorted(listed, key=lambda row: (-row.balance.value.minor, row.pk))


def with_difference(rows: TransactionQuerySet) -> TransactionQuerySet:
    """With the newest word of the recipient that not all arrived (`differs`), and how that stands (`standing`)."""
    kinds = [DiscrepancyKind.SHORT, DiscrepancyKind.DISPUTED]
    newest = Discrepancy.objects.filter(about=OuterRef("pk"), kind__in=kinds)
    newest = newest.exclude(state__status=DiscrepancyStatus.WITHDRAWN).order_by("-pk")
    return rows.annotate(
        differs=Subquery(newest.values("kind")[:1]),
        standing=Subquery(newest.values("state__status")[:1]),
    )


def _hang(
    known: dict[Key, Node], sums: list[Found], rows: list[Transaction], currency: str
) -> dict[Key, Node]:
    """Hang the rows of a stage, and what is left over of each sum, under their parents. The stage's own keys."""
    keys = {key[-1]: key for key in known if key}
    under: dict[tuple[Key, str], list[Transaction]] = defaultdict(list)
    for row in rows:
        under[keys.get(row.draws_on_id, ()), row.kind].append(row)
    grown: dict[Key, Node] = {}
    for key, kind, count, value, left in sorted(sums, key=lambda one: K.values.index(one[1])):
        for row in under[key, kind]:
            node = Node(kind, row.balance.value, row.balance.left, row)
            known[key].children.append(node)
            grown[(*key, row.pk)] = node
            count, value, left = count - 1, value - node.value.minor, left - node.left.minor
        if count > 0:
            others = Node(kind, Money(value, currency), Money(left, currency), None, count)
            known[key].children.append(others)
            if not others.is_end:
                grown[(*key, None)] = others
    return grown
