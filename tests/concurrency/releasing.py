"""Releases while vouchers are being posted: what is done by the one who releases, and what must be true afterwards."""

import time

from tests.factories import ledger as make
from tests.factories.publishing import disclosure_of
from tracker.accounts.models import User
from tracker.journal import projections
from tracker.ledger.models import Transaction, Turnover
from tracker.programs.models import Program
from tracker.publishing import actions, released
from tracker.publishing.models import Preparation, PublishedProgram, PublishedTotal, Release
from tracker.shared.errors import Refused


def prepare_race(count: int):
    """A commitment, many submitted payments of it, and two disclosure officers: (commitment, approver, versions)."""
    commitment = make.make_commitment(amount="10000.00")
    program = commitment.program
    for number in range(2):
        disclosure_of(program, number)
    vouchers = [
        make.make_voucher(
            program, "disbursement", draws_on=commitment, amount=make.money(f"{n + 1}.07")
        )
        for n in range(count)
    ]
    return commitment, make.approver_of(program), [make.submit(voucher) for voucher in vouchers]


def release_again_and_again(program: Program, until, people: list[User]) -> list[str]:
    """Prepare and release until everybody else is done, and once more after that; a line for each attempt."""
    told, last = [], False
    while True:
        told.append(_once(program, people))
        if last:
            return told
        last = until()


def _once(program: Program, people: list[User]) -> str:
    try:
        prepared = actions.prepare_release(program=program, by=people[0])
    except Refused as refusal:
        return f"refused: {refusal.sentence}"
    time.sleep(0.02)  # the moment in which somebody posts
    try:
        release = actions.release_prepared(preparation=prepared, by=people[1])
    except Refused as refusal:
        actions.drop_preparation(preparation=prepared, reason="It moved.", by=people[1])
        return f"moved: {refusal.sentence}"
    return f"released {release.number}"


def check_every_row_is_in_a_release_or_not(commitment: Transaction, told: list[str]) -> None:
    """No release has a gap, its totals are those of its own rows, and the last one is what the ledger says."""
    program = commitment.program
    assert any(line.startswith("released") for line in told), told
    assert not any("totals differ" in line for line in told), told
    posted = list(Transaction.objects.filter(program=program).order_by("pk"))
    releases = list(Release.objects.filter(subject=program.uid).order_by("number"))
    for release in releases:
        rows = list(released.rows(release, "transaction"))
        assert [row.subject for row in rows] == [one.uid for one in posted[: len(rows)]]
        assert released.value(rows[-1], "entry") <= release.journal_size
        sums: dict[str, int] = {}
        for row in rows:
            kind, amount = released.value(row, "kind"), released.money(row, "amount")
            sums[kind] = sums.get(kind, 0) + amount.minor
        totals = released.rows(release, "total")
        assert {
            released.value(t, "kind"): released.money(t, "amount").minor for t in totals
        } == sums
    newest = PublishedProgram.objects.get(uid=program.uid).release
    assert newest == releases[-1]
    assert len(list(released.rows(newest, "transaction"))) == len(posted)
    books = {t.kind: t.amount for t in Turnover.objects.filter(program=program)}
    assert {t.kind: t.amount for t in PublishedTotal.objects.all()} == books
    assert not Preparation.objects.waiting().exists()
    tables = {"published program", "release", "release item", "preparation"}
    assert list(projections.differences(erased=lambda entry: False, only=tables)) == []


def release_for(program: str, seconds: str) -> None:
    """In a process of its own: release for some seconds, and print a line for each attempt."""
    found = Program.objects.get(uid=program)
    people = [disclosure_of(found, number) for number in range(2)]
    end = time.time() + float(seconds)
    for line in release_again_and_again(found, lambda: time.time() > end, people):
        print(line, flush=True)
