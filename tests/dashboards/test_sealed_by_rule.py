"""A rule for all payments, or a decision about a whole record, seals from auditors as a decision about a field does."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.core.files.base import ContentFile

from tests.dashboards.test_sealed_pages import (
    DAY,
    LATELY,
    NAMING,
    PAGES,
    PAYEE,
    REFERENCE,
    TELLS,
    built,
    pages,
    read,
    text_of,
    told,
)
from tests.factories.audits import make_auditor, make_engagement, make_finding
from tests.factories.ledger import (
    make_authority,
    make_commitment,
    make_disbursement,
    officer_of,
    set_ceiling,
)
from tests.factories.periods import close, make_late_commitment
from tests.factories.programs import make_program
from tests.factories.publishing import delay, make_rule, withhold, withhold_record
from tests.factories.receipts import make_dispatch, state
from tests.factories.valuation import confirm, make_goods, propose
from tests.factories.valuation import draw as draw_on
from tests.worlds import kept
from tracker.ledger.actions import NewFile
from tracker.ledger.queries import within
from tracker.publishing import actions, queries
from tracker.publishing.models import Category, Withholding
from tracker.shared.sealing import veil_for

pytestmark = pytest.mark.thorough

__all__ = ["built"]


def lift_all() -> None:
    Withholding.objects.filter(status="in_force").update(status="lifted")


@pytest.fixture(scope="module")
def by_rule(built: dict, django_db_blocker: Any) -> Iterator[dict]:
    with kept(django_db_blocker):
        lift_all()
        for field in TELLS:
            make_rule(built["program"], field=field)
        yield built


@pytest.fixture(scope="module")
def by_record(built: dict, django_db_blocker: Any) -> Iterator[dict]:
    with kept(django_db_blocker):
        lift_all()
        withhold_record(built["program"], "transaction", built["payment"].uid)
        yield built


@pytest.fixture
def ruled(by_rule):
    return deepcopy(by_rule)


@pytest.mark.parametrize("name", PAGES + NAMING + LATELY)
def test_an_auditor_reads_nothing_that_a_rule_seals(client, ruled, name):
    client.force_login(ruled["lead"])

    path = pages(ruled)[name]
    response = client.get(path, follow=True)

    assert response.status_code == 200
    assert told(text_of(response), path) == []


@pytest.mark.parametrize("name", ["ledger", "vouchers", "payment", "voucher", "finding", "sample"])
def test_the_owners_own_side_reads_everything(client, ruled, name):
    client.force_login(officer_of(ruled["program"]))
    path = pages(ruled)[name]
    if client.get(path).status_code == 200:
        assert told(read(client, path), path)


@pytest.mark.parametrize("name", ["ledger", "payment", "voucher", "sample"])
def test_the_page_says_that_something_is_sealed(client, ruled, name):
    client.force_login(ruled["lead"])

    assert "withheld" in read(client, pages(ruled)[name]).lower()


def test_no_list_of_identifiers_is_made_for_a_rule(ruled):
    veil = veil_for(ruled["lead"])

    assert veil.records == {}
    assert set(veil.programs[ruled["program"].pk]) == set(TELLS)
    among = veil.among(type(ruled["payment"]).objects.all())
    assert among.uids == () and among.ruled[ruled["program"].pk] >= 3
    assert veil.notice(among).count == among.ruled[ruled["program"].pk]
    assert veil.notice([ruled["payment"].uid]).categories == ("operational security",)


def test_records_vouchers_and_events_are_sealed_by_rule(ruled):
    lead, payment = ruled["lead"], ruled["payment"]

    for kind, record in (
        ("transaction", payment.uid),
        ("voucher_version", payment.version.uid),
        ("voucher", payment.version.voucher.uid),
    ):
        assert {"payee", "amount", "value_date"} <= set(queries.sealed_of(lead, kind, record))
    seen = type(payment).objects.annotate(hidden=queries.is_sealed(lead, "uid"))
    assert seen.get(pk=payment.pk).hidden
    glass = actions.break_glass(
        record_kind="transaction", record=payment.uid, reason="A finding.", hours=1, by=lead
    )
    values = actions.read_through_glass(glass=glass, by=lead)[0].values
    assert values["payee"] == payment.text.payee


@pytest.mark.parametrize("name", PAGES + NAMING + LATELY)
def test_an_auditor_reads_nothing_of_a_record_that_is_sealed_whole(client, by_record, name):
    world = deepcopy(by_record)
    client.force_login(world["lead"])

    path = pages(world)[name]
    response = client.get(path, follow=True)

    assert response.status_code == 200
    assert told(text_of(response), path) == []


def test_a_rule_for_another_reason_and_a_delay_seal_nothing_from_auditors():
    payment = make_disbursement(make_commitment(), payee="Acme")
    make_rule(payment.program, category=Category.COMMERCIAL)
    delay(payment.program, 30)
    auditor = make_auditor(payment.program)

    veil = veil_for(auditor)
    assert veil.programs == {} and payment.uid not in veil.records
    assert queries.sealed_of(auditor, "transaction", payment.uid) == {}


@pytest.mark.parametrize("name", ["payment", "payment beside it", "what both draw on"])
def test_a_reference_alone_is_covered_in_the_drawing_of_the_chain_too(client, built, name):
    world = deepcopy(built)
    lift_all()
    withhold(world["program"], "transaction", "reference", world["payment"].uid)
    client.force_login(world["lead"])

    text = read(client, pages(world)[name])

    assert REFERENCE not in text
    assert "432.19" in text and "withheld: operational security" in text


def test_what_is_beyond_a_dispatch_is_covered_by_itself(client):
    surplus = state(make_dispatch(), "surplus", "123.45").transaction
    withhold(surplus.program, "transaction", "excess", surplus.uid)
    client.force_login(make_auditor(surplus.program))

    text = read(client, f"/desk/transactions/{surplus.uid}/")

    assert "123.45" in text and "23.45" not in text.replace("123.45", "")


def test_a_receipt_that_is_sealed_hides_what_its_dispatch_and_their_statement_would_tell(client):
    dispatch = make_dispatch()
    said = state(
        dispatch,
        "short",
        "61.07",
        file=NewFile(ContentFile(b"A note of delivery."), "note.txt", "text/plain"),
    )
    withhold(dispatch.program, "transaction", "amount", said.transaction.uid)
    pages = [f"/desk/dispatches/{dispatch.uid}/", "/desk/dispatches/"]
    paper = f"/desk/statements/{said.uid}/evidence/"
    client.force_login(officer_of(dispatch.program))
    assert "61.07" in read(client, pages[0]) and "38.93" in read(client, pages[1])
    assert "A note of delivery." in read(client, paper)

    client.force_login(make_auditor(dispatch.program))
    for page in pages:
        assert not {"61.07", "38.93"} & set(re.findall(r"\d+\.\d\d", read(client, page)))
    assert client.get(paper).status_code == 403


def test_a_dispatch_of_which_words_alone_are_sealed_still_shows_both_sides(client):
    dispatch = make_dispatch(payee="A payee in the field")
    state(dispatch, "short", "61.07")
    for field in ("payee", "reference", "description"):
        withhold(dispatch.program, "transaction", field, dispatch.uid)
    client.force_login(make_auditor(dispatch.program))

    text = read(client, f"/desk/dispatches/{dispatch.uid}/")

    assert "61.07" in text and "D-1" not in text and "payee in the field" not in text


@pytest.fixture(params=["field", "record", "rule"])
def valued_anew(request):
    """A package that was revalued, of which all is sealed, and what was dispatched of it."""
    goods = make_goods(amount="432.19", payee=PAYEE, reference=REFERENCE, value_date=DAY)
    draw_on(goods, "disbursement", "216.00", reference="REF-4711/1", value_date=DAY)
    revaluation = propose(goods, "400.08")
    if request.param == "record":
        for row in within(goods):
            withhold_record(goods.program, "transaction", row.uid)
    for field in TELLS if request.param != "record" else ():
        if request.param == "rule":
            make_rule(goods.program, field=field)
        else:
            for row in within(goods):
                withhold(goods.program, "transaction", field, row.uid)
    return revaluation


WORTH = ("432.19", "400.08", "32.11", "216.00", "199.95", "REF-4711", "payee in the field")


@pytest.mark.parametrize("decided", [False, True])
def test_a_revaluation_tells_nothing_that_is_sealed_of_its_payment(client, valued_anew, decided):
    if decided:
        confirm(valued_anew)
    found = valued_anew.transaction
    page = f"/desk/revaluations/{valued_anew.uid}/"
    pages = [page, "/desk/revaluations/", "/desk/revaluations/?format=csv"]
    client.force_login(officer_of(found.program))
    assert all("432.19" in read(client, path) for path in pages)

    client.force_login(make_auditor(found.program))
    for path in pages:
        text = read(client, path)
        assert [one for one in WORTH if one in text] == []
        assert "withheld: operational security" in text
    assert client.get(f"{page}document/").status_code == 403


@pytest.mark.parametrize("query", ["q=REF-4711", "q=field", "sort=worth", "sort=-reference"])
def test_no_filter_and_no_order_of_revaluations_compares_what_is_sealed(client, valued_anew, query):
    path, found = f"/desk/revaluations/?{query}", f"/desk/revaluations/{valued_anew.uid}/"
    client.force_login(officer_of(valued_anew.transaction.program))
    assert found in read(client, path)

    client.force_login(make_auditor(valued_anew.transaction.program))
    assert found not in read(client, path)


def test_a_provider_that_is_sealed_is_covered_beside_its_revaluation(client):
    revaluation = propose(make_goods(amount="432.19"), "400.08")
    found = revaluation.transaction
    withhold(found.program, "transaction", "provider", found.uid)
    client.force_login(make_auditor(found.program))

    text = read(client, f"/desk/revaluations/{revaluation.uid}/")

    assert "withheld: operational security" in text and "400.08" in text


def test_a_revaluation_is_linked_without_naming_what_is_sealed_of_its_payment(client, valued_anew):
    engagement = make_engagement(valued_anew.transaction.program)
    draft = make_finding(valued_anew.transaction, engagement=engagement, issued=False)
    path = f"{draft.get_absolute_url()}records/?kind=revaluation"
    client.force_login(engagement.lead)

    listed, found = read(client, path), read(client, f"{path}&q=REF-4711")

    assert str(valued_anew.uid) in listed and str(valued_anew.uid) not in found
    assert [one for one in WORTH if one in listed] == []


@pytest.mark.parametrize("how", ["field", "rule"])
def test_late_rows_and_commitments_under_an_authority_tell_nothing_that_is_sealed(client, how):
    program = make_program()
    authority = make_authority(program.owner)
    set_ceiling(authority, "1000.00")
    goods = make_goods(
        program, amount="432.19", payee=PAYEE, reference=REFERENCE, authority=authority
    )
    period = close(program.owner)
    make_late_commitment(program, "61.07", reference="LATE-1")
    confirm(propose(goods, "400.08"))
    for row in program.transactions.all():
        for name in TELLS:
            if how == "field":
                withhold(program, "transaction", name, row.uid)
    for name in TELLS if how == "rule" else ():
        make_rule(program, field=name)
    said = {
        f"/desk/authorities/{authority.uid}/": ("REF-4711", "432.19", "400.08"),
        f"/desk/periods/{period.uid}/": ("REF-4711", "LATE-1", "61.07", "400.08"),
        f"/desk/periods/{period.uid}/programs/{program.uid}/": ("REF-4711", "LATE-1", "61.07"),
    }
    client.force_login(officer_of(program))
    for path, values in said.items():
        assert [one for one in values if one not in read(client, path)] == [], path

    client.force_login(make_auditor(program))
    for path in said:
        text = read(client, path)
        assert "Withheld from you here" in text and "REF-4711" not in text, path
        assert "LATE-1" not in text and "17 Mar" not in text, path
        rows = text[text.index('id="late"' if "periods" in path else 'id="under"') :]
        assert not {"432.19", "61.07", "400.08", "599.92"} & set(re.findall(r"\d+\.\d\d", rows))
