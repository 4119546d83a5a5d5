"""Money that replaces the donor's own stocks is shown row by row and is in no total of aid (OVERSIGHT 2.1)."""

from tests.factories import ledger
from tests.factories.programs import make_program
from tests.factories.publishing import publish
from tracker.publishing.models import PublishedTotal, ReleasedRow


def test_replenishment_is_released_and_counted_apart_from_aid(client):
    program = make_program()
    own = ledger.make_authority(program.owner, purpose="replenishment")
    ledger.make_commitment(program, "700.00")
    stock = ledger.make_commitment(program, "9000.00", authority=own)
    assert stock.purpose == "replenishment"

    publish(program)

    row = ReleasedRow.objects.get(kind="transaction", subject=stock.uid)
    assert row.cells["purpose"] == {"state": "stated", "value": "replenishment"}
    totals = PublishedTotal.objects.filter(program__uid=program.uid, kind="commitment")
    assert [str(total.amount) for total in totals] == ["700.00 USD"]
    page = client.get(f"/programs/{program.uid}/transactions/").content.decode()
    assert page.count("Own stock, not aid") == 1
