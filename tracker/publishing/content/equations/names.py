"""Names, days and texts: what only one thing can be, and what an older release states."""

from collections import defaultdict
from collections.abc import Iterable

from tracker.programs.models import ParticipantRole
from tracker.publishing.content.cells import is_withheld
from tracker.publishing.content.equations.facts import Facts, Ref, RowLike, Version, cell_of, said

SIDES = {"provider": ParticipantRole.DONOR, "receiver": ParticipantRole.RECIPIENT}


def all_told(facts: Facts) -> None:
    _stated_before(facts)
    _single_side(facts)
    _same_chain(facts)
    _participants(facts)


def _stated_before(facts: Facts) -> None:
    """Withheld now, stated in a release that stays public: nothing that is withheld from now on takes it back."""
    for ref, (_, named) in facts.stated.items():
        facts.tell(ref, f"{named} states it and stays public")


def _single_side(facts: Facts) -> None:
    """A payer where the program has one donor, a payee's side where it has one recipient."""
    names = {
        role: [row for row in facts.newest.of("participant") if said(row, "role") == role]
        for role in SIDES.values()
    }
    for ref in facts.withheld:
        role = SIDES.get(ref.field) if ref.kind == "transaction" else None
        found = names[role] if role else []
        name = said(found[0], "organisation") if len(found) == 1 else None
        if name and facts.could_be(ref, name):
            facts.tell(ref, f"the program names a single {role}")


def _same_chain(facts: Facts) -> None:
    """What a payment withholds, the commitment that it draws on and its other payments may all say alike."""
    fields = ("payee", "provider", "receiver", "authority", "delivery_point", "unit")
    hidden = {ref for ref in facts.withheld if ref.kind == "transaction" and ref.field in fields}
    if not hidden:
        return
    rows = {str(row.subject): row for row in facts.newest.of("transaction")}
    chains: dict[str, list[RowLike]] = defaultdict(list)
    for uid, row in rows.items():
        chains[_head(uid, rows)].append(row)
    for ref in sorted(hidden):
        chain = chains[_head(ref.record, rows)]
        telling = [
            row
            for row in chain
            if said(row, ref.field) is not None and not facts.hides(row, ref.field)
        ]
        guesses = {str(said(row, ref.field)) for row in telling}
        if len(guesses) == 1 and facts.could_be(ref, *guesses):
            remedies = [Ref("transaction", str(row.subject), ref.field) for row in telling]
            label = ref.field.replace("_", " ")
            how = f"every other row of the same way from promise to use states one and the same {label}"
            facts.tell(ref, how, "candidate", remedies)


def _head(uid: str, rows: dict[str, RowLike]) -> str:
    """Where the way begins: what this draws on, and what that draws on."""
    seen = {uid}
    while (row := rows.get(uid)) is not None:
        above = said(row, "reverses") or said(row, "draws_on")
        if above is None or str(above) not in rows or str(above) in seen:
            return uid
        uid = str(above)
        seen.add(uid)
    return uid


def _participants(facts: Facts) -> None:
    """A withheld participant whose name other rows state, or that an older release named in the same role."""
    for role in ParticipantRole.values:
        rows = [row for row in facts.newest.of("participant") if said(row, "role") == role]
        covered = [row for row in rows if is_withheld(cell_of(row, "organisation"))]
        if not covered:
            continue
        ref = Ref("participant", role, "organisation")
        named = {said(row, "organisation") for row in rows} - {None}
        for older in facts.versions[1:]:
            if gone := _named(older, role) - named:
                plural = "s" if len(gone) > 1 else ""
                facts.tell(ref, f"{older.named} names the {role}{plural} and stays public")
                break
        if len(covered) == 1:
            _named_elsewhere(facts, ref, role, covered[0])


def _named(version: Version, role: str) -> set[str]:
    return {
        name
        for row in version.of("participant")
        if said(row, "role") == role and (name := said(row, "organisation"))
    }


def _named_elsewhere(facts: Facts, ref: Ref, role: str, covered: RowLike) -> None:
    """One participant of a role is withheld, and one organisation on that side of the payments is no participant."""
    known = {said(row, "organisation") for row in facts.newest.of("participant")}
    side = next((name for name, of in SIDES.items() if of == role), "")
    others = _sides(facts, side) - known
    if len(others) == 1:
        remedies = [
            Ref("transaction", str(row.subject), side)
            for row in facts.newest.of("transaction")
            if said(row, side) in others and not facts.hides(row, side)
        ]
        facts.tell(ref, f"the payments name one {side} that is no participant", "exact", remedies)
    owner = next((said(row, "owner") for row in facts.newest.of("program")), None)
    if role == ParticipantRole.DONOR and owner and owner not in known and not others:
        facts.tell(
            ref, "the owner of the program is named, and is no other participant", "candidate"
        )
    if not is_withheld(cell_of(covered, "country")) and said(covered, "country"):
        facts.tell(
            ref, "its country is stated, and it is the only one of its role there", "candidate"
        )


def _sides(facts: Facts, side: str) -> set[str]:
    rows: Iterable[RowLike] = facts.newest.of("transaction") if side else []
    return {name for row in rows if (name := said(row, side)) and not facts.hides(row, side)}
