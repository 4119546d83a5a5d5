"""Samples, their seeds and files, and how far their tests are."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.core.files.storage import default_storage
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from tracker.accounts.models import User
from tracker.audits.models import (
    UNDER_WAY,
    Engagement,
    Sample,
    SampleEvaluation,
    SampleItem,
    SampleQuerySet,
    SampleResult,
)
from tracker.audits.queries.findings import payments_in_scope
from tracker.audits.sampling import seed_of
from tracker.journal import log
from tracker.shared.errors import Refused
from tracker.shared.sealing import Among, Veil


@dataclass(frozen=True)
class Seed:
    """The first checkpoint over a plan's entry, and the seed that it gives."""

    checkpoint: int
    root: bytes
    seed: bytes
    note: str


def seed_for(sample: Sample) -> Seed | None:
    """The seed of a plan, or None while no checkpoint covers its entry. Load the engagement with it."""
    index = log.index_of(sample.entry_id)
    checkpoint = None if index is None else log.first_checkpoint_over(index)
    if checkpoint is None:
        return None
    root = bytes(checkpoint.root)
    seed = seed_of(root, sample.engagement.uid, sample.uid)
    return Seed(checkpoint.size, root, seed, checkpoint.note)


def sampled_before(engagement: Engagement, digest: str, purpose: str) -> Sample | None:
    """The newest sample of the engagement with the same population or the same purpose."""
    same = Q(digest=digest) | Q(text__purpose__iexact=purpose.strip())
    return engagement.samples.filter(same).order_by("-number").first()


def population_lines(sample: Sample) -> Iterator[bytes]:
    """The canonical lines of the frozen population, one by one."""
    try:
        stored = default_storage.open(sample.stored_as)
    except FileNotFoundError:
        raise Refused(
            "The file of this population is not in the store: restore it from a backup."
        ) from None
    with stored, gzip.open(cast(Any, stored)) as lines:
        try:
            yield from lines
        except (OSError, EOFError):
            raise Refused(
                "The file of this population cannot be read: restore it from a backup."
            ) from None


def sheet_of(sample: Sample) -> dict[str, Any]:
    """What docs/draw_sample.py needs beside the population's file to draw the same sample again."""
    found = seed_for(sample)
    drawn = SampleItem.objects.filter(draw__sample=sample).order_by("position")
    return {
        "format": "countersign-sample-1",
        "sample": sample.label,
        "engagement": str(sample.engagement.uid),
        "plan": str(sample.uid),
        "entry": sample.entry_id,
        "index": log.index_of(sample.entry_id),
        "method": sample.method,
        "strata": [
            {"items": stratum["items"], "sample": stratum["sample"]} for stratum in sample.strata
        ],
        "interval": None if sample.interval is None else str(sample.interval.minor),
        "items": sample.items,
        "sha256": sample.digest,
        "checkpoint": None if found is None else found.note,
        "seed": None if found is None else found.seed.hex(),
        "drawn": [str(uid) for uid in drawn.values_list("transaction__uid", flat=True)],
    }


def with_progress(samples: SampleQuerySet) -> SampleQuerySet:
    """Add how many items were `drawn`, how many are `tested`, and how often it was evaluated."""
    results = SampleResult.objects.filter(item=OuterRef("pk"))
    tested = (
        SampleItem.objects.filter(Exists(results), draw__sample=OuterRef("pk"))
        .order_by()
        .values("draw__sample")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return samples.select_related(
        "engagement", "text", "draw", "given_up__text", "planned_by"
    ).annotate(
        tested=Coalesce(Subquery(tested, output_field=IntegerField()), 0),
        evaluated=Count("evaluations", distinct=True),
        drawn_again=Count("repeated", distinct=True),
    )


def samples_of(engagement: Engagement) -> SampleQuerySet:
    """Every sample ever planned, also those that were drawn again; for `audits/_samples.html`."""
    return with_progress(engagement.samples.all()).order_by("number")


def draws_alike(sample: Sample) -> list[Sample]:
    """The samples of the engagement with the same population or purpose, itself among them, oldest first."""
    same = Q(digest=sample.digest) | Q(text__purpose__iexact=sample.text.purpose)
    return list(samples_of(sample.engagement).filter(same))


def items_of(sample: Sample) -> QuerySet[SampleItem]:
    """The drawn items with what each is and its newest result's number (`result`), in their order."""
    newest = SampleResult.objects.filter(item=OuterRef("pk")).order_by("-number")
    return (
        SampleItem.objects.filter(draw__sample=sample)
        .select_related(
            "transaction__text", "transaction__program", "transaction__version__voucher"
        )
        .annotate(
            result=Subquery(newest.values("number")[:1]),
            outcomes=Subquery(newest.values("outcomes")[:1]),
            audited_minor=Subquery(newest.values("audited")[:1]),
            was_examined=Subquery(newest.values("examined")[:1]),
        )
        .order_by("position")
    )


def items_drawn(sample: Sample) -> QuerySet[SampleItem]:
    return SampleItem.objects.filter(draw__sample=sample)


def sealed_positions(sample: Sample, veil: Veil) -> set[int]:
    """Positions of the items whose amount is sealed. No query where nothing is."""
    if not veil.holds("amount", "excess"):
        return set()
    rows = items_drawn(sample).filter(veil.sealed("amount", "excess", uid="transaction__uid"))
    return set(rows.values_list("position", flat=True))


def sealed_in_scope(engagement: Engagement, veil: Veil) -> Among:
    """Payments that a sample of the engagement may hold and whose amount is sealed. No query where nothing is."""
    return veil.among(payments_in_scope(engagement), "amount", "excess")


def sealed_in_population(sample: Sample, veil: Veil) -> bool:
    """Does the frozen file state an amount that is sealed? Reads it, only where something is sealed at all; where a rule
    seals the amounts of a program in scope, it does."""
    ruled = veil.ruled("amount", "excess")
    if ruled and payments_in_scope(sample.engagement).filter(program__in=ruled).exists():
        return True
    held = {str(uid).encode() for uid in veil.holding("amount", "excess")}
    return bool(held) and any(line[:36] in held for line in population_lines(sample))


def untested(sample: Sample) -> list[int]:
    """Positions of the items without a result."""
    without = SampleItem.objects.filter(draw__sample=sample, results=None)
    return list(without.order_by("position").values_list("position", flat=True))


def next_untested(sample: Sample, after: int) -> SampleItem | None:
    """The next item to test, from a position on and then from the beginning."""
    left = SampleItem.objects.filter(draw__sample=sample, results=None)
    following = left.filter(position__gt=after).order_by("position").first()
    return following or left.order_by("position").first()


def results_of(item: SampleItem) -> list[SampleResult]:
    """Every result of an item, the newest first."""
    return list(item.results.select_related("text", "recorded_by").order_by("-number"))


def evaluations_of(sample: Sample) -> list[SampleEvaluation]:
    """Every evaluation, the newest first."""
    return list(sample.evaluations.select_related("text", "evaluated_by").order_by("-number"))


def samples_waiting(user: User) -> SampleQuerySet:
    """Samples of the person's teams that are to be drawn, tested or evaluated; not those that were drawn again or given up."""
    mine = Sample.objects.filter(
        engagement__team__person=user,
        engagement__status__in=UNDER_WAY,
        repeated=None,
        given_up=None,
    )
    return with_progress(mine).filter(evaluated=0).order_by("engagement__number", "number", "pk")
