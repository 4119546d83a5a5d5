"""What every runner of a race does, and what must be true when all have finished."""

from tests.factories import ledger as make
from tests.factories.programs import make_program
from tracker.accounts.models import User
from tracker.ledger import actions, queries
from tracker.ledger.models import (
    Authority,
    AuthorityYear,
    Balance,
    Transaction,
    Turnover,
    VoucherVersion,
)
from tracker.shared.errors import NotAllowed, Refused


def approve_one(uid: str, by: User) -> str:
    """Approve one version and say in a line what came of it."""
    version = VoucherVersion.objects.get(uid=uid)
    try:
        actions.approve_voucher(version=version, by=by)
    except (Refused, NotAllowed) as refusal:
        return f"refused: {getattr(refusal, 'sentence', refusal)}"
    except Exception as error:
        return f"broken: {error!r}"
    return "posted"


def prepare(count: int, amount: str = "100.00", committed: str = "550.00"):
    """A commitment and more submitted disbursements than it can pay: (commitment, approver, versions)."""
    commitment = make.make_commitment(amount=committed)
    approver = make.approver_of(commitment.program)
    says = {"draws_on": commitment, "amount": make.money(amount)}
    vouchers = [make.make_voucher(commitment.program, "disbursement", **says) for _ in range(count)]
    return commitment, approver, [make.submit(voucher) for voucher in vouchers]


def check_nothing_is_overdrawn(commitment: Transaction, told: list[str], winners: int) -> None:
    broken = [line for line in told if line.startswith("broken")]
    assert not broken, broken
    assert told.count("posted") == winners
    losers = [line for line in told if line.startswith("refused")]
    assert len(losers) == len(told) - winners
    assert all("is left" in line or "that much left" in line for line in losers), losers
    rows = Transaction.objects.filter(draws_on=commitment)
    drawn = sum(row.amount.minor for row in rows)
    balance = Balance.objects.get(transaction=commitment)
    turnover = Turnover.objects.get(program=commitment.program, kind="disbursement")
    assert rows.count() == winners
    assert drawn == balance.drawn.minor == turnover.amount.minor <= balance.value.minor


def prepare_ceiling(count: int, amount: str = "100.00", ceiling: str = "550.00"):
    """A ceiling and more submitted commitments than it bears: (authority, approver, versions)."""
    program = make_program()
    authority = make.make_authority(program.owner)
    make.set_ceiling(authority, ceiling)
    says = {"authority": authority, "amount": make.money(amount)}
    vouchers = [make.make_voucher(program, "commitment", **says) for _ in range(count)]
    return authority, make.approver_of(program), [make.submit(voucher) for voucher in vouchers]


def check_no_ceiling_is_exceeded(authority: Authority, told: list[str], winners: int) -> None:
    broken = [line for line in told if line.startswith("broken")]
    assert not broken, broken
    assert told.count("posted") == winners
    losers = [line for line in told if line.startswith("refused")]
    assert len(losers) == len(told) - winners
    assert all("left under the ceiling" in line or "that much left" in line for line in losers)
    year = AuthorityYear.objects.get(authority=authority)
    assert Transaction.objects.filter(authority=authority).count() == winners
    assert queries.headroom(authority, year.fiscal_year) == queries.years_of(authority)
    assert year.committed.minor <= year.ceiling.minor
