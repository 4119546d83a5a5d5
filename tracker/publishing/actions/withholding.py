"""Every write about what the public does not see: fields, records, rules, delays, and whole programs."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import Role, User
from tracker.audits.models import Engagement, Finding
from tracker.journal import actions as journal
from tracker.programs.models import Program
from tracker.publishing import policies, queries, scopes
from tracker.publishing.actions.counts import refresh_unpublished_counts
from tracker.publishing.models import NotPublished, Scope, Withholding, WithholdingStatus
from tracker.shared import onward
from tracker.shared.clock import database_now
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields


@transaction.atomic
def propose_withholding(
    *,
    program: Program,
    record_kind: str,
    record: UUID | None = None,
    field: str = "",
    scope: str = Scope.FIELD,
    stand_in: Mapping[str, Any] | None = None,
    minimum_percent: int | None = None,
    in_sums: bool = False,
    days: int | None = None,
    category: str,
    legal_basis: str,
    reason: str,
    review_on: date,
    by: User,
) -> Withholding:
    """Propose that the public does not see something of a program. Nothing changes until another person decides.

    `scope` says what is named (`scopes.py`): `record_kind` and `field` by the names of the release, `record` by its
    identifier. `stand_in`: what stands in the place of the value (`standins.py`). The public reads reason and basis.
    """
    program = _one_by_one(program)
    policies.check_can_withhold(by, program)
    scopes.check_scope(scope, record_kind, record, field, days)
    scopes.check_how(scope, field, stand_in, minimum_percent, in_sums)
    withholding = Withholding(
        program=program,
        scope=scope,
        record=record,
        record_kind=record_kind,
        field=field,
        stand_in=stand_in,
        minimum_percent=minimum_percent,
        in_sums=in_sums,
        days=days,
        category=category,
        legal_basis=legal_basis.strip(),
        reason=reason.strip(),
        review_on=review_on,
        proposed_by=by,
    )
    return _proposed(withholding, by)


def _one_by_one(program: Program) -> Program:
    """Locked, so that the same field is not proposed twice; postings go on."""
    return Program.objects.select_for_update(no_key=True).get(pk=program.pk)


def _proposed(withholding: Withholding, by: User) -> Withholding:
    program, kind, record = withholding.program, withholding.record_kind, withholding.record
    policies.check_reviewed_later(withholding.review_on, program.owner.today())
    if record is not None and not queries.belongs(program, kind, record):
        raise Refused({"record": f"This program has no {kind} of that identifier."})
    withholding.stand_in = queries.checked_stand_in(withholding)
    check_fields(withholding, exclude=("proposed_at", "stand_in"))
    withholding.save()
    _record(withholding, "create", by)
    _tell_officers(withholding, by)
    return withholding


def _record(withholding: Withholding, op: str, by: User) -> int:
    fields = {
        name: getattr(withholding, name)
        for name in (
            *("program", "record", "record_kind", "field", "status", "category"),
            *("legal_basis", "reason", "review_on", "office"),
            *("scope", "stand_in", "minimum_percent", "in_sums", "days", "what"),
        )
    }
    return journal.record("withholding", record=withholding, op=op, by=by, fields=fields)


def _path(withholding: Withholding) -> str:
    return reverse("publishing:withholding", args=[withholding.uid])


_PUBLIC = dict.fromkeys(Scope.values, "stays public") | {Scope.DELAY: "are not held back"}


def _is(withholding: Withholding) -> str:
    return "are" if withholding.scope == Scope.DELAY else "is"


def _tell_officers(withholding: Withholding, by: User) -> None:
    what = withholding.what
    for person in queries.people_holding(withholding.program, Role.DISCLOSURE):
        if person.pk != by.pk:
            sentence = f"Decide whether {what} {_is(withholding)} withheld from the public."
            notify(person=person, sentence=sentence, path=_path(withholding))


def _locked(withholding: Withholding) -> Withholding:
    return Withholding.objects.select_for_update().get(pk=withholding.pk)


def _save(withholding: Withholding, op: str, by: User, **fields: object) -> Withholding:
    for name, value in fields.items():
        setattr(withholding, name, value)
    check_fields(withholding, exclude=("stand_in",))
    withholding.save(update_fields=list(fields))
    _record(withholding, op, by)
    return withholding


@transaction.atomic
def decide_withholding(*, withholding: Withholding, by: User) -> Withholding:
    """Put a proposal in force: from the next release on, the public reads the reason in the place of the value."""
    withholding = _locked(withholding)
    policies.check_can_decide_withholding(by, withholding)
    policies.check_reviewed_later(withholding.review_on, withholding.program.owner.today())
    queries.checked_stand_in(withholding)  # the value, or a rule, may have changed since
    return _decide(withholding, WithholdingStatus.IN_FORCE, "decide", by)


@transaction.atomic
def decline_withholding(*, withholding: Withholding, by: User) -> Withholding:
    """Turn a proposal down: the field stays public."""
    withholding = _locked(withholding)
    policies.check_can_decide_withholding(by, withholding)
    return _decide(withholding, WithholdingStatus.DECLINED, "decline", by)


def _decide(withholding: Withholding, status: str, op: str, by: User) -> Withholding:
    home = by.organisation or withholding.program.owner
    decided = {"decided_by": by, "decided_at": database_now(), "office": home.name}
    _save(withholding, op, by, status=status, **decided)
    held = status == WithholdingStatus.IN_FORCE
    words = f"{_is(withholding)} withheld" if held else _PUBLIC[withholding.scope]
    _release_anew(withholding)
    notify(
        person=withholding.proposed_by,
        sentence=f"Decided: {withholding.what} {words}.",
        path=_path(withholding),
    )
    return withholding


@transaction.atomic
def review_withholding(*, withholding: Withholding, review_on: date, by: User) -> Withholding:
    """Look at a withholding again and keep it in force until a later review."""
    withholding = _locked(withholding)
    policies.check_can_review_withholding(by, withholding)
    policies.check_reviewed_later(review_on, withholding.program.owner.today())
    looked = {"reviewed_by": by, "reviewed_at": database_now()}
    return _save(withholding, "review", by, review_on=review_on, **looked)


@transaction.atomic
def lift_withholding(*, withholding: Withholding, by: User) -> Withholding:
    """End a withholding: the next release states the value again."""
    withholding = _locked(withholding)
    policies.check_can_lift_withholding(by, withholding)
    lifted = {"lifted_by": by, "lifted_at": database_now()}
    withholding = _save(withholding, "lift", by, status=WithholdingStatus.LIFTED, **lifted)
    _release_anew(withholding)
    return withholding


def _release_anew(withholding: Withholding) -> None:
    """Where the audit office releases changes as they happen, a field is covered and uncovered at once, too."""
    record = withholding.record
    if record is None:
        return
    finding = Finding.objects.filter(Q(uid=record) | Q(recommendations__uid=record)).first()
    engagement = Engagement.objects.filter(Q(uid=record) | Q(findings=finding)).first()
    if engagement is not None:
        onward.happened(onward.AUDIT_MOVED, engagement=engagement, finding=finding)


# --- Whole programs --------------------------------------------------------


@transaction.atomic
def decide_not_published(
    *, program: Program, category: str, reason: str, review_on: date, by: User
) -> NotPublished:
    """Decide that a program is not public. The public sees that there is one more, its category and the review date."""
    program = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    policies.check_can_decide_not_published(by, program)
    policies.check_reviewed_later(review_on, program.owner.today())
    if not reason.strip():
        raise Refused({"reason": "Write down why the program is not published."})
    decision = NotPublished(
        program=program,
        category=category,
        reason=reason.strip(),
        review_on=review_on,
        decided_by=by,
    )
    check_fields(decision, exclude=("decided_at",))
    decision.save()
    _record_decision(decision, "create", by)
    refresh_unpublished_counts()
    return decision


@transaction.atomic
def lift_not_published(*, decision: NotPublished, by: User) -> NotPublished:
    """End the decision: the program can be published, and counts as undecided until it is."""
    decision = NotPublished.objects.select_for_update().get(pk=decision.pk)
    policies.check_can_lift_not_published(by, decision)
    decision.lifted_by, decision.lifted_at = by, database_now()
    decision.save(update_fields=["lifted_by", "lifted_at"])
    _record_decision(decision, "lift", by)
    refresh_unpublished_counts()
    return decision


def _record_decision(decision: NotPublished, op: str, by: User) -> None:
    fields = {
        name: getattr(decision, name) for name in ("program", "category", "reason", "review_on")
    }
    journal.record("not_published", record=decision, op=op, by=by, fields=fields)
