"""Who may sign: the table of an organisation, delegations, and the signatures of one voucher."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from tracker.accounts.models import SIGNERS, Membership, Organisation, Role, User
from tracker.accounts.policies import administrators_in_force
from tracker.journal import queries as journal
from tracker.ledger import policies
from tracker.ledger.models import (
    Approval,
    ChangeStatus,
    Delegation,
    EmergencyPosting,
    SigningLevel,
    SigningLimit,
    Voucher,
    VoucherKind,
    VoucherStatus,
    VoucherVersion,
)
from tracker.ledger.queries.histories import said_events
from tracker.ledger.queries.interests import interested_in, without_interests_of
from tracker.programs.models import Program
from tracker.shared.errors import Refused

SHOWN = 3


# --- People ----------------------------------------------------------------


def approvers_of(voucher: Voucher, *roles: str) -> QuerySet[User]:
    """Everybody who may approve it: approvers of its program or organisation, and who stands in for one of them today.

    None of them had a hand in it. `roles` narrows them down, to senior approvers for example.
    """
    over = Q(organisation=voucher.organisation_id)
    if voucher.program_id is not None:
        over |= Q(program=voucher.program_id)
    held = Membership.objects.in_force().filter(over, role__in=roles or SIGNERS)
    editors = voucher.edits.values("person")
    day, organisation = voucher.organisation.today(), voucher.organisation_id
    handed = policies.delegations_on(
        day, organisation=organisation, delegator__in=held.values("person")
    )
    editing = set(editors.values_list("person", flat=True)) if handed else set()
    stand_ins = [d.delegate_id for d in handed if d.delegator_id not in editing]
    people = User.objects.filter(Q(pk__in=held.values("person")) | Q(pk__in=stand_ins))
    people = people.filter(is_active=True).exclude(pk__in=editors)
    interested = interested_in(voucher, people.values("pk"))
    return people.exclude(pk__in=interested).order_by("name", "pk")


def signers_missing(version: VoucherVersion) -> QuerySet[User]:
    """Who could give the next signature: without those who have signed, or for whom somebody has signed."""
    given = _given(version)
    if not given:
        return approvers_of(version.voucher)
    roles = (Role.SENIOR_APPROVER,) if _only_senior(given) else ()
    used = {row.approver_id for row in given}
    used |= {row.delegation.delegator_id for row in given if row.delegation is not None}
    return approvers_of(version.voucher, *roles).exclude(pk__in=used)


def _given(version: VoucherVersion) -> list[Approval]:
    rows = version.approvals.select_related("approver", "delegation__delegator")
    return list(rows.order_by("pk"))


def _only_senior(given: Sequence[Approval]) -> bool:
    """By the last signature's account, only a senior approver's is missing."""
    return given[-1].level == SigningLevel.WITH_SENIOR and not policies.has_senior(given)


def waiting_for(user: User) -> QuerySet[Voucher]:
    """Submitted vouchers that this person may sign: had no hand in them, has not signed, and is of use."""
    held = Membership.objects.in_force().filter(person=user, role__in=SIGNERS)
    handed = stands_in(user)
    rows = Voucher.objects.waiting().filter(_within(user, handed, *SIGNERS))
    rows = rows.exclude(edits__person=user)
    own = Approval.objects.filter(version__voucher=OuterRef("pk"), version__returns=None)
    rows = rows.exclude(Exists(own.filter(approver=user)))
    rows = rows.exclude(Exists(own.filter(delegation__delegator=user)))
    if not held.exists() and not handed:
        return rows.none()
    senior = _within(user, handed, Role.SENIOR_APPROVER)
    wants_senior = Exists(own.filter(level=SigningLevel.WITH_SENIOR))
    has_senior = Exists(own.filter(signed_as=Role.SENIOR_APPROVER))
    return without_interests_of(user, rows.exclude(~senior & wants_senior & ~has_senior))


def stands_in(user: User) -> list[Delegation]:
    """The delegations to a person that are in force today, each by its own organisation's calendar."""
    rows = Delegation.objects.filter(
        delegate=user, decision__verdict=ChangeStatus.CONFIRMED, ending=None
    )
    rows = rows.select_related("organisation", "delegator")
    today = {row.organisation_id: row.organisation.today() for row in rows}
    return [d for d in rows if d.valid_from <= today[d.organisation_id] <= d.valid_until]


