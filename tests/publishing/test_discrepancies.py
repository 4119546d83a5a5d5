"""What the public reads of receipts and discrepancies, and what a withheld figure keeps from telling."""

from tests.factories import ledger
from tests.factories import receipts as make
from tests.factories.publishing import make_rule, publish, withhold
from tracker.ledger import actions
from tracker.publishing.models import ReleasedEntry, ReleasedRow


def released(kind, subject):
    return ReleasedRow.objects.filter(kind=kind, subject=subject).order_by("-pk").first().cells


def said(cells, *names):
    return [cells[name].get("value") for name in names]


def test_a_receipt_its_word_and_the_discrepancy_are_rows_of_the_release(client):
    short = make.make_short("90.00")
    program = short.about.program
    publish(program)

    receipt = released("transaction", short.receipt.uid)
    assert said(receipt, "kind", "verdict", "provenance") == ["receipt", "short", "reported"]
    assert receipt["amount"]["value"] == {"minor": 9000, "currency": "USD"}
    row = released("discrepancy", short.uid)
    assert said(row, "about", "receipt", "kind", "state", "entry") == [
        str(short.about.uid),
        str(short.receipt.uid),
        "short",
        "open",
        short.entry_id,
    ]
    assert row["amount"]["value"] == {"minor": 1000, "currency": "USD"}
    assert said(row, "opened_on", "due_on", "since") == [
        short.opened_on.isoformat(),
        short.due_on.isoformat(),
        short.opened_on.isoformat(),
    ]
    page = client.get(f"/programs/{program.uid}/").content.decode()
    assert "Where both sides differ" in page and "10.00" in page
    listed = client.get(f"/programs/{program.uid}/transactions/").content.decode()
    assert "the recipient's word: short" in listed and "its dispatch" in listed


def test_a_settled_discrepancy_is_released_anew_with_what_settled_it_and_no_letter():
    short = make.make_short("90.00")
    program = short.about.program
    publish(program)
    later = make.state(short.about, "confirmed").transaction
    make.explain(short, make.representative_of(program), later, reason="MARK-reason")
    publish(program)
    assert said(released("discrepancy", short.uid), "state", "settled_by") == ["open", None]

    make.accept(short, ledger.officer_of(program))
    publish(program)

    row = released("discrepancy", short.uid)
    assert said(row, "state", "settled_by") == ["explained", str(later.uid)]
    entries = ReleasedEntry.objects.filter(row__subject=short.uid)
    assert entries.exists()
    for entry in entries:
        assert {"amount", "status"} <= set(entry.disclosed)
        assert not {"reason", "evidence", "named", "step", "at", "by"} & set(entry.disclosed)


def test_where_a_dispatch_withholds_its_amount_neither_receipt_nor_discrepancy_tells_it():
    short = make.make_short("90.00")
    dispatch, program = short.about, short.about.program
    used = make.state(short.receipt, "used", "80.00").transaction
    withhold(program, "transaction", "amount", dispatch.uid)
    withhold(program, "transaction", "value_date", dispatch.uid)
    publish(program)

    rows = [
        released("transaction", dispatch.uid),
        released("transaction", short.receipt.uid),
        released("transaction", used.uid),
        released("discrepancy", short.uid),
    ]
    assert {row["amount"]["state"] for row in rows} == {"withheld"}
    assert {
        row[name]["state"] for row in rows[3:] for name in ("opened_on", "due_on", "since")
    } == {"withheld"}
    assert rows[1]["value_date"]["state"] == "withheld"
    entry = ReleasedEntry.objects.get(row__subject=short.uid)
    assert not {"amount", "currency", "opened_on", "due_on", "since"} & set(entry.disclosed)


def test_a_withheld_receipt_covers_its_discrepancy_and_one_can_be_withheld_itself():
    short = make.make_short("90.00")
    program = short.about.program
    withhold(program, "transaction", "amount", short.receipt.uid)
    other = make.make_short("90.00", make.make_dispatch(program=program))
    withhold(program, "discrepancy", "amount", other.uid)
    publish(program)

    for row in (short, other):
        assert released("discrepancy", row.uid)["amount"]["state"] == "withheld"
    assert released("transaction", short.about.uid)["amount"]["state"] == "stated"


def test_a_surplus_is_in_no_released_total():
    statement = make.state(make.make_dispatch(), "surplus", "120.00")
    program = statement.about.program
    publish(program)

    totals = ReleasedRow.objects.filter(kind="total", cells__kind__value="receipt")
    assert [row.cells["amount"]["value"]["minor"] for row in totals] == [10_000]
    row = released("transaction", statement.transaction.uid)
    assert row["excess"]["value"]["minor"] == 2_000


def test_a_withheld_excess_is_told_neither_by_its_discrepancy_nor_by_that_of_its_use():
    surplus = make.state(make.make_dispatch(), "surplus", "123.45")
    receipt, program = surplus.transaction, surplus.about.program
    used = make.state(receipt, "used", "107.00")
    short = make.make_short("90.00", make.make_dispatch(program=program))
    withhold(program, "transaction", "excess", receipt.uid)
    publish(program)

    for statement in (surplus, used):
        assert released("transaction", statement.transaction.uid)["excess"]["state"] == "withheld"
        found = released("discrepancy", statement.opened.get().uid)
        assert found["amount"]["state"] == "withheld"
        entry = ReleasedEntry.objects.get(row__subject=statement.opened.get().uid)
        assert not {"amount", "currency"} & set(entry.disclosed)
    assert released("transaction", receipt.uid)["amount"]["value"]["minor"] == 12_345
    assert released("discrepancy", short.uid)["amount"]["value"]["minor"] == 1_000


def test_a_rule_for_every_excess_leaves_the_amounts_of_shortages_public():
    surplus = make.state(make.make_dispatch(), "surplus", "123.45")
    program = surplus.about.program
    short = make.make_short("90.00", make.make_dispatch(program=program))
    make_rule(program, field="excess")
    publish(program)

    assert released("discrepancy", surplus.opened.get().uid)["amount"]["state"] == "withheld"
    assert released("discrepancy", short.uid)["amount"]["value"]["minor"] == 1_000


def test_a_dispute_is_public_though_nothing_was_posted():
    dispute = make.state(make.make_dispatch(), "disputed", remark="MARK-remark").opened.get()
    officer = make.another_officer(dispute.about.program)
    step = actions.NewStep("MARK-loss")
    actions.declare_loss(discrepancy=dispute, step=step, by=officer)
    publish(dispute.about.program)

    row = released("discrepancy", dispute.uid)
    assert said(row, "kind", "state", "receipt") == ["disputed", "loss", None]
    assert not any("MARK" in str(r.cells) for r in ReleasedRow.objects.all())
