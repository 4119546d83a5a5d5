"""Samples: the population frozen and journalled, the draw with a seed nobody could choose, the draw's record."""

import gzip
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from typing import IO, Any, cast
from uuid import UUID, uuid4

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max

from tracker.accounts.models import User
from tracker.audits import policies, queries, sampling
from tracker.audits.models import (
    Engagement,
    Sample,
    SampleDraw,
    SampleGivenUp,
    SampleGivenUpText,
    SampleItem,
    SampleText,
)
from tracker.audits.policies import SampleSpec, Scope
from tracker.audits.queries import ReckonedSize, Source, Survey
from tracker.audits.sampling import Chosen, Frozen
from tracker.journal import actions as journal
from tracker.ledger.models import Transaction
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.shared.refusals import check_fields

IN_MEMORY = 1 << 20
LOOKED_UP = 500


def plan_sample(
    *, engagement: Engagement, population: Source, spec: SampleSpec, by: User
) -> Sample:
    """Freeze a population in canonical order and journal it with everything that decides about the draw.

    Nobody can know the seed yet: it is that of the first checkpoint over this entry. Only the team, before the final
    report. A population or purpose that was sampled before needs `again_reason`, a size below the computed one
    `size_reason`. Refuses an empty population, mixed currencies of amounts, expected ≥ tolerable error.

    A long list is read before the transaction begins, so that nobody waits for it: what is posted is never changed,
    and the digest says what was read.
    """
    policies.check_can_sample(by, engagement)
    policies.check_spec(spec)
    scope = policies.scope_of(engagement)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        with gzip.GzipFile(
            fileobj=cast(IO[bytes], file), mode="wb", mtime=0, compresslevel=6
        ) as packed:
            survey = queries.survey(population, spec, packed.write)
        reckoned = queries.reckon_size(survey, spec)
        return _plan(engagement, population, spec, survey, reckoned, scope, file, by)


@transaction.atomic
def _plan(
    engagement: Engagement,
    population: Source,
    spec: SampleSpec,
    survey: Survey,
    reckoned: ReckonedSize,
    scope: list[Scope],
    file: Any,
    by: User,
) -> Sample:
    engagement = Engagement.objects.select_for_update().get(pk=engagement.pk)
    policies.check_can_sample(by, engagement)
    if policies.scope_of(engagement) != scope:
        raise Refused(
            "Somebody changed the scope of the engagement at this moment: look at it, and plan the sample again."
        )
    earlier = queries.sampled_before(engagement, survey.digest, spec.purpose)
    policies.check_again(earlier, spec.again_reason)
    stored_as = _keep(file, survey.digest)
    return _write(engagement, population, spec, survey, reckoned, stored_as, earlier, by)


def _keep(file: Any, digest: str) -> str:
    path = f"populations/{digest}.csv.gz"
    if default_storage.exists(path):
        return path
    file.seek(0)
    return default_storage.save(path, File(file))


def _write(
    engagement: Engagement,
    population: Source,
    spec: SampleSpec,
    survey: Survey,
    reckoned: ReckonedSize,
    stored_as: str,
    earlier: Sample | None,
    by: User,
) -> Sample:
    last = engagement.samples.aggregate(last=Max("number"))["last"] or 0
    text = SampleText(
        purpose=spec.purpose.strip(),
        population=population.words,
        filters=population.filters,
        strata_names="\n".join(stratum.name.replace("\n", " ") for stratum in survey.strata),
        size_reason=spec.size_reason.strip(),
        again_reason=spec.again_reason.strip() if earlier else "",
    )
    check_fields(text)
    sample = Sample(
        engagement=engagement,
        number=last + 1,
        **_parameters(population, spec, survey, reckoned),
        stored_as=stored_as,
        again=earlier,
        planned_by=by,
    )
    check_fields(sample, exclude=("text", "text_digest", "entry"))
    sample.entry_id = journal.record(
        "sample", record=sample, op="create", by=by, fields=_fields(sample, text)
    )
    text.save()
    sample.text, sample.text_digest = text, text.digest
    sample.save()
    return sample


def _parameters(
    population: Source, spec: SampleSpec, survey: Survey, reckoned: ReckonedSize
) -> dict[str, Any]:
    amounts = spec.of_amounts
    return {
        "source": population.name,
        "method": spec.method,
        "test": spec.test,
        "attributes": list(spec.attributes),
        "confidence": spec.confidence,
        "tolerable_rate": None if amounts else spec.tolerable_rate,
        "expected_rate": None if amounts else spec.expected_rate,
        "currency": survey.currency if amounts else "",
        "tolerable_amount": spec.tolerable if amounts else None,
        "expected_amount": spec.expected if amounts else None,
        "estimator": spec.estimator if amounts and not spec.monetary else "",
        "allocation": spec.allocation if spec.method == "stratified" else "",
        "strata": [
            {"items": stratum.items, "recorded": str(stratum.recorded), "sample": share}
            for stratum, share in zip(survey.strata, reckoned.shares, strict=True)
        ],
        "excluded": [
            {"reason": reason, "items": count} for reason, count in survey.excluded.items()
        ],
        "items": survey.items,
        "recorded": {code: str(minor) for code, minor in survey.recorded.items()},
        "digest": survey.digest,
        "computed_size": reckoned.computed,
        "computed_how": reckoned.how,
        "size": reckoned.size,
        "interval": None
        if reckoned.interval is None
        else Money(reckoned.interval, survey.currency),
    }