def _within(user: User, handed: Sequence[Delegation], *roles: str) -> Q:
    """Vouchers over which the person holds one of the roles, or stands in for somebody who does."""
    found = Q()
    for person in (user, *(d.delegator for d in handed)):
        held = Membership.objects.in_force().filter(person=person, role__in=roles)
        own = Q(organisation__in=held.filter(organisation__isnull=False).values("organisation"))
        own |= Q(program__in=held.filter(program__isnull=False).values("program"))
        if person != user:
            own &= Q(organisation__in=[d.organisation_id for d in handed if d.delegator == person])
        found |= own
    return found


# --- The signatures of a voucher -------------------------------------------


@dataclass(frozen=True)
class Signatures:
    """What a version has and what it still needs, for the page. `refused`: nobody can sign it now, and why."""

    given: list[Approval] = field(default_factory=list)
    level: str = SigningLevel.ONE
    why: str = ""
    refused: str = ""
    people: list[User] = field(default_factory=list)  # the first of those who could sign next
    more: bool = False
    complete: bool = False
    emergency: EmergencyPosting | None = None

    @property
    def needed(self) -> int:
        """What the table asks for, or more: somebody has signed in vain before the table changed."""
        needed = policies.SIGNATURES[self.level]
        lacks = self.only_senior and not self.complete
        return max(needed, len(self.given) + (1 if lacks else 0))

    @property
    def only_senior(self) -> bool:
        """Is it a senior approver whose signature is missing?"""
        enough = len(self.given) + 1 >= policies.SIGNATURES[self.level]
        senior = self.level == SigningLevel.WITH_SENIOR
        return senior and enough and not policies.has_senior(self.given)

    @property
    def said(self) -> str:
        return f"{len(self.given)} of {self.needed} signature{'' if self.needed == 1 else 's'}"

    @property
    def label(self) -> str:
        return SigningLevel(self.level).label

    @property
    def names(self) -> str:
        return ", ".join(p.name for p in self.people) + (" and others" if self.more else "")


def signatures_of(voucher: Voucher, version: VoucherVersion | None) -> Signatures | None:
    """The signatures of the newest version; None as long as nothing waits and nothing was signed."""
    if version is None:
        return None
    given = _given(version)
    if voucher.status != VoucherStatus.SUBMITTED:
        if not given:
            return None
        done = voucher.status == VoucherStatus.POSTED
        alone = EmergencyPosting.objects.filter(version=version).select_related("review").first()
        return Signatures(given, given[-1].level, complete=done, emergency=alone)
    people = list(signers_missing(version)[: SHOWN + 1])
    shown, more = people[:SHOWN], len(people) > SHOWN
    try:
        asked = policies.check_signatures_asked(version)
    except Refused as refusal:
        level = given[-1].level if given else SigningLevel.ONE
        return Signatures(given, level, refused=refusal.sentence)
    return Signatures(given, asked.level, asked.why, people=shown, more=more)


def signatures_expected(voucher: Voucher) -> str:
    """Before it is submitted: the rule that the table has for it; empty where it cannot be told yet."""
    if voucher.kind == VoucherKind.BATCH or voucher.amount is None:
        return ""
    try:
        return policies.check_signatures_asked(voucher).why
    except Refused as refusal:
        return refusal.sentence


# --- The table -------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """What holds in one currency for one kind of voucher ("": every kind): a limit for each level, or none."""

    currency: str
    kind: str
    limits: list[SigningLimit | None]

    @property
    def cells(self) -> list[tuple[str, SigningLimit | None]]:
        return [(level.label, row) for level, row in zip(SigningLevel, self.limits, strict=True)]

    @property
    def kind_said(self) -> str:
        return VoucherKind(self.kind).label if self.kind else "every kind"


