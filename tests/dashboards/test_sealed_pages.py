"""What is sealed for security stands on no page and in no file of an auditor, whichever room the page belongs to."""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.audits import make_auditor, make_engagement, make_finding
from tests.factories.ledger import make_commitment, make_disbursement, make_reversal, officer_of
from tests.factories.publishing import withhold
from tests.factories.receipts import make_short, state
from tests.factories.sampling import amounts_spec, draw, items, plan
from tests.worlds import kept
from tracker.ledger.models import Attachment
from tracker.publishing.models import BrokenGlass, Category, GlassReading, Withholding

pytestmark = pytest.mark.thorough

PAYEE, REFERENCE, DAY = "A payee in the field", "REF-4711", date(2024, 3, 17)
SUM = "543.20"  # of both payments
TOTALS = (
    "/desk/programs/",
    "/desk/publishing/programs/",
)  # totals stand whole, there and at the desk
TELLS = {
    "payee": ("payee in the field",),
    "reference": ("REF-4711",),
    "value_date": ("17 Mar", "2024-03-17"),
    "amount": ("432.19", "43219", SUM),  # itself, and in minor units
}
EVERYTHING = [text for texts in TELLS.values() for text in texts]


def seal(payment):
    for field in TELLS:
        withhold(payment.program, "transaction", field, payment.uid)
    withhold(
        payment.program, "transaction", "description", payment.uid, category=Category.CLASSIFIED
    )


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict]:
    """A payment of which everything is sealed, beside one of which nothing is; a finding and a sample of both."""
    with kept(django_db_blocker):
        commitment = make_commitment(amount="5000.00")
        payment = make_disbursement(
            commitment, "432.19", payee=PAYEE, reference=REFERENCE, value_date=DAY
        )
        beside = make_disbursement(commitment, "111.01", payee="Beside it", reference="BESIDE")
        engagement = make_engagement(payment.program)
        finding = make_finding(payment, beside, engagement=engagement)
        differs = state(payment, "short", "432.15").opened.get()
        sample = draw(plan(engagement, amounts_spec()))
        seal(payment)
        yield {
            "payment": payment,
            "beside": beside,
            "program": payment.program,
            "engagement": engagement,
            "lead": engagement.lead,
            "finding": finding,
            "differs": differs,
            "sample": sample,
            "item": next((i for i in items(sample) if i.transaction_id == payment.pk), None),
        }


@pytest.fixture
def world(built):
    return deepcopy(built)


def withholding_of(payment):
    """One in force: of the payment, else of all payments of its program."""
    found = Withholding.objects.in_force().filter(program=payment.program)
    return found.filter(record=payment.uid).first() or found[0]


def pages(world):
    """Every page and file on which the payment stands, and its values that those whose side it is read there."""
    return _in_the_ledger(world) | _with_auditors(world) | _of_the_program(world)


def _in_the_ledger(world):
    payment = world["payment"]
    voucher = payment.version.voucher
    return {
        "ledger": "/desk/ledger/",
        "ledger by date": "/desk/ledger/?sort=value_date",
        "ledger by amount": "/desk/ledger/?sort=-amount",
        "ledger of one account": f"/desk/ledger/?program={world['program'].uid}&currency=USD",
        "ledger of the chain": f"/desk/ledger/?chain={payment.uid}",
        "ledger's file": "/desk/ledger/?format=csv",
        "account's file": f"/desk/ledger/?program={world['program'].uid}&currency=USD&format=csv",
        "payment": f"/desk/transactions/{payment.uid}/",
        "payment beside it": f"/desk/transactions/{world['beside'].uid}/",
        "what both draw on": f"/desk/transactions/{payment.draws_on.uid}/",
        "vouchers": "/desk/vouchers/",
        "vouchers' file": "/desk/vouchers/?format=csv",
        "voucher": f"/desk/vouchers/{voucher.uid}/",
        "search": "/desk/search/?q=REF-4711",
        "search by number": f"/desk/search/?q={voucher.number}",
        "search by identifier": f"/desk/search/?q={payment.uid}",
        "reconciliation": "/desk/reconciliation/",
        "reconciliation's file": "/desk/reconciliation/?format=csv",
        "dispatches": "/desk/dispatches/",
        "dispatches by program": "/desk/dispatches/?sort=program",
        "dispatches' file": "/desk/dispatches/?format=csv",
        "dispatch": f"/desk/dispatches/{payment.uid}/",
        "discrepancies": "/desk/discrepancies/",
        "discrepancies by program": "/desk/discrepancies/?sort=program",
        "discrepancies' file": "/desk/discrepancies/?format=csv",
        "discrepancy": f"/desk/discrepancies/{world['differs'].uid}/",
    }


