"""Releases of programs by two persons: one prepares and reconciles, another releases exactly that."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.journal.queries import size as journal_size
from tracker.programs.models import Program
from tracker.publishing import policies, queries, sheet
from tracker.publishing.actions.embargo import make_public
from tracker.publishing.actions.printing import check_prints
from tracker.publishing.actions.releases import (
    check_reconciles,
    freeze_report,
    gather,
    locked,
    nothing_changed,
    store,
)
from tracker.publishing.actions.storing import Fingerprint, Manifest
from tracker.publishing.comparing import compare
from tracker.publishing.content.cells import Row, cells_of
from tracker.publishing.models import (
    DifferenceExplained,
    Preparation,
    PreparationStatus,
    Release,
    Report,
    Stream,
    Withholding,
)
from tracker.shared.clock import database_now
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.shared.refusals import check_fields


@transaction.atomic
def prepare_release(
    *,
    program: Program,
    report: Report | None = None,
    public_from: datetime | None = None,
    by: User,
) -> Preparation:
    """Put a release together and reconcile it: with the ledger, with what is withheld, with the release before.

    With `report` that report is published with it; `public_from` is an embargo. Another disclosure officer releases it.
    """
    program = locked(program)
    report = report and _locked_report(report)
    policies.check_can_prepare_release(by, program, report)
    policies.check_is_later(public_from, database_now())
    if report is not None:
        queries.check_is_what_was_accepted(report)
    preparation = Preparation(
        program=program, report=report, public_from=public_from, prepared_by=by
    )
    _reconcile(preparation)
    check_fields(preparation, exclude=("prepared_at",))
    preparation.save()
    _record(preparation, "create", by, sheet=preparation.sheet)
    _tell_releasers(preparation)
    return Preparation.objects.get(pk=preparation.pk)


def _reconcile(preparation: Preparation) -> None:
    program, report = preparation.program, preparation.report
    day = program.owner.today()
    content, passed = gather(program, report, day), Fingerprint()
    before = queries.release_before(program, preparation.public_from)
    found = compare(before, passed.pass_by(content.rows()))
    check_reconciles(program, content.tally)
    if before is not None and report is None and not found:
        raise Refused(nothing_changed(before))
    reconciled = sheet.sheet_of(program, before, content.tally, passed.count("transaction"), found)
    preparation.sheet = reconciled | {"day": day.isoformat(), "hints": _hints(preparation, day)}
    preparation.manifest, preparation.journal_size = passed.digest, journal_size()
    policies.check_was_not_taken_back(program, preparation.manifest)
    if report is not None:
        number = before.number + 1 if before else 1
        next_one = Release(
            subject=program.uid,
            number=number,
            data_until=day,
            journal_size=preparation.journal_size,
        )
        check_prints(content.told, content.gaps, next_one)


def _hints(preparation: Preparation, day: date) -> dict[str, Any]:
    """Whether what the release withholds can be reckoned all the same. Its rows pass by a second time: they are not kept
    where nothing is withheld."""
    program = preparation.program
    if not Withholding.objects.in_force().filter(program=program).exists():
        return {}
    rows = gather(program, preparation.report, day).rows()
    return queries.hints_of(program, rows)


def _locked_report(report: Report) -> Report:
    return Report.objects.select_for_update().get(pk=report.pk)


def _record(preparation: Preparation, op: str, by: User, **more: object) -> int:
    names = ("program", "report", "status", "manifest", "journal_size", "public_from", "release")
    fields = {name: getattr(preparation, name) for name in names}
    fields |= {"reason": preparation.reason or None}
    return journal.record("preparation", record=preparation, op=op, by=by, fields=fields | more)


def _path(preparation: Preparation) -> str:
    return reverse("publishing:preparation", args=[preparation.uid])


def _tell_releasers(preparation: Preparation) -> None:
    sentence = f"Release what was prepared of “{preparation.program.title}”."[:300]
    for person in queries.releasers_of(preparation):
        notify(person=person, sentence=sentence, path=_path(preparation))


def _locked(preparation: Preparation) -> Preparation:
    """The program first: everything that releases waits there."""
    program = locked(preparation.program)
    found = Preparation.objects.select_for_update().get(pk=preparation.pk)
    found.program = program
    return found


@transaction.atomic
def explain_difference(
    *, preparation: Preparation, place: str, sentence: str, by: User
) -> DifferenceExplained:
    """Write why a total is not what the release before said. The public reads the sentence; a later one replaces it."""
    preparation = _locked(preparation)
    policies.check_can_explain(by, preparation)
    asked = {line["place"] for line in preparation.sheet["lines"] if line["difference"] is not None}
    if place not in asked:
        raise Refused({"place": "This total does not differ from the release before."})
    told = DifferenceExplained(
        preparation=preparation, place=place, sentence=sentence.strip(), explained_by=by
    )
    if not told.sentence:
        raise Refused({"sentence": "Write why the total differs: the public reads it."})
    said = {"place": place, "sentence": told.sentence}
    check_fields(told, exclude=("entry",))
    told.entry_id = _record(preparation, "explain", by, **said)
    told.save()
    return told


@transaction.atomic
def drop_preparation(*, preparation: Preparation, reason: str, by: User) -> Preparation:
    """Give up what was prepared, with a reason: nothing of it becomes public."""
    preparation = _locked(preparation)
    policies.check_can_drop(by, preparation)
    if not reason.strip():
        raise Refused({"reason": "Say why it is given up: who prepared it reads it."})
    preparation.status, preparation.reason = PreparationStatus.DROPPED, reason.strip()
    preparation.decided_by, preparation.decided_at = by, database_now()
    check_fields(preparation)
    preparation.save(update_fields=["status", "reason", "decided_by", "decided_at"])
    _record(preparation, "drop", by)
    if preparation.prepared_by_id != by.pk:
        sentence = f"Given up: what you prepared of “{preparation.program.title}”."[:300]
        notify(person=preparation.prepared_by, sentence=sentence, path=_path(preparation))
    return preparation


@transaction.atomic
def release_prepared(*, preparation: Preparation, by: User) -> Release:
    """Release exactly what another person prepared: frozen, and public at once or when its embargo is over.

    Refused while a difference has no sentence, and when anything of it reads otherwise by now. A report that comes with
    it is frozen, too.
    """
    preparation = _locked(preparation)
    report = preparation.report and _locked_report(preparation.report)
    preparation.report = report
    policies.check_can_release_prepared(by, preparation)
    _check_is_explained(preparation)
    release = _release(preparation, by)
    preparation.status, preparation.release = PreparationStatus.RELEASED, release
    preparation.decided_by, preparation.decided_at = by, database_now()
    check_fields(preparation)
    preparation.save(update_fields=["status", "release", "decided_by", "decided_at"])
    _record(preparation, "release", by)
    if report is not None:
        freeze_report(report, release, by)
    make_public(release)
    _tell_preparer(preparation, by)
    return release


def _check_is_explained(preparation: Preparation) -> None:
    for place in sheet.unexplained(preparation):
        raise Refused(sheet.asked(preparation.sheet, place))


def _release(preparation: Preparation, by: User) -> Release:
    program, report = preparation.program, preparation.report
    if report is not None:
        queries.check_is_what_was_accepted(report)
    day = date.fromisoformat(preparation.sheet["day"])
    content, manifest, passed = gather(program, report, day), Manifest(), Fingerprint()
    manifest.add(passed.pass_by(content.rows()))
    check_reconciles(program, content.tally)
    _check_is_what_was_prepared(preparation, passed.digest)
    manifest.add(difference_rows(preparation))
    return store(
        Stream.PROGRAM,
        program.uid,
        manifest,
        day,
        by=by,
        report=report,
        public_from=preparation.public_from,
        files_of=content.files,
    )


def _check_is_what_was_prepared(preparation: Preparation, digest: str) -> None:
    """What the first person reconciled is what becomes public, and the ledger beside it still says what it said."""
    program = preparation.program
    before = queries.release_before(program, preparation.public_from)
    same = (
        digest == preparation.manifest
        and sheet.books_of(program) == sheet.ledger_in(preparation.sheet)
        and (before and str(before.uid)) == (preparation.sheet["before"] or {}).get("uid")
    )
    if same:
        return
    since = queries.recorded_since(preparation)
    if since:
        entries = "1 entry was" if since == 1 else f"{since} entries were"
        said = f"{entries} recorded since this was prepared"
    else:
        said = "What would be released reads otherwise than when this was prepared"
    raise Refused(f"{said}: give it up and prepare it again.")


def difference_rows(preparation: Preparation) -> Iterator[Row]:
    """Why totals differ, as the public reads it.

    What a total was before is not said where a row is newly withheld, or is gone because a delay holds it back: the two
    would tell its amount for ever, also when the release before is taken back.
    """
    told = {one.place: one.sentence for one in preparation.explanations.order_by("pk")}
    for line in preparation.sheet["lines"]:
        if line["place"] in told and line["difference"] is not None:
            code = line["currency"]
            cells = cells_of(
                place=line["place"],
                before=None if line["hides"] else _money(line["before"], code),
                after=_money(line["after"], code),
                sentence=told[line["place"]],
            )
            yield Row("difference", preparation.program.uid, cells)


def _money(minor: str | None, currency: str) -> Money | None:
    return None if minor is None else Money(int(minor), currency)


def _tell_preparer(preparation: Preparation, by: User) -> None:
    sentence = f"Released: what you prepared of “{preparation.program.title}”."[:300]
    notify(person=preparation.prepared_by, sentence=sentence, path=_path(preparation))
