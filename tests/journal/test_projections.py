"""What the tables hold is what the journal says; whoever changes one by hand is found out, by name."""

import ast
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, transaction

from tests.access.world import build_world
from tests.factories import (
    audits,
    documents,
    ledger,
    periods,
    publishing,
    receipts,
    reports,
    sampling,
    signing,
    uploads,
    valuation,
)
from tests.factories.accounts import make_organisation, make_person
from tests.factories.ledger import money
from tests.factories.programs import make_program
from tests.journal import tampering
from tracker.accounts.models import Role
from tracker.audits import actions as audit
from tracker.audits.models import Engagement
from tracker.demo import illustrative, people
from tracker.journal import actions as journal
from tracker.journal import entries, kinds, projections
from tracker.journal.models import Disclosure, Erasure
from tracker.journal.projections import reading
from tracker.ledger.models import Transaction
from tracker.programs.queries import Sector
from tracker.publishing import actions as publish
from tracker.publishing.models import BrokenGlass, ReleasedRow, ReleaseItem
from tracker.shared.calendars import US_FEDERAL_ERAS

pytestmark = pytest.mark.thorough  # a whole world is built first

MODELS = {m.__name__: m for m in apps.get_app_config("tracker").get_models()}
COVERAGE = projections.coverage()
COMPARED = sorted(model.__name__ for model in COVERAGE)


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The demo's program, the world of the access matrix, and what both lack; built once, and gone with the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = people.gather()
        illustrative.play(cast)
        build_world()
        _more(cast)
        yield
        transaction.set_rollback(True)


def _more(cast):
    _erased(ledger.make_commitment(payee="Jane Doe"))
    office, officer, approver = uploads.make_office()
    uploads.make_posted_upload(officer=officer, approver=approver, organisation=office)
    make_program(sectors=[Sector("15210", "Security")], gaps=["No total is stated.", "No end."])
    voucher = ledger.make_voucher()
    ledger.make_attachment(voucher)
    version = ledger.submit(voucher)
    ledger.actions.return_voucher(
        version=version, reason="Too much.", by=ledger.approver_of(voucher.program)
    )
    ledger.make_reversal(ledger.make_disbursement())
    office = make_organisation(fiscal_eras=US_FEDERAL_ERAS)
    for title in ("First act", "Second act"):
        ledger.actions.create_authority(
            organisation=office,
            title=title,
            legal_basis="Law 1",
            by=make_person(Role.OFFICER, organisation=office),
        )
    _authorities(make_program())
    _signing(make_program())
    _valuations(make_program())
    _receipts(make_program())
    documents.supply(documents.post_on_a_waiver(make_program()))
    _periods(make_program())
    program = make_program()
    audits.make_recommendation("closed_implemented")
    sampling.evaluate(sampling.pass_all(sampling.make_sample()))
    sampling.make_sample(size=1, size_reason="A walk-through.")
    publishing.make_report_at("returned", program)
    _reports(program)
    publishing.withhold(program)
    _withheld(program)
    publishing.review(publishing.take_down(publishing.publish(program)), "restored")
    publishing.take_down(publishing.publish(make_program()))
    _audit_office(cast)


def _reports(program):
    """Reports with a picture, a chart, and comments that were settled either way."""
    report = publishing.make_report(program)
    image = reports.add_image(report)
    shown = {"image": image, "image_description": "Tents.", "body": "Words"}
    publishing.edit(report, sections=[reports.chart(**shown)])
    reports.settle(reports.comment(report))
    reports.settle(reports.comment(report), followed=False, note="The list is classified.")
    reports.comment(report)


def _withheld(program):
    """Of every scope, with stand-ins and sums."""
    payments = [ledger.make_disbursement(ledger.make_commitment(program)) for _ in "1234"]
    publishing.withhold_record(program, "transaction", payments[0].uid, in_sums=True)
    publishing.make_rule(program, field="payee", stand_in={"kind": "unit", "value": "one unit"})
    grid = {"kind": "bands", "edges": [0, 10**6, 10**9], "currency": "USD"}
    publishing.make_rule(program, field="amount", stand_in=grid, minimum_percent=50, in_sums=True)
    publishing.delay(make_program(), 30)