def _with_auditors(world):
    engagement, sample = world["engagement"].get_absolute_url(), world["sample"]
    return {
        "finding": world["finding"].get_absolute_url(),
        "sample": sample.get_absolute_url(),
        "sample's file": f"{sample.get_absolute_url()}?format=csv",
        "coverage": "/desk/audits/coverage/?year=2024",
        "coverage's file": "/desk/audits/coverage/?year=2024&format=csv",
        "new finding": f"{engagement}findings/new/?transaction={world['payment'].uid}",
    }


def _of_the_program(world):
    return {
        "desk": "/desk/",
        "program": f"/desk/programs/{world['program'].uid}/",
        "withholdings": "/desk/withholdings/",
        "withholdings' file": "/desk/withholdings/?format=csv",
        "withholdings by record": "/desk/withholdings/?sort=named",
        "withholding": f"/desk/withholdings/{withholding_of(world['payment']).uid}/",
        "what is public": f"/desk/publishing/programs/{world['program'].uid}/",
    }


def text_of(response):
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()


def read(client, path):
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return text_of(response)


def told(text, path):
    """Of what is sealed, what the page tells. The words that somebody searched for stand in their field."""
    text = re.sub(r'value="[^"]*REF-4711[^"]*"', "", text)
    text = re.sub(r"<title>[^<]*</title>", "", text)
    found = [one for one in EVERYTHING if one in text.replace(",", "")]
    totals = path == "/desk/" or path.startswith(TOTALS)
    return [one for one in found if one != SUM or not totals]


PAGES = [
    *("ledger", "ledger by date", "ledger by amount", "ledger of one account"),
    *("ledger of the chain", "ledger's file", "account's file", "vouchers", "vouchers' file"),
    *(
        "payment",
        "payment beside it",
        "what both draw on",
        "voucher",
        "search",
        "search by number",
        "search by identifier",
        "finding",
        "sample",
    ),
    *("sample's file", "reconciliation", "reconciliation's file", "coverage", "coverage's file"),
    *("new finding", "program", "dispatches", "dispatches by program", "dispatches' file"),
    *("dispatch", "discrepancies", "discrepancies by program", "discrepancies' file"),
    "discrepancy",
]
NAMING = [
    *("withholdings", "withholdings' file", "withholdings by record"),
    *("withholding", "what is public"),
]  # they say which record it is, and none of its values
LATELY = ["desk"]  # its sentences could tell a value
OF_AUDITORS = ("sample", "sample's file", "coverage", "coverage's file", "new finding")


@pytest.mark.parametrize("name", PAGES + NAMING + LATELY)
def test_an_auditor_reads_nothing_that_is_sealed(client, world, name):
    client.force_login(world["lead"])
    path = pages(world)[name]

    assert told(read(client, path), path) == []


@pytest.mark.parametrize("name", [n for n in PAGES + NAMING + LATELY if n not in OF_AUDITORS])
def test_the_owners_staff_read_everything_as_before(client, world, name):
    client.force_login(officer_of(world["program"]))
    path = pages(world)[name]

    text = read(client, path)

    assert told(text, path)
    assert "Withheld from you" not in text and "withheld: " not in text


@pytest.mark.parametrize("name", [n for n in PAGES if "file" not in n])
def test_the_page_says_that_it_is_sealed_why_and_how_to_ask(client, world, name):
    client.force_login(world["lead"])

    text = read(client, pages(world)[name])

    assert "Withheld from you here: values of" in text
    assert "operational security" in text and "break the glass with a reason" in text


