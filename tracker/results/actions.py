"""Every write about indicators, targets and measurements. A changed number is a new row; the old one stays."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.programs.models import Objective, Program
from tracker.results import policies
from tracker.results.models import (
    Direction,
    Indicator,
    Measurement,
    MeasurementText,
    Target,
    TargetKind,
)
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields


@transaction.atomic
def add_indicator(
    *,
    program: Program,
    title: str,
    unit: str,
    direction: str = Direction.UP,
    definition: str = "",
    objective: Objective | None = None,
    by: User,
) -> Indicator:
    """Say what is measured, in which unit, and whether higher or lower is better.

    It stays as it is: a number that was measured under another definition is another indicator.
    """
    policies.check_can_add_indicator(by, program)
    policies.check_objective(program, objective)
    indicator = Indicator(
        program=program,
        objective=objective,
        title=title.strip(),
        definition=definition.strip(),
        unit=unit.strip(),
        direction=direction,
    )
    check_fields(indicator)
    indicator.save()
    names = ("program", "objective", "title", "definition", "unit", "direction")
    fields = {name: getattr(indicator, name) for name in names}
    journal.record("indicator", record=indicator, op="create", by=by, fields=fields)
    return indicator


def _lock(indicator: Indicator) -> Indicator:
    """Two people must not replace the same row at the same moment: the indicator's lock puts them in order."""
    locked = Indicator.objects.select_for_update().get(pk=indicator.pk)
    locked.program = Program.objects.select_related("owner").get(pk=locked.program_id)
    return locked


@transaction.atomic
def set_baseline(
    *,
    indicator: Indicator,
    value: Decimal | None,
    period_start: date,
    period_end: date,
    by: User,
) -> Target:
    """State where the indicator began, in its unit; None says that nobody knows.

    An indicator has one baseline in force: setting it again replaces the one before, and both stay on record.
    """
    indicator = _lock(indicator)
    policies.check_can_set_targets(by, indicator)
    before = _in_force(indicator, kind=TargetKind.BASELINE)
    return _add_target(
        indicator, TargetKind.BASELINE, value, period_start, period_end, before, by=by
    )


@transaction.atomic
def set_target(
    *,
    indicator: Indicator,
    value: Decimal | None,
    period_start: date,
    period_end: date,
    replaces: Target | None = None,
    by: User,
) -> Target:
    """State the value to be reached in a period, in the indicator's unit; None takes the target back.

    A target that is already in force for exactly this period is replaced. `replaces` names the row to be replaced
    when the period itself changes. Periods may overlap: a year's target can stand beside a decade's.
    """
    indicator = _lock(indicator)
    policies.check_can_set_targets(by, indicator)
    same = _in_force(
        indicator, kind=TargetKind.TARGET, period_start=period_start, period_end=period_end
    )
    if replaces is not None:
        policies.check_replaceable(replaces, indicator)
        if replaces.kind != TargetKind.TARGET:
            raise Refused("A target replaces a target: set the baseline on its own page.")
        if same is not None and same.pk != replaces.pk:
            raise Refused(
                {"period_start": "Another target is in force for this period: change that one."}
            )
    before = replaces or same
    return _add_target(indicator, TargetKind.TARGET, value, period_start, period_end, before, by=by)


def _in_force(indicator: Indicator, **what: object) -> Target | None:
    rows = Target.objects.in_force().filter(indicator=indicator, **what)
    return rows.order_by("-pk").first()


def _add_target(
    indicator: Indicator,
    kind: str,
    value: Decimal | None,
    period_start: date,
    period_end: date,
    before: Target | None,
    *,
    by: User,
) -> Target:
    new = (value, period_start, period_end)
    if before is not None and new == (before.value, before.period_start, before.period_end):
        raise Refused(f"Nothing was changed: this {before.get_kind_display()} is in force already.")
    target = Target(
        indicator=indicator,
        kind=kind,
        period_start=period_start,
        period_end=period_end,
        value=value,
        replaces=before,
        recorded_by=by,
    )
    check_fields(target, exclude=("entry",))
    names = ("indicator", "kind", "period_start", "period_end", "value", "replaces")
    fields = {name: getattr(target, name) for name in names}
    target.entry_id = journal.record("target", record=target, op="create", by=by, fields=fields)
    target.save()
    return target


@transaction.atomic
def record_measurement(
    *,
    indicator: Indicator,
    measured_on: date,
    value: Decimal | None,
    verification: str,
    source: str = "",
    comment: str = "",
    replaces: Measurement | None = None,
    by: User,
) -> Measurement:
    """Record what was found on a day, in the indicator's unit, for ever; None says: looked for and not found.

    `replaces` makes it the correction of an older row, which is corrected at most once; the correction may be
    corrected in turn. The same finding twice is refused, so that a form sent twice leaves one row.
    """
    indicator = _lock(indicator)
    policies.check_can_measure(by, indicator)
    policies.check_measured_on(indicator, measured_on)
    if replaces is not None:
        policies.check_replaceable(replaces, indicator)
    text = MeasurementText(source=source.strip(), comment=comment.strip())
    measurement = Measurement(
        indicator=indicator,
        measured_on=measured_on,
        value=value,
        verification=verification,
        replaces=replaces,
        text_digest=text.digest,
        recorded_by=by,
    )
    check_fields(text)
    check_fields(measurement, exclude=("text", "entry"))
    _check_is_news(measurement, text)
    text.save()
    measurement.text = text
    measurement.entry_id = _record_measurement(measurement, by)
    measurement.save()
    return measurement


def _check_is_news(measurement: Measurement, text: MeasurementText) -> None:
    same = Measurement.objects.in_force().filter(
        indicator=measurement.indicator,
        measured_on=measurement.measured_on,
        value=measurement.value,
        verification=measurement.verification,
        text__source=text.source,
        text__comment=text.comment,
    )
    if same.exists():
        raise Refused("Exactly this measurement is recorded already: nothing was added.")


def _record_measurement(measurement: Measurement, by: User) -> int:
    names = ("indicator", "measured_on", "value", "verification", "text_digest", "replaces")
    fields = {name: getattr(measurement, name) for name in names}
    fields |= {"source": measurement.text.source, "comment": measurement.text.comment}
    return journal.record("measurement", record=measurement, op="create", by=by, fields=fields)