def _audit_office(cast):
    """What the head sets and reports, a broken glass that its owner noted, evidence carried away, samples given up."""
    office, today = cast.audit_office, cast.audit_office.today()
    for level, points in (("high", 60), ("medium", 25)):
        audit.set_coverage_rule(
            office=office,
            level=level,
            from_points=points,
            every_years=1,
            percent=50,
            valid_from=today,
            by=cast.head,
        )
    for factor in ("late", "unvalued"):
        audit.set_weight(office=office, factor=factor, weight=5, valid_from=today, by=cast.head)
    for half in (date(2026, 3, 31), date(2025, 9, 30)):
        audit.issue_office_report(office=office, period_end=half, by=cast.head)
    for glass in BrokenGlass.objects.order_by("pk"):
        owner = publishing.disclosure_of(glass.program)
        publish.note_glass(glass=glass, by=owner)
    engagement = Engagement.objects.get(number="2026-014")
    for _ in "12":
        publish.export_bundle(engagement=engagement, by=cast.auditor)
        sample = sampling.make_sample(drawn=False)
        audit.give_up_sample(sample=sample, reason="Too few.", by=sample.engagement.lead)


def _periods(program):
    """Closed, declined, opened again and closed; a late entry; signatures that hold and that do not."""
    ledger.make_commitment(program)
    declined = periods.propose_closing(program.owner)
    periods.decide(declined, confirm=False, reason="Not yet.")
    period = periods.close(program.owner)
    periods.certify_both(program, period)
    periods.reopen(period)
    period = periods.close(program.owner)
    periods.make_late_commitment(program)
    periods.certify(program, period, remark="One invoice came late.")


def _authorities(program):
    """With ceilings, other dates and stages; two declined changes, and money in the years of two of them."""
    first, second = (ledger.make_authority(program.owner) for _ in "12")
    for authority in (first, second):
        ledger.set_ceiling(authority, "5000.00")
        ledger.confirm(ledger.propose(authority, "raise", "700.00"))
        ledger.make_stage(authority)
        change = ledger.propose(authority, "lower", "100.00")
        by = ledger.person_of(program.owner, Role.APPROVER)
        ledger.actions.decide_change(change=change, confirm=False, reason="No.", by=by)
        ledger.make_disbursement(ledger.make_commitment(program, authority=authority))
        ledger.make_reversal(ledger.make_commitment(program, authority=authority))
    ledger.confirm(ledger.propose_dates(first, availability="no_year"))
    stock = ledger.make_authority(program.owner, purpose="replenishment", kind="drawdown")
    ledger.make_disbursement(ledger.make_commitment(program, authority=stock))


def _signing(program):
    """Limits, delegations of which some ended or were declined, a signature on behalf, interests, emergencies."""
    office = program.owner
    signing.set_limit(office, "one", "100.00", kind="refund")
    signing.set_limit(office, "two", None, valid_until=office.today())
    first, second = (signing.make_approver(office) for _ in "12")
    colleague = make_person(Role.OFFICER, organisation=office)
    ended = signing.delegate(first, colleague, office)
    ledger.actions.end_delegation(delegation=ended, by=first)
    declined = signing.propose_delegation(first, colleague, office)
    ledger.actions.decide_delegation(
        delegation=declined, confirm=False, reason="Too long.", by=second
    )
    signing.delegate(second, colleague, office)
    version = ledger.submit(ledger.make_voucher(program))
    for person in (first, colleague):
        ledger.actions.approve_voucher(version=version, by=person)
    other = signing.delegate(first, second, office)
    ledger.actions.end_delegation(delegation=other, by=second)
    for person, supplier in ((first, make_organisation()), (second, make_organisation())):
        signing.declare(person)
        signing.end_interest(signing.declare(person, concerns=supplier, note="Shares."))
        signing.propose_end(signing.declare(person, payee="Depot"))
        signing.review(signing.make_emergency(program), person == first)
        ledger.actions.record_refusal(
            noun="voucher",
            verb="approve",
            what=version.uid,
            organisation=office,
            sentence="No.",
            by=person,
        )


