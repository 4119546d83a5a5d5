"""The delegation of authority: whose signatures an amount needs on a day, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.accounts.models import Organisation
from tracker.ledger.models import (
    SIGNATURES,
    Approval,
    ChangeStatus,
    SigningLevel,
    SigningLimit,
    Voucher,
    VoucherKind,
    VoucherVersion,
)
from tracker.shared.dates import say_day
from tracker.shared.errors import Refused
from tracker.shared.money import Money

ORDER = list(SigningLevel)
Asking = Voucher | VoucherVersion


@dataclass(frozen=True)
class Asked:
    """The signatures that are needed, and the rule of the table that says so."""

    level: SigningLevel
    why: str

    @property
    def signatures(self) -> int:
        return SIGNATURES[self.level]

    @property
    def senior(self) -> bool:
        return self.level == SigningLevel.WITH_SENIOR


@dataclass(frozen=True)
class Table:
    """An organisation's confirmed limits, read as they stand on one day."""

    organisation: Organisation
    day: date
    rows: tuple[SigningLimit, ...]

    @classmethod
    def of(cls, organisation: Organisation, day: date | None = None) -> "Table":
        """As it stands on a day (today by the organisation's calendar). One query, and one for the day."""
        found = SigningLimit.objects.filter(
            organisation=organisation, decision__verdict=ChangeStatus.CONFIRMED
        ).select_related("decision")
        return cls(organisation, day or organisation.today(), tuple(found))

    @property
    def in_force(self) -> list[SigningLimit]:
        return [row for row in self.rows if row.holds_on(self.day)]

    @property
    def lapsed_on(self) -> date | None:
        """The last day of a table of which nothing is in force any more; None while something is, or never was."""
        if self.in_force:
            return None
        ended = [row.valid_until for row in self.rows if row.valid_until is not None]
        return max((day for day in ended if day < self.day), default=None)

    def limit(self, level: str, currency: str, kind: str) -> SigningLimit | None:
        """The row that counts: one for this kind before one for every kind, and of those the newest confirmed."""
        found = [r for r in self.in_force if _is_about(r, level, currency, kind)]
        return max(found, key=lambda row: (row.kind != "", row.decision.pk), default=None)

    def asks(self, kind: str, amounts: Sequence[Money] | None) -> Asked:
        """Whose signatures are needed for these amounts, one per currency; None where no value is stated.

        Refuses when the table has ended, and what is above everybody's limit.
        """
        if self.lapsed_on is not None:
            raise Refused(
                f"The delegation of authority of {self.organisation.label} ended on {say_day(self.lapsed_on)}: "
                "nobody may approve until two administrators put a new one in force."
            )
        if not self.in_force:
            why = f"No delegation of authority of {self.organisation.label} is recorded: one approver suffices."
            return Asked(SigningLevel.ONE, why)
        if not amounts:
            why = "No value is stated, so no limit can bear it: two approvers sign, one of them senior."
            return Asked(SigningLevel.WITH_SENIOR, why)
        asked = [self._asks(kind, abs(amount)) for amount in amounts]
        return max(asked, key=lambda one: ORDER.index(one.level))

    def _asks(self, kind: str, amount: Money) -> Asked:
        rows = {level: self.limit(level, amount.currency, kind) for level in ORDER}
        if not any(rows.values()):
            why = f"The delegation of authority has no limit in {amount.currency} that is in force: two approvers "
            return Asked(SigningLevel.WITH_SENIOR, f"{why}sign, one of them senior.")
        one, two, senior = (rows[level] for level in ORDER)
        if one is not None and bears(one, amount):
            return Asked(SigningLevel.ONE, f"One approver suffices {_until(one)}.")
        above = self._above(one, SigningLevel.ONE, amount.currency, kind)
        if two is not None and bears(two, amount):
            return Asked(SigningLevel.TWO, f"{above} two approvers sign, {_until(two)}.")
        if senior is None or bears(senior, amount):
            above = self._above(two, SigningLevel.TWO, amount.currency, kind) if two else above
            why = f"{above} two approvers sign, one of them senior."
            return Asked(SigningLevel.WITH_SENIOR, why)
        raise Refused(
            f"{amount} is more than anybody of {self.organisation.label} may approve (at most {senior.up_to}): "
            "lower the amount, or have two administrators raise the delegation of authority."
        )

    def _above(self, row: SigningLimit | None, level: str, currency: str, kind: str) -> str:
        if row is not None:
            return f"Above {row.up_to}"
        ended = [
            r.valid_until
            for r in self.rows
            if _is_about(r, level, currency, kind) and r.valid_until and r.valid_until < self.day
        ]
        if ended:
            return f"The limit for {SigningLevel(level).label} ended on {say_day(max(ended))}:"
        return f"No limit for {SigningLevel(level).label} is recorded in {currency}:"


def _is_about(row: SigningLimit, level: str, currency: str, kind: str) -> bool:
    return row.level == level and row.currency == currency and row.kind in ("", kind)


def bears(row: SigningLimit, amount: Money) -> bool:
    """Does the limit reach up to the amount? The amount itself belongs to it."""
    return row.up_to is None or amount <= row.up_to


def _until(row: SigningLimit) -> str:
    return "without an upper limit" if row.up_to is None else f"up to {row.up_to}"


def amounts_of(asked: Asking) -> list[Money] | None:
    """What the table judges: the amount; of a batch what its rows come to per currency. None where none is stated."""
    if asked.kind != VoucherKind.BATCH:
        return None if asked.amount is None else [asked.amount]
    if isinstance(asked, Voucher):
        return None
    return [row.amount for row in asked.sums.order_by("currency")]


def check_signatures_asked(asked: Asking, day: date | None = None) -> Asked:
    """Whose signatures the voucher needs on a day (today); refuses what nobody may approve."""
    organisation = asked.organisation if isinstance(asked, Voucher) else asked.voucher.organisation
    return Table.of(organisation, day).asks(asked.kind, amounts_of(asked))


def are_complete(approvals: Sequence[Approval]) -> bool:
    """Are these, in their order, all the signatures that the last of them asked for?"""
    if not approvals:
        return False
    level = approvals[-1].level
    if len(approvals) < SIGNATURES[level]:
        return False
    return level != SigningLevel.WITH_SENIOR or has_senior(approvals)


def has_senior(approvals: Sequence[Approval]) -> bool:
    return any(row.is_senior for row in approvals)
