"""Taking back what is public: by two persons, or in a hurry by one, whom a second one reviews within 24 hours.

Nothing here waits for a release of the program that is being made: what is locked is the release that goes, and, for a
moment, the public lists.
"""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import Role, User
from tracker.journal import actions as journal
from tracker.programs.models import Program
from tracker.publishing import policies, queries
from tracker.publishing.actions.pointers import repoint
from tracker.publishing.models import (
    Release,
    Takedown,
    TakedownStatus,
    Tombstone,
    TombstoneVerdict,
)
from tracker.shared.clock import database_now
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_columns, refused_if

REVIEWED_WITHIN = timedelta(hours=24)
_ONCE = {
    "takedown_once_per_release": policies.DOWN_ALREADY,
    "tracker_takedown.release_id": policies.DOWN_ALREADY,
}
_SAID = (
    *("program", "release", "status", "category", "legal_basis", "reason", "review_due_at"),
    *("verdict", "tombstone"),
)


@transaction.atomic
def propose_withdrawal(
    *, release: Release, category: str, legal_basis: str, reason: str, by: User
) -> Takedown:
    """Propose that a release is taken back. It stays public until another person decides."""
    program = _program_of(release)
    policies.check_can_take_back(by, program, _locked_release(release))
    takedown = _new(program, release, TakedownStatus.PROPOSED, by, category, legal_basis, reason)
    _save(takedown)
    _record(takedown, "create", by)
    _tell_others(takedown, by, f"Decide whether release {release.number} is taken back.")
    return takedown


@transaction.atomic
def decide_withdrawal(*, takedown: Takedown, by: User) -> Tombstone:
    """Take the release back as proposed: nothing public shows it from now on, and a tombstone says why."""
    takedown = _locked(takedown)
    policies.check_can_decide_withdrawal(by, takedown, TakedownStatus.STANDING)
    takedown.tombstone = _raise(takedown, by)
    _decided(takedown, TakedownStatus.STANDING, "decide", by)
    return takedown.tombstone


@transaction.atomic
def decline_withdrawal(*, takedown: Takedown, verdict: str, by: User) -> Takedown:
    """Turn the proposal down: the release stays public."""
    takedown = _locked(takedown)
    policies.check_can_decide_withdrawal(by, takedown, TakedownStatus.DECLINED)
    takedown.verdict = _written("verdict", verdict)
    _decided(takedown, TakedownStatus.DECLINED, "decline", by)
    return takedown


@transaction.atomic
def take_down(
    *, release: Release, category: str, legal_basis: str, reason: str, by: User
) -> Tombstone:
    """Take the release down at once, alone. The other disclosure officers are told: one of them reviews it in 24 hours.

    Whoever proposed it before and finds nobody to decide may do so, too.
    """
    program = _program_of(release)
    proposed = policies.check_can_take_down(by, program, _locked_release(release))
    takedown = proposed or _new(program, release, TakedownStatus.URGENT, by)
    takedown.status = TakedownStatus.URGENT
    takedown.category, takedown.legal_basis = category, legal_basis.strip()
    takedown.reason = reason.strip()
    takedown.review_due_at = database_now() + REVIEWED_WITHIN
    takedown.tombstone = _raise(takedown, by)
    _save(takedown)
    _record(takedown, "urgent", by)
    _tell_others(
        takedown, by, f"Review it within 24 hours: release {release.number} was taken down."
    )
    return takedown.tombstone


@transaction.atomic
def review_takedown(*, takedown: Takedown, verdict: str, reason: str, by: User) -> TombstoneVerdict:
    """Say, as a second person, whether what was taken down in a hurry stays down (“upheld”) or is public again."""
    takedown = _locked(takedown)
    policies.check_can_review_takedown(by, takedown, verdict)
    assert takedown.tombstone is not None
    takedown.verdict = _written("reason", reason)
    said = TombstoneVerdict(
        tombstone=takedown.tombstone,
        verdict=verdict,
        reason=takedown.verdict,
        office=_office(takedown, by),
    )
    fields = {n: getattr(said, n) for n in ("tombstone", "verdict", "reason", "office")}
    said.entry_id = journal.record(
        "tombstone_verdict", record=said, op="create", by=by, fields=fields
    )
    said.save()
    upheld = verdict == TombstoneVerdict.UPHELD
    status = TakedownStatus.STANDING if upheld else TakedownStatus.RESTORED
    _decided(takedown, status, "review", by)
    return said


