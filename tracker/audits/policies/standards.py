"""Which kinds of engagement a standard is made for (OVERSIGHT 1.8). Said to the planner, who knows the mandate."""

from tracker.audits.models import EngagementKind, Standard

_K, _S = EngagementKind, Standard
MADE_FOR: dict[str, frozenset[str]] = {
    # GAGAS: financial audits, attestation engagements, performance audits; single audits rest on it (2 CFR 200.514).
    _S.GAGAS: frozenset(
        {_K.FINANCIAL, _K.ATTESTATION, _K.PERFORMANCE, _K.SINGLE_AUDIT, _K.FOLLOW_UP}
    ),
    # ISSAI 100: financial (200), performance (300) and compliance audits (400).
    _S.ISSAI: frozenset({_K.FINANCIAL, _K.PERFORMANCE, _K.COMPLIANCE, _K.SPECIAL, _K.FOLLOW_UP}),
    # Global Internal Audit Standards: assurance and advice from within.
    _S.IIA: frozenset({_K.INTERNAL_AUDIT, _K.ADVISORY, _K.COMPLIANCE, _K.FOLLOW_UP, _K.SPOT_CHECK}),
    # CIGIE: the Blue Book for inspections and evaluations, and standards of its own for investigations.
    _S.CIGIE: frozenset(
        {
            *(_K.INSPECTION, _K.ADVISORY, _K.SPOT_CHECK, _K.END_USE_CHECK),
            *(_K.FOLLOW_UP, _K.INVESTIGATION),
        }
    ),
}


def said_of(kind: str, standard: str) -> str:
    """A sentence if the standard is not made for the kind, which others are; nothing if it is."""
    if kind in MADE_FOR[standard]:
        return ""
    others = [_S(one).label for one, kinds in MADE_FOR.items() if kind in kinds]
    named = " or ".join(others)
    other = f"; made for it: {named}" if named else "; none of the four is"
    said = f"{_S(standard).label} is not made for this kind of work ({_K(kind).label}){other}."
    return f"{said} Keep it only if the office's mandate says so."
