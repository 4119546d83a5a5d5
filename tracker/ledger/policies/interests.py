"""Declared interests: what they block, and who ends them."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from tracker.accounts.models import SIGNERS, Organisation, Role, User
from tracker.ledger.models import (
    INTEREST_TRANSITIONS,
    InterestDeclaration,
    InterestEnd,
    InterestKind,
    InterestStatus,
    Voucher,
    VoucherVersion,
    colleagues_of,
)
from tracker.programs.models import Participation
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.states import check_transition


def normalised(name: str) -> str:
    """A name as it is compared: letters and digits only, without their case, their form and what stands between."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(re.findall(r"\w+", plain))


@dataclass(frozen=True)
class Interests:
    """What a person has declared and nobody has ended: organisations, and names of payees as they are compared."""

    organisations: frozenset[int]
    names: frozenset[str]

    @classmethod
    def of(cls, *people: User) -> "Interests":
        """One query for all of these people together."""
        rows = InterestDeclaration.objects.all().in_force().filter(person__in=people)
        organisations: set[int] = set()
        names: set[str] = set()
        for row in rows.select_related("concerns", "text"):
            if row.concerns is not None:
                organisations.add(row.concerns.pk)
                names |= {normalised(row.concerns.name), normalised(row.concerns.short_name)}
            names.add(normalised(row.text.payee))
        return cls(frozenset(organisations), frozenset(names - {""}))

    def __bool__(self) -> bool:
        return bool(self.organisations or self.names)

    def touch(self, organisations: Iterable[int | None], names: Iterable[str]) -> bool:
        """Is one of these organisations or payees among them?"""
        if not self.organisations.isdisjoint(organisations):
            return True
        return any(normalised(name) in self.names for name in names)


def parties_of(asked: "Voucher | VoucherVersion") -> set[int | None]:
    """Whom a voucher concerns: who gives, who receives, who takes part in the program."""
    parties = {asked.provider_id, asked.receiver_id}
    if asked.program_id is not None:
        rows = Participation.objects.filter(program=asked.program_id)
        parties |= set(rows.values_list("organisation", flat=True))
    return parties


def payee_of(asked: "Voucher | VoucherVersion") -> str:
    return asked.payee if isinstance(asked, Voucher) else asked.text.payee


def check_has_no_interest(user: User, asked: "Voucher | VoucherVersion", to: str) -> None:
    """Nobody has a part in what they have a stake in. The sentence does not say in what: others may read it."""
    interests = Interests.of(user)
    if interests and interests.touch(parties_of(asked), [payee_of(asked)]):
        refuse_for_interest("this voucher", to)


def refuse_for_interest(what: str, to: str) -> None:
    raise NotAllowed(
        f"You declared an interest that concerns {what}, so you do not {to} it: leave it to somebody else. "
        "If the interest is over, say so under “My interests” and have that confirmed."
    )


# --- Declaring and ending --------------------------------------------------


def check_interest_is_new(
    person: User, kind: str, concerns: Organisation | None, payee: str
) -> None:
    mine = InterestDeclaration.objects.all().in_force().filter(person=person, kind=kind)
    if kind == InterestKind.ORGANISATION and mine.filter(concerns=concerns).exists():
        raise Refused({"concerns": "You have declared this interest already, and it is in force."})
    if kind == InterestKind.PAYEE:
        known = {normalised(name) for name in mine.values_list("text__payee", flat=True)}
        if normalised(payee) in known:
            raise Refused({"payee": "You have declared this interest already, and it is in force."})


def check_can_end_interest(user: User, declaration: InterestDeclaration) -> None:
    """Whose interest it is says that it is over; somebody else confirms that."""
    if declaration.person_id != user.pk:
        raise NotAllowed("Only the person whose interest it is says that it is over.")
    if declaration.kind == InterestKind.NOTHING:
        raise Refused("Nothing was declared: there is nothing to end.")
    if declaration.status == InterestStatus.ENDING:
        raise Refused("Its end waits for a second person already.")
    check_transition(INTEREST_TRANSITIONS, declaration.status, InterestStatus.ENDING)


def check_can_decide_interest_end(user: User, end: InterestEnd) -> None:
    """An approver or administrator where the person holds a role, who is not that person."""
    person = end.declaration.person
    if user.pk == person.pk:
        raise NotAllowed("This interest is yours: another person confirms that it is over.")
    if not colleagues_of(user, *SIGNERS, Role.ADMINISTRATOR).filter(Q(pk=person.pk)).exists():
        raise NotAllowed(
            "Only an approver or an administrator of an organisation in which the person holds a role may confirm "
            "or decline the end of an interest."
        )
    decision = getattr(end, "decision", None)
    if decision is not None:
        raise Refused(f"This end is {decision.verdict} already: nothing is left to decide.")