def _receipts(program):
    """Reports with documents, disputes that posted nothing, and discrepancies that were settled either way."""
    rest = receipts.make_dispatch(program=program)
    short = receipts.make_short("90.00", rest)
    receipts.make_explained(short, receipts.state(rest, "confirmed").transaction)
    file = ledger.actions.NewFile(ContentFile(b"Signed."), "note.txt")
    for _ in "12":
        dispute = receipts.state(receipts.make_dispatch(program=program), "disputed", file=file)
        lost = receipts.make_write_off(dispute.about, "100.00")
        by, step = receipts.another_officer(program), ledger.actions.NewStep("Lost.", lost, file)
        ledger.actions.declare_loss(discrepancy=dispute.opened.get(), step=step, by=by)
    goods = receipts.make_goods(program=program)
    receipt = receipts.state(goods, "damaged", quantity=38, damaged_quantity=2, file=file)
    receipts.state(receipt.transaction, "used", quantity=45)  # more than arrived


def _valuations(program):
    """Two packages revalued with their dispatch, one declined, one that nobody had valued, and other bases."""
    authority = ledger.make_authority(program.owner, kind="drawdown")
    line = ("900.00", "90.00", Decimal(15), Decimal("9.5"))
    for _ in "12":
        package = valuation.make_goods(program, amount="900.00", authority=authority)
        valuation.draw(package, "refund", "5.00", draws_on=valuation.draw(package, "disbursement"))
        valuation.revalue(package, straight_line=line)
        valuation.decline(valuation.propose(package, "500.00"))
        valuation.state_alternative(package, "700.00")
        valuation.revalue(valuation.make_goods(program, amount=None), "80.00")


def _erased(payment):
    """As the decision to erase leaves it: the payee is gone from the entry and from the row beside it."""
    by, second = (make_person(Role.DISCLOSURE, organisation=payment.program.owner) for _ in "12")
    decision = journal.erase(
        entry=payment.entry_id,
        fields=["payee"],
        basis="Data Protection Act, section 17",
        reason="She asked for it.",
        by=by,
        confirmed_by=second,
    )
    payment.text.payee, payment.text.salt = "", ""
    payment.text.erased_by_id = decision.entry_id
    payment.text.save()
    return payment


@pytest.fixture
def world(loaded, django_db_blocker):
    with django_db_blocker.unblock(), tampering.undone():
        yield


def told(**options) -> list[projections.Difference]:
    return list(projections.differences(erased=_is_erased, **options))


def _is_erased(entry: int) -> bool:
    return Erasure.objects.filter(target=entry).exists()


def test_an_untouched_world_has_no_difference(world):
    assert told() == []


def test_every_table_is_compared_or_says_why_it_is_not():
    assert {m.__name__ for m in COVERAGE} | set(projections.not_projected()) == set(MODELS)
    assert not {m.__name__ for m in COVERAGE} & set(projections.not_projected())
    assert all(projections.not_projected().values())


@pytest.mark.parametrize("name", COMPARED)
def test_every_field_of_a_compared_table_is_compared_or_says_why_it_is_not(name):
    model = MODELS[name]
    there = {f.name for f in model._meta.concrete_fields} | {
        f.name for f in model._meta.many_to_many
    }
    declared = set(COVERAGE[model])
    assert there - declared == set(), "declare how the journal knows the field, or why it does not"
    assert declared - there - {"id"} == set()


def test_projections_read_only_fields_that_their_kinds_declare():
    for one in projections.registered():
        if isinstance(one, projections.Projection):
            known = {f for kind in one.kinds for f in kinds.kind_named(kind).fields}
            assert one.reads() <= known, one.word
            ops = {op for kind in one.kinds for op in kinds.kind_named(kind).ops}
            assert {*one.ops, *one.ends} <= ops, one.word


def _columns(model):
    return [
        f
        for f in model._meta.concrete_fields
        if COVERAGE[model].get(f.name) == "" and not f.primary_key
    ]


def _records(model) -> set:
    """Who is named. Words that lost their row belong to nobody: they are said beside it."""
    found = told(only={tampering.word_of(model)})
    named = {d.record for d in found} - {None}
    return named or {d.record for d in found}


def _last(model):
    pk = model._base_manager.order_by("pk").values_list("pk", flat=True).last()
    assert pk is not None, "the world has no such row"
    return pk


@pytest.mark.thorough
@pytest.mark.parametrize("name", COMPARED)
def test_a_column_that_was_changed_by_hand_is_found_and_its_record_named(world, name):
    model = MODELS[name]
    pk = _last(model)
    missed = []
    with tampering.unguarded():
        for field in _columns(model):
            with tampering.undone():
                before = tampering.named(model, pk)
                tampering.change(model, field, pk)
                found = _records(model)
                after = tampering.named(model, pk)
                if not found or not found <= {before, after}:
                    missed.append((field.name, before, after, found))
    assert missed == []


