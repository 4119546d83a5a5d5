"""What the tests of valuations share: a ministry whose people and package are made once, and looks at the books."""

from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.db import connection, transaction

from tests.factories import valuation as goods
from tests.factories.accounts import make_organisation, make_person
from tests.factories.programs import make_program
from tracker.accounts.models import Role
from tracker.journal import projections
from tracker.ledger import policies
from tracker.ledger.models import Balance, Transaction, Turnover
from tracker.programs.models import Program
from tracker.shared.errors import Refused

BOOKS = {
    *("balance", "turnover", "year of an authority"),
    *("revaluation", "decision on a revaluation", "value on another basis"),
}


@dataclass(frozen=True)
class Ministry:
    """A program without money, one with goods, and one with a package: two dispatches, a receipt of each, and what
    was used."""

    program: int
    row: int
    package: tuple[int, ...]


@pytest.fixture(scope="module")
def ministry(django_db_setup, django_db_blocker):
    """Made once, and gone with the module. What a test does to it is taken back after the test."""
    with django_db_blocker.unblock(), transaction.atomic():
        owner, recipient = make_organisation(), make_organisation()
        by = make_person(Role.OFFICER, organisation=owner)
        make_person(Role.APPROVER, organisation=owner)
        empty, some, full = (make_program(owner=owner, recipient=recipient, by=by) for _ in "123")
        row, package = goods.make_goods(some), make_package(full)
        yield Ministry(empty.pk, row.pk, tuple(row.pk for row in package))
        transaction.set_rollback(True)


@pytest.fixture
def program(ministry):
    return Program.objects.select_related("owner").get(pk=ministry.program)


@pytest.fixture
def row(ministry):
    """Goods of 1000.00, on which nothing draws, in a program of their own."""
    return Transaction.objects.select_related("program").get(pk=ministry.row)


@pytest.fixture
def packed(ministry):
    return [Transaction.objects.select_related("program").get(pk=pk) for pk in ministry.package]


def make_package(program):
    """1000.00, of which 600.00 and 300.00 are sent; 600.00 and 120.00 arrived, and 60.00 were used."""
    whole = goods.make_goods(program, amount="1000.00")
    first, second = (goods.draw(whole, "disbursement", part) for part in ("600.00", "300.00"))
    arrived = goods.draw(first, "receipt", "600.00")
    partly = goods.draw(second, "receipt", "120.00")
    return whole, first, second, arrived, partly, goods.draw(arrived, "expenditure", "60.00")


@contextmanager
def refused(match=".", field=""):
    with pytest.raises(Refused, match=match) as caught:
        yield
    if field:
        assert set(caught.value.message_dict) == {field}


def execute(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def balance_of(row):
    kept = Balance.objects.get(transaction=row)
    return kept.value.plain, kept.drawn.plain


def worth(*rows):
    return [balance_of(row)[0] for row in rows]


def is_reckoned(everything=False):
    """The sums, and what they are reckoned from, are what the journal says; `everything`: all tables."""
    only = None if everything else BOOKS
    return not list(projections.differences(erased=lambda entry: False, only=only))


def turnover(program, kind, currency="USD"):
    return Turnover.objects.get(program=program, kind=kind, currency=currency).amount.plain


def without(monkeypatch, *names):
    """The actions' own checks are gone: what is left is the database."""
    for name in names:
        for room in (policies, policies.valuation, policies.consequences, policies.vouchers):
            if hasattr(room, name):
                monkeypatch.setattr(room, name, lambda *a, **k: None)