PLANNED = (
    *("engagement", "number", "source", "method", "test", "attributes", "confidence"),
    *("tolerable_rate", "expected_rate", "currency", "tolerable_amount", "expected_amount"),
    *("estimator", "allocation", "strata", "excluded", "items", "recorded", "digest", "stored_as"),
    *("computed_size", "computed_how", "size", "interval", "again"),
)


def _fields(sample: Sample, text: SampleText) -> dict[str, object]:
    said = {name: getattr(sample, name) for name in PLANNED}
    return said | {name: getattr(text, name) for name in SampleText.TEXTS}


# --- The draw --------------------------------------------------------------


@transaction.atomic
def draw_sample(*, sample: Sample, by: User) -> SampleDraw:
    """Draw with the seed that the first checkpoint over the plan's entry gives; wait until there is one.

    The frozen file is checked against its digest before anything is kept.
    """
    sample = Sample.objects.select_for_update().select_related("engagement").get(pk=sample.pk)
    policies.check_can_draw(by, sample)
    found = queries.seed_for(sample)
    if found is None:
        raise Refused(
            f"The draw waits for the journal's next checkpoint over entry {sample.entry_id}: its hash is the seed. "
            "Checkpoints are signed every few seconds; try again in a moment."
        )
    chosen = [(uuid4(), one) for one in _choose(sample, found.seed)]
    pks = _pks([one.item.uid for _, one in chosen])
    draw = SampleDraw(
        uid=uuid4(),
        sample=sample,
        checkpoint=found.checkpoint,
        root=found.root.hex(),
        seed=found.seed.hex(),
        drawn=len(chosen),
        certain=sum(one.certain for _, one in chosen),
        drawn_by=by,
    )
    draw.entry_id = journal.record(
        "sample_draw", record=draw, op="create", by=by, fields=_drawn(draw, chosen)
    )
    draw.save()
    SampleItem.objects.bulk_create(
        [
            SampleItem(
                uid=uid,
                draw=draw,
                position=position,
                place=one.place,
                transaction_id=pks[one.item.uid],
                stratum=one.item.stratum,
                certain=one.certain,
            )
            for position, (uid, one) in enumerate(chosen, start=1)
        ],
        batch_size=LOOKED_UP,
    )
    return draw


@transaction.atomic
def give_up_sample(*, sample: Sample, reason: str, by: User) -> SampleGivenUp:
    """Say why a plan is not drawn. It cannot be taken back, and the plan stays in the list."""
    sample = Sample.objects.select_for_update().select_related("engagement").get(pk=sample.pk)
    policies.check_can_give_up(by, sample, reason)
    text = SampleGivenUpText(reason=reason.strip())
    check_fields(text)
    given_up = SampleGivenUp(uid=uuid4(), sample=sample, given_up_by=by)
    given_up.entry_id = journal.record(
        "sample_given_up",
        record=given_up,
        op="create",
        by=by,
        fields={"sample": sample, "reason": text.reason},
    )
    text.save()
    given_up.text, given_up.text_digest = text, text.digest
    given_up.save()
    return given_up


def _drawn(draw: SampleDraw, chosen: list[tuple[UUID, Chosen]]) -> dict[str, object]:
    names = ("sample", "checkpoint", "root", "seed", "drawn", "certain")
    return {name: getattr(draw, name) for name in names} | {
        "items": [
            [uid, position, one.place, one.item.uid, one.item.stratum, one.certain]
            for position, (uid, one) in enumerate(chosen, start=1)
        ]
    }


def _choose(sample: Sample, seed: bytes) -> Iterator[Chosen]:
    """The chosen lines of the frozen file, which has to be the one that was journalled."""
    hasher = sha256()

    def lines() -> Iterator[Frozen]:
        for line in queries.population_lines(sample):
            hasher.update(line)
            yield Frozen.read(line)

    interval = sample.interval.minor if sample.interval else None
    strata = [(stratum["items"], stratum["sample"]) for stratum in sample.strata]
    yield from sampling.choose(sample.method, seed, lines(), strata=strata, interval=interval)
    if hasher.hexdigest() != sample.digest:
        raise Refused(
            "The stored population is not the one that was frozen: its SHA-256 differs from the journal's. "
            "Restore the file from a backup, or plan the sample again."
        )


def _pks(uids: list[UUID]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for start in range(0, len(uids), LOOKED_UP):
        part = uids[start : start + LOOKED_UP]
        found |= dict(Transaction.objects.filter(uid__in=part).values_list("uid", "pk"))
    return found