@pytest.mark.faults  # by the hundred: beside the other tampering
@pytest.mark.parametrize("name", COMPARED)
def test_a_row_that_was_deleted_by_hand_is_found(world, name):
    model = MODELS[name]
    with tampering.unguarded():
        pk = _last(model)
        before = tampering.named(model, pk)
        if name == "ReleasedRow":  # what is missing is a row of a release
            model, before = ReleaseItem, ReleaseItem.objects.get(row=pk).release.uid
            tampering.remove(ReleasedRow, pk)
        else:
            tampering.remove(model, pk)
        assert _records(model) == {before}


@pytest.mark.faults  # by the hundred: beside the other tampering
@pytest.mark.parametrize("name", COMPARED)
def test_a_row_that_was_added_by_hand_is_found(world, name):
    model = MODELS[name]
    with tampering.unguarded():
        new = tampering.insert_copy(model, _last(model))
        assert _records(model) == {tampering.named(model, new)}


# --- Sentences, erasures, cost ---------------------------------------------


def _sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_the_sentence_names_the_record_and_what_both_say(world):
    payment = Transaction.objects.filter(provenance="voucher", amount=money("1000.00")).first()

    with tampering.unguarded():
        _sql("UPDATE tracker_transaction SET amount = 90000 WHERE id = %s", payment.pk)

        (found,) = told(only={"transaction"})

    assert (found.table, found.record, found.entry) == (
        "transaction",
        payment.uid,
        payment.entry_id,
    )
    assert found.sentence == (
        f"Transaction {payment.uid} (entry {payment.entry_id}): the ledger says amount 900.00 USD, "
        "the journal says 1,000.00 USD."
    )


def test_a_changed_amount_moves_the_sums_that_are_reckoned_from_it(world):
    payment = Transaction.objects.filter(provenance="voucher").order_by("pk").first()

    with tampering.unguarded():
        _sql("UPDATE tracker_transaction SET amount = 90000 WHERE id = %s", payment.pk)

        assert {"transaction", "balance", "turnover"} <= {d.table for d in told()}


def _the_erased():
    return Transaction.objects.get(entry=Erasure.objects.get().target_id)


def test_erased_words_without_a_decision_are_a_difference(world):
    found, *_ = projections.differences(only={"transaction"}, erased=lambda entry: False)

    assert found.record == _the_erased().uid
    assert f"values of entry {_the_erased().entry_id} are gone" in found.sentence


def test_erased_words_that_are_still_in_the_ledger_are_found(world):
    payment = _the_erased()

    with tampering.unguarded():
        _sql("UPDATE tracker_transactiontext SET payee = 'Jane Doe' WHERE id = %s", payment.text_id)

        (found,) = told(only={"transaction"})

    assert found.sentence.endswith(
        "its payee is erased from the journal, and the ledger still has it."
    )


def test_an_erasure_covers_no_other_field_of_its_row(world):
    payment = _the_erased()

    with tampering.unguarded():
        _sql("UPDATE tracker_transaction SET amount = amount + 1 WHERE id = %s", payment.pk)

        assert {d.record for d in told(only={"transaction"})} == {payment.uid}


def test_a_disclosure_that_is_gone_as_a_whole_is_a_difference_and_no_crash(world):
    payment = Transaction.objects.order_by("pk").first()

    with tampering.unguarded():
        _sql("DELETE FROM tracker_disclosure WHERE entry_id = %s", payment.entry_id)

        (found,) = told(only={"transaction"})

    assert f"values of entry {payment.entry_id} are gone" in found.sentence


def test_a_disclosure_that_is_no_disclosure_is_no_crash(world):
    with tampering.unguarded():
        Disclosure.objects.update(values={"at": "x", "amount": "%%%"})

        assert told(only={"transaction"})