def lines_of(table: policies.Table) -> list[Line]:
    """The table as it stands on its day: a line per currency and kind that has a row of its own."""
    keys = sorted({(row.currency, row.kind) for row in table.in_force})
    return [
        Line(code, kind, [table.limit(level, code, kind) for level in SigningLevel])
        for code, kind in keys
    ]


def limits_of(organisation: Organisation) -> QuerySet[SigningLimit]:
    """Every limit that was ever proposed and what was decided, the newest first."""
    related = ("proposed_by", "decision__decided_by", "decision__text")
    return organisation.signing_limits.select_related(*related).order_by("-pk")


def limits_waiting_for(user: User) -> QuerySet[SigningLimit]:
    """Limits that this person may put in force: another administrator proposed them."""
    held = Membership.objects.in_force().filter(
        person=user, role=Role.ADMINISTRATOR, organisation__isnull=False
    )
    rows = SigningLimit.objects.filter(organisation__in=held.values("organisation"), decision=None)
    related = rows.exclude(proposed_by=user).select_related("organisation", "proposed_by")
    return related.order_by("pk")


def deciders_of_limit(limit: SigningLimit) -> QuerySet[User]:
    return administrators_in_force(limit.organisation).exclude(pk=limit.proposed_by_id)


# --- Delegations -----------------------------------------------------------


def delegations_for_table(rows: QuerySet[Delegation]) -> QuerySet[Delegation]:
    related = ("organisation", "delegator", "delegate", "decision__decided_by", "ending__ended_by")
    return rows.select_related(*related, "decision__text")


def _may_decide() -> tuple[str, ...]:
    return (*SIGNERS, Role.ADMINISTRATOR)


def deciders_of_delegation(delegation: Delegation) -> QuerySet[User]:
    """Approvers and administrators of the organisation who are neither of the two."""
    held = Membership.objects.in_force().filter(
        organisation=delegation.organisation_id, role__in=_may_decide()
    )
    two = (delegation.delegator_id, delegation.delegate_id)
    return User.objects.filter(pk__in=held.values("person")).exclude(pk__in=two).order_by("pk")


def delegations_waiting_for(user: User, day: date) -> QuerySet[Delegation]:
    """Delegations that this person may confirm: of others, and not over yet."""
    held = Membership.objects.in_force().filter(
        person=user, organisation__isnull=False, role__in=_may_decide()
    )
    rows = Delegation.objects.filter(
        organisation__in=held.values("organisation"),
        decision=None,
        ending=None,
        valid_until__gte=day,
    )
    return delegations_for_table(rows.exclude(Q(delegator=user) | Q(delegate=user))).order_by("pk")


def history_of_delegation(delegation: Delegation) -> list[dict[str, Any]]:
    """What happened to a delegation, the newest first."""
    records = [delegation.uid]
    for name in ("decision", "ending"):
        row = getattr(delegation, name, None)
        records += [row.uid] if row is not None else []
    return said_events(journal.history_of(*records))


def organisations_to_sign_for(user: User) -> QuerySet[Organisation]:
    """Where the person holds a signing role that they could hand over."""
    held = Membership.objects.in_force().filter(person=user, role__in=SIGNERS)
    programs = Program.objects.filter(pk__in=held.filter(program__isnull=False).values("program"))
    own = held.filter(organisation__isnull=False).values("organisation")
    found = Organisation.objects.filter(Q(pk__in=own) | Q(pk__in=programs.values("owner")))
    return found.order_by("name", "pk")


def could_stand_in(organisations: QuerySet[Organisation], user: User) -> QuerySet[User]:
    """The colleagues to whom approving may be handed: they see vouchers, and neither audit nor administrate."""

    def holders(*roles: str) -> QuerySet[Membership]:
        over = Q(organisation__in=organisations) | Q(program__owner__in=organisations)
        return Membership.objects.in_force().filter(over, role__in=roles)

    found = User.objects.filter(pk__in=holders(*policies.STANDS_IN).values("person"))
    apart = holders(Role.AUDITOR, Role.ADMINISTRATOR).values("person")
    return found.exclude(pk__in=apart).exclude(pk=user.pk).order_by("name", "pk")