# --- What they have in common ----------------------------------------------


def _program_of(release: Release) -> Program:
    program = Program.objects.select_related("owner").filter(uid=release.subject).first()
    if program is None:
        raise Refused(policies.NOT_OF_A_PROGRAM)
    return program


def _locked_release(release: Release) -> Release:
    """Two who take down the same release come one after the other."""
    return Release.objects.select_for_update(no_key=True).get(pk=release.pk)


def _locked(takedown: Takedown) -> Takedown:
    rows = Takedown.objects.select_for_update(of=("self",))
    return rows.select_related("program__owner", "release", "tombstone").get(pk=takedown.pk)


def _new(
    program: Program,
    release: Release,
    status: str,
    by: User,
    category: str = "",
    legal_basis: str = "",
    reason: str = "",
) -> Takedown:
    return Takedown(
        program=program,
        release=release,
        status=status,
        category=category,
        legal_basis=legal_basis.strip(),
        reason=reason.strip(),
        raised_by=by,
    )


def _written(name: str, text: str) -> str:
    if not text.strip():
        raise Refused({name: "Say why: it stays on the record."})
    if len(text.strip()) > 300:
        raise Refused({name: "Say it in at most 300 characters."})
    return text.strip()


def _save(takedown: Takedown) -> None:
    _check(takedown)
    with refused_if(_ONCE):
        takedown.save()


def _check(takedown: Takedown) -> None:
    """What the public will read is there before anything is taken down."""
    check_columns(takedown, exclude=("raised_at",))


def _record(takedown: Takedown, op: str, by: User) -> int:
    fields = {name: getattr(takedown, name) for name in _SAID}
    return journal.record("takedown", record=takedown, op=op, by=by, fields=fields)


def _office(takedown: Takedown, by: User) -> str:
    """Who decided, as the public reads it: an office, never a person."""
    return str((by.organisation or takedown.program.owner).name)


def _raise(takedown: Takedown, by: User) -> Tombstone:
    """The tombstone; then the lists, which no longer name the release."""
    _check(takedown)
    stone = Tombstone(
        release=takedown.release,
        urgent=takedown.status == TakedownStatus.URGENT,
        category=takedown.category,
        legal_basis=takedown.legal_basis,
        reason=takedown.reason,
        office=_office(takedown, by),
        review_due_at=takedown.review_due_at,
    )
    names = ("release", "urgent", "category", "legal_basis", "reason", "office", "review_due_at")
    fields = {name: getattr(stone, name) for name in names}
    stone.entry_id = journal.record("tombstone", record=stone, op="create", by=by, fields=fields)
    stone.save()
    repoint(takedown.release.subject)
    return stone


def _decided(takedown: Takedown, status: str, op: str, by: User) -> None:
    takedown.status = status
    takedown.decided_by, takedown.decided_at = by, database_now()
    takedown.save()
    _record(takedown, op, by)
    if status == TakedownStatus.RESTORED:
        repoint(takedown.release.subject)
    words = {
        TakedownStatus.DECLINED: "stays public",
        TakedownStatus.STANDING: "is taken back",
        TakedownStatus.RESTORED: "is public again",
    }
    sentence = f"Decided: release {takedown.release.number} of “{takedown.program.title}” {words[TakedownStatus(status)]}."
    notify(person=takedown.raised_by, sentence=sentence, path=path_of(takedown))


def path_of(takedown: Takedown) -> str:
    return reverse("publishing:takedown", args=[takedown.uid])


def _tell_others(takedown: Takedown, by: User, sentence: str) -> None:
    """The other disclosure officers of the program and of its owner."""
    for person in queries.people_holding(takedown.program, Role.DISCLOSURE):
        if person.pk != by.pk:
            said = f"{sentence} “{takedown.program.title}”"
            notify(person=person, sentence=said, path=path_of(takedown))