@pytest.mark.thorough
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its types")
@pytest.mark.parametrize(
    "table, column, value, word",
    [
        ("transaction", "value_date", "2024-13-45", "transaction"),
        ("transaction", "value_date", "soon", "transaction"),
        ("transaction", "amount", "much", "transaction"),
        ("program", "uid", "nobody", "program"),
        ("measurement", "value", "high", "measurement"),
        ("upload", "mapping", "{", "upload"),
        ("balance", "drawn", "much", "balance"),
        ("turnover", "amount", "much", "turnover"),
        ("releasedrow", "cells", "{", "released row"),
        ("programsector", "percent", "half", "program"),
        ("publishedprogram", "fields_withheld", "some", "published program"),
    ],
)
def test_a_value_that_no_column_of_ours_can_hold_is_found_and_no_crash(
    world, table, column, value, word
):
    with tampering.unguarded():
        _sql(
            f"UPDATE tracker_{table} SET {column} = %s "
            f"WHERE rowid = (SELECT max(rowid) FROM tracker_{table})",
            value,
        )

        assert word in {d.table for d in told()}


def test_a_row_and_its_entry_that_come_while_we_read_are_no_difference(world, monkeypatch):
    """Between the rows and their entries somebody edits a draft: the second reading sees both."""
    voucher = ledger.make_voucher()
    original, edited = reading.stories_of, []

    def while_reading(kinds, **options):
        if "voucher" in kinds and not edited:
            edited.append(ledger.edit(voucher, payee="Another depot"))
        return original(kinds, **options)

    monkeypatch.setattr(reading, "stories_of", while_reading)

    assert told(only={"voucher"}) == []
    assert edited


def test_twice_the_rows_take_as_many_queries_as_once(world, count_queries):
    def look():
        told(only={"transaction"})

    before = count_queries(look)
    for _ in range(4):
        ledger.make_disbursement()

    assert count_queries(look) == before


def test_a_misspelt_table_is_no_table_without_differences():
    with pytest.raises(ValueError, match="transactoin"):
        told(only={"transactoin"})


def test_progress_is_told(world):
    heard = []

    told(only={"transaction"}, progress=lambda word, done: heard.append((word, done)))

    assert heard == [("transaction", Transaction.objects.count())]


# --- Every event is an entry -----------------------------------------------

LEAVE_NO_ENTRY = {
    "notify": "a notice tells of an event that has its own entry",
    "read_notice": "somebody read a notice",
    "read_notices": "somebody read notices",
    "refresh_unpublished_counts": "reckoned again from what the entries say",
    "open_invitation": "reads only",
    "save_search": "a person's own convenience",
    "look_again": "a person's own convenience",
    "remove_search": "a person's own convenience",
}
ROOMS = ("accounts", "programs", "results", "ledger", "uploads", "audits", "publishing")


def _functions():
    """Every function of the actions, and the names of what it calls."""
    found = {}
    for room in ROOMS:
        folder = Path(settings.BASE_DIR) / "tracker" / room
        for path in [*folder.glob("actions.py"), *folder.glob("actions/*.py")]:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef):
                    calls = [c for c in ast.walk(node) if isinstance(c, ast.Call)]
                    names = {ast.unparse(c.func) for c in calls}
                    names |= {ast.unparse(a) for c in calls for a in c.args}
                    methods = re.findall(r"work\.(\w+)", ast.unparse(node))
                    found.setdefault(node.name, (node, set()))[1].update(names, methods)
    return found


def test_every_action_leaves_an_entry_in_the_journal():
    functions = _functions()

    def records(name, seen=()):
        _, calls = functions.get(name, (None, set()))
        if calls & {"journal.record", "journal.record_many", "journal.erase"}:
            return True
        short = {call.rpartition(".")[2] for call in calls} - {*seen, name}
        return any(records(call, (*seen, name)) for call in short if call in functions)

    public = {
        name
        for name, (node, _) in functions.items()
        if not name.startswith("_")
        and "transaction.atomic" in {ast.unparse(d) for d in node.decorator_list}
    }
    assert len(public) > 60
    assert {name for name in public if not records(name)} <= set(LEAVE_NO_ENTRY)


@pytest.mark.parametrize("kind", kinds.all_kinds(), ids=lambda kind: kind.name)
def test_an_entry_fits_into_a_tile_whatever_it_says(kind):
    """At most 65,535 bytes (tlog-tiles): the values lie beside it, however many rows they list."""
    long = {name: ["x" * 1000] * 100 for name in kind.fields}

    written = entries.write(kind, record=uuid4(), op="create", rev=1, prev="x" * 44, fields=long)

    assert len(written.body) < 5_000