@pytest.mark.parametrize(
    "name",
    [
        *("ledger's file", "reconciliation's file", "vouchers' file", "dispatches' file"),
        "discrepancies' file",
    ],
)
def test_a_file_says_withheld_where_the_page_does(client, world, name):
    client.force_login(world["lead"])
    assert "withheld: operational security" in read(client, pages(world)[name])


@pytest.mark.parametrize(
    "query",
    [
        *("q=REF-4711", "q=field", "payee=field", "amount_min=432&amount_max=433"),
        *("date_after=2024-03-17&date_before=2024-03-17", "currency=USD", "sort=payee"),
    ],
)
def test_no_filter_and_no_order_of_the_ledger_compares_what_is_sealed(client, world, query):
    path = f"/desk/ledger/?{query}&format=csv"
    entry = f",{world['payment'].entry_id},"
    client.force_login(officer_of(world["program"]))
    assert entry in read(client, path)

    client.force_login(world["lead"])
    assert entry not in read(client, path)


@pytest.mark.parametrize("words", ["REF-4711", "field"])
def test_no_search_among_withholdings_compares_what_is_sealed(client, world, words):
    found = f"/desk/withholdings/{withholding_of(world['payment']).uid}/"
    query = f"/desk/withholdings/?q={words}"
    client.force_login(officer_of(world["program"]))
    assert (found in read(client, query)) == (
        words == "REF-4711"
    )  # a reference goes before a payee

    client.force_login(world["lead"])
    assert found not in read(client, query)
    assert found in read(client, f"/desk/withholdings/?q={world['payment'].entry_id}")


def test_a_withholding_is_named_by_what_of_its_payment_is_not_sealed(client, world):
    beside = world["beside"]
    withhold(beside.program, "transaction", "reference", beside.uid)
    client.force_login(world["lead"])

    text = read(client, "/desk/withholdings/?format=csv")

    assert f"entry {world['payment'].entry_id}" in text
    assert "Beside it" in text and "BESIDE" not in text


@pytest.mark.parametrize(
    "query", ["q=REF-4711", "q=field", "sort=amount", "sort=-reference", "sort=value_date"]
)
def test_no_filter_and_no_order_of_dispatches_compares_what_is_sealed(client, world, query):
    path, found = f"/desk/dispatches/?{query}", f"/desk/dispatches/{world['payment'].uid}/"
    client.force_login(officer_of(world["program"]))
    assert found in read(client, path)

    client.force_login(world["lead"])
    assert found not in read(client, path)


@pytest.mark.parametrize("query", ["q=REF-4711", "q=field", "sort=amount", "sort=-about"])
def test_no_filter_and_no_order_of_discrepancies_compares_what_is_sealed(client, world, query):
    path, found = f"/desk/discrepancies/?{query}", f"/desk/discrepancies/{world['differs'].uid}/"
    client.force_login(officer_of(world["program"]))
    assert found in read(client, path)

    client.force_login(world["lead"])
    assert found not in read(client, path)


@pytest.mark.parametrize("kind", ["statement", "discrepancy"])
def test_no_search_for_records_to_link_compares_what_is_sealed(client, world, kind):
    differs = world["differs"]
    record = differs.uid if kind == "discrepancy" else differs.statement.uid
    draft = make_finding(world["beside"], engagement=world["engagement"], issued=False)
    path = f"{draft.get_absolute_url()}records/?kind={kind}"
    client.force_login(world["lead"])
    listed = read(client, path)
    assert str(record) in listed and told(listed, path) == []
    assert str(record) not in read(client, f"{path}&q=REF-4711")

    Withholding.objects.filter(field="reference").update(status="lifted")
    assert str(record) in read(client, f"{path}&q=REF-4711")


def test_a_difference_is_covered_with_the_receipt_that_would_tell_it(client):
    differs = make_short("61.07")
    withhold(differs.about.program, "transaction", "amount", differs.receipt.uid)
    page = f"/desk/discrepancies/{differs.uid}/"
    pages = [page, "/desk/discrepancies/", "/desk/discrepancies/?format=csv"]
    client.force_login(officer_of(differs.about.program))
    assert all("38.93" in read(client, path) for path in pages)

    client.force_login(make_auditor(differs.about.program))
    for path in pages:
        assert not {"61.07", "38.93"} & set(re.findall(r"\d+\.\d\d", read(client, path)))


def test_sums_leave_out_what_is_sealed_and_say_so(client, world):
    client.force_login(world["lead"])

    ledger, finding = (
        read(client, "/desk/ledger/"),
        read(client, world["finding"].get_absolute_url()),
    )

    assert "Sums leave these amounts out." in ledger and "111.01" in ledger
    assert "The sum of linked payments leaves these amounts out" in finding
    assert "Sums and shares leave these amounts out" in read(client, pages(world)["coverage"])


def test_a_programs_page_covers_what_is_left_of_a_commitment_and_counts_it_in_totals(client, world):
    path, left = pages(world)["program"], "it would tell an amount that is sealed"
    client.force_login(officer_of(world["program"]))
    assert left not in read(client, path)

    client.force_login(world["lead"])
    text = read(client, path)
    assert left in text and "by their entries in the journal" in text
    assert "totals count these amounts" in text and SUM in text


def test_a_reversal_says_the_same_as_the_payment_and_is_sealed_with_it(client, world):
    make_reversal(world["differs"].receipt)  # nothing is drawn on it any more
    back = make_reversal(world["payment"])
    client.force_login(world["lead"])

    text = read(client, "/desk/ledger/?format=csv")

    assert told(text, "") == []
    assert f",{back.entry_id}," in text


def test_the_papers_of_a_sealed_payment_stay_in_the_house(client, world):
    paper = Attachment.objects.filter(voucher=world["payment"].version.voucher).first()
    client.force_login(world["lead"])
    response = client.get(f"/desk/evidence/{paper.uid}/")
    assert response.status_code == 403
    assert "its papers would tell it" in response.content.decode()

    client.force_login(officer_of(world["program"]))
    handed_out = client.get(f"/desk/evidence/{paper.uid}/")
    assert handed_out.status_code == 200
    assert b"".join(handed_out.streaming_content)


def test_a_sampled_item_and_the_frozen_population_do_not_tell_it(client, world):
    sample = world["sample"]
    assert world["item"] is not None
    client.force_login(world["lead"])

    assert told(read(client, world["item"].get_absolute_url()), "") == []

    response = client.get(f"{sample.get_absolute_url()}population.csv", follow=True)
    assert "its file would tell them" in text_of(response)


def test_broken_glass_shows_it_once_and_the_reading_is_on_the_record(client, world):
    client.force_login(world["lead"])
    record = f"/desk/records/{world['payment'].uid}/"
    assert told(read(client, record), record) == []
    client.post(f"{record}glass/", {"reason": "It is in the finding.", "hours": 4})
    glass = BrokenGlass.objects.get(record=world["payment"].uid)

    shown = client.post(f"/desk/glass/{glass.uid}/read/").content.decode()

    assert PAYEE in shown and REFERENCE in shown and "432" in shown
    assert GlassReading.objects.filter(glass=glass).count() == 1
    assert told(read(client, "/desk/ledger/"), "") == []  # nothing stays open in a tab


@pytest.mark.parametrize(
    "name",
    [
        *("ledger", "ledger's file", "vouchers", "reconciliation", "finding", "sample", "coverage"),
        *("program", "desk", "withholdings", "withholdings' file"),
        *("dispatches", "dispatches' file", "dispatch"),
        *("discrepancies", "discrepancies' file", "discrepancy"),
    ],
)
def test_a_page_costs_the_same_however_much_is_sealed(client, world, name):
    client.force_login(world["lead"])
    path = pages(world)[name]
    read(client, path)
    with CaptureQueriesContext(connection) as one:
        read(client, path)
    seal(world["beside"])
    with CaptureQueriesContext(connection) as two:
        read(client, path)

    assert len(two) <= len(one)
