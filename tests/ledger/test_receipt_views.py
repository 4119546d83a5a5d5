"""The pages of dispatches and discrepancies: what each side sees, says and may do."""

from copy import deepcopy
from datetime import timedelta
from functools import partial
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.factories import accounts, ledger
from tests.factories import receipts as make
from tests.factories.programs import make_program
from tracker.accounts.models import Role
from tracker.ledger.models import Discrepancy, Statement, Transaction


def build():
    dispatch = make.make_dispatch("100.00")
    make.representative_of(dispatch.program)
    return dispatch


@pytest.fixture
def dispatch(built):
    return deepcopy(built)


@pytest.fixture
def sign_in(client):
    return partial(accounts.sign_in, client)


def text(response):
    return response.content.decode()


def address(row):
    kind = "discrepancies" if isinstance(row, Discrepancy) else "dispatches"
    return f"/desk/{kind}/{row.uid}/"


SHORT = {"verdict": "short", "amount": "90.00", "arrived_on": "2024-04-02", "remark": "One box."}


def test_a_representative_states_a_short_receipt_and_both_figures_stand(sign_in, dispatch):
    program = dispatch.program
    client = sign_in(make.representative_of(program))
    assert "Dispatches that wait for your word" in text(client.get("/desk/"))

    page = text(client.get(address(dispatch)))
    assert "waits for the recipient's word" in page.replace("&#x27;", "'")
    for words in ("Confirmed:", "Short:", "Surplus:", "Damaged:", "Disputed:", "money was paid"):
        assert words in page
    file = SimpleUploadedFile("note.txt", b"Signed.", "text/plain")
    page = text(client.post(address(dispatch), SHORT | {"file": file}, follow=True))

    assert "What you state is recorded." in page
    for words in ("100.00", "90.00", "10.00", "One box.", "note.txt"):
        assert words in page
    assert "waits for the recipient" not in page
    statement = Statement.objects.get()
    assert statement.transaction.amount.plain == "90.00"
    evidence = client.get(reverse("ledger:statement_evidence", args=[statement.uid]))
    assert b"".join(evidence.streaming_content) == b"Signed."
    assert "Dispatches that wait for your word" not in text(client.get("/desk/"))


@pytest.mark.parametrize(
    "said, words",
    [
        ({"remark": "All is well."}, "This field is required"),
        (SHORT | {"amount": ""}, "State what arrived, as its value."),
        (SHORT | {"amount": "much"}, "is not an amount"),
        (SHORT | {"amount": "90.001"}, "more decimals than USD"),
        (SHORT | {"amount": "9" * 39}, "larger than this ledger can hold"),
        (SHORT | {"amount": "100.00"}, "state less"),
        (SHORT | {"arrived_on": "soon"}, "This is no date"),
        (SHORT | {"arrived_on": ""}, "State the day."),
        (SHORT | {"verdict": "lost"}, "Select a valid choice"),
        ({"verdict": "disputed"}, "Say what you dispute"),
    ],
)
def test_bad_input_gets_a_sentence_at_its_field_and_records_nothing(sign_in, dispatch, said, words):
    page = text(sign_in(make.representative_of(dispatch.program)).post(address(dispatch), said))
    assert words in page.replace("&#x27;", "'")
    assert not Statement.objects.exists()


def test_a_bad_file_is_refused_and_nothing_is_recorded(sign_in, dispatch):
    client = sign_in(make.representative_of(dispatch.program))
    for name, content, words in (
        ("run.exe", b"MZ", "is of a kind that is not taken in"),
        ("empty.txt", b"", "is empty"),
    ):
        file = SimpleUploadedFile(name, content)
        assert words in text(client.post(address(dispatch), SHORT | {"file": file}))
    assert not Statement.objects.exists()


def test_goods_are_stated_in_pieces_with_the_point_that_received_means(sign_in):
    goods = make.make_goods(40, "100.00")
    client = sign_in(make.representative_of(goods.program))
    assert "arrived at a logistics node" in text(client.get(address(goods)))
    said = {"verdict": "short", "quantity": "36", "arrived_on": "2024-04-02"}
    assert "Say which point" in text(client.post(address(goods), said))
    for wrong, words in (("x", "no number"), ("1e9999", "million"), ("0.1234567", "decimals")):
        assert words in text(client.post(address(goods), said | {"quantity": wrong}))

    page = text(
        client.post(address(goods), said | {"delivery_point": "title_transfer"}, follow=True)
    )

    assert "“received” means here: title was handed over" in page
    assert "36" in page and "90.00" in page
    assert Discrepancy.objects.get().quantity == 4


def test_a_dispute_forgets_figures_that_were_typed_before_it_was_chosen(sign_in, dispatch):
    client = sign_in(make.representative_of(dispatch.program))
    said = SHORT | {"verdict": "disputed"}
    assert "Your dispute is recorded" in text(client.post(address(dispatch), said, follow=True))
    assert Statement.objects.get().amount is None


def test_staff_see_both_figures_and_no_form_and_state_nothing(sign_in, dispatch):
    client = sign_in(ledger.officer_of(dispatch.program))
    page = text(client.get(address(dispatch)))
    assert "The recipient's representative states what arrived." in page
    assert "State it" not in page
    assert client.post(address(dispatch), SHORT).status_code == 403


def test_a_representative_reads_no_voucher_and_no_name_of_staff(sign_in, dispatch):
    program = dispatch.program
    short = make.make_short("90.00", dispatch)
    make.explain(short, ledger.officer_of(program))
    client = sign_in(make.representative_of(program, 1))
    voucher = dispatch.version.voucher
    secrets = [str(voucher.uid), voucher.created_by.name, make.representative_of(program).name]
    for where in (address(dispatch), address(short), "/desk/dispatches/", "/desk/discrepancies/"):
        page = text(client.get(where))
        for secret in secrets:
            assert secret not in page, where
    staff = text(sign_in(ledger.officer_of(program)).get(address(dispatch)))
    assert make.representative_of(program).name in staff


def test_what_was_used_is_stated_of_a_receipt(sign_in, dispatch):
    receipt = make.state(dispatch, "confirmed").transaction
    client = sign_in(make.representative_of(dispatch.program))
    page = text(client.get(reverse("dashboards:transaction", args=[receipt.uid])))
    assert "State what was used" in page
    assert "Nobody approves it here" in page
    where = f"/desk/use/{receipt.uid}/"
    assert "100.00" in text(client.get(where))
    assert "State what arrived, as its value" in text(
        client.post(where, {"arrived_on": "2024-05-01"})
    )
    said = {"amount": "60.00", "arrived_on": "2024-05-01"}
    assert "What was used is recorded." in text(client.post(where, said, follow=True))
    assert Transaction.objects.get(kind="expenditure").amount.plain == "60.00"


# --- Discrepancies ---------------------------------------------------------


def test_an_explanation_is_given_on_the_page_and_accepted_by_the_other_side(sign_in, dispatch):
    program = dispatch.program
    short = make.make_short("90.00", dispatch)
    later = make.state(dispatch, "confirmed").transaction
    client = sign_in(make.representative_of(program))
    page = text(client.get(address(short)))
    assert "Posted since on the same dispatch" in page and "Explain the difference" in page
    said = {
        "step": "explain",
        "explain-reason": "It came with the next lorry.",
        "explain-settled_by": str(later.uid),
        "explain-file": SimpleUploadedFile("lorry.txt", b"Signed.", "text/plain"),
    }
    page = text(client.post(address(short), said, follow=True))
    assert "It counts once the other side accepts it." in page
    assert "Accept the explanation" not in page

    client = sign_in(ledger.officer_of(program))
    assert "Answer the explanation: short of 10.00 USD, D-1" in text(client.get("/desk/"))
    step = short.steps.get()
    evidence = client.get(reverse("ledger:step_evidence", args=[short.uid, step.uid]))
    assert b"".join(evidence.streaming_content) == b"Signed."
    page = text(client.post(address(short), {"step": "accept"}, follow=True))
    assert "the discrepancy is explained" in page
    assert "It came with the next lorry." in page
    assert "Settled by" in page


def test_a_loss_is_declared_and_its_write_off_named_later(sign_in, dispatch):
    short = make.make_short("90.00", dispatch)
    client = sign_in(ledger.officer_of(dispatch.program))
    said = {"step": "lose", "lose-reason": "Sunk."}
    assert "The loss is declared." in text(client.post(address(short), said, follow=True))
    assert "Name the write-off: D-1" in text(client.get("/desk/"))
    write_off = make.make_write_off(dispatch, "10.00")
    said = {"step": "write_off", "write_off-reason": "Posted."}
    assert "Choose the write-off" in text(client.post(address(short), said))
    said["write_off-settled_by"] = str(write_off.uid)
    assert "The write-off is named." in text(client.post(address(short), said, follow=True))
    assert "Name the write-off: D-1" not in text(client.get("/desk/"))


def test_a_step_without_a_reason_is_shown_again_open_and_an_unknown_one_does_nothing(
    sign_in, dispatch
):
    short = make.make_short("90.00", dispatch)
    client = sign_in(ledger.officer_of(dispatch.program))
    page = text(client.post(address(short), {"step": "explain", "explain-reason": ""}))
    assert "Say why: the reason stays" in page and '<details class="more" open>' in page
    for step in ("", "vanish"):
        assert client.post(address(short), {"step": step}).status_code == 200
    assert not short.steps.exists()


def test_a_step_that_this_person_may_not_take_is_refused_with_its_reason(sign_in, dispatch):
    short = make.make_short("90.00", dispatch)
    make.explain(short, ledger.officer_of(dispatch.program))
    client = sign_in(make.representative_of(dispatch.program))
    answer = client.post(address(short), {"step": "accept"})
    assert answer.status_code == 403
    assert "never closes its discrepancy" in text(answer)
    auditor = accounts.make_person(
        Role.AUDITOR, organisation=dispatch.program.owner, employer=accounts.make_organisation()
    )
    client = sign_in(auditor)
    assert "What you can do" not in text(client.get(address(short)))
    said = {"step": "explain", "explain-reason": "So."}
    assert client.post(address(short), said).status_code == 403


def test_overdue_ones_stand_out_on_the_desk_and_in_the_list(sign_in, dispatch, settings):
    settings.DISCREPANCY_DAYS = 0
    make.make_short("90.00", dispatch)
    client = sign_in(ledger.officer_of(dispatch.program))
    assert "Settle: short of 10.00 USD, D-1" in text(client.get("/desk/"))
    only = text(client.get("/desk/discrepancies/?clock=overdue"))
    assert "10.00" not in only, "due today is not late"
    assert "10.00" in text(client.get("/desk/discrepancies/?clock=unsettled"))
    tomorrow = Discrepancy.objects.get().due_on + timedelta(1)
    with patch("tracker.ledger.views.discrepancies.queries.today_of", lambda user: tomorrow):
        only = text(client.get("/desk/discrepancies/?clock=overdue"))
    assert "10.00" in only and "1 day overdue" in only


def test_the_lists_filter_and_download_what_they_show(sign_in, dispatch):
    program = dispatch.program
    make.make_explained(make.make_short("90.00", dispatch))
    waiting = make.make_dispatch("7.00", program=program)
    make.state(make.make_dispatch("50.00", program=program), "disputed")
    client = sign_in(ledger.officer_of(program))

    page = text(client.get("/desk/dispatches/?word=waits"))
    assert str(waiting.uid) in page and str(dispatch.uid) not in page
    assert "10.00" in text(client.get("/desk/discrepancies/?status=explained"))
    assert "10.00" not in text(client.get("/desk/discrepancies/?kind=disputed"))
    for clock in ("unsettled", "overdue", "answer", "write_off"):
        assert client.get(f"/desk/discrepancies/?clock={clock}").status_code == 200
    assert "disputed" in text(client.get(f"/desk/discrepancies/?q=D-1&program={program.uid}"))
    for name, lines in (("dispatches", 4), ("discrepancies", 3)):
        answer = client.get(f"/desk/{name}/?format=csv")
        assert b"".join(answer.streaming_content).decode().strip().count("\n") + 1 == lines
    mine = sign_in(make.representative_of(program)).get("/desk/dispatches/?word=mine&q=D")
    assert str(waiting.uid) in text(mine)


@pytest.mark.thorough
def test_pages_cost_the_same_queries_for_one_and_for_many(sign_in, dispatch, count_queries):
    program = dispatch.program
    short = make.make_short("90.00", dispatch)
    make.make_dispatch(program=program)
    people = (ledger.officer_of(program), make.representative_of(program))
    places = [
        *("/desk/", "/desk/dispatches/", "/desk/discrepancies/", "/desk/ledger/"),
        *(address(dispatch), address(short)),
        reverse("dashboards:transaction", args=[dispatch.uid]),
    ]

    def asked():
        found = {}
        for person in people:
            client = sign_in(person)
            for where in places:
                found[person, where] = count_queries(partial(client.get, where))
        return found

    asked()
    before = asked()
    for _ in range(2):
        make.make_short("9.00", make.make_dispatch("10.00", program=program))
        make.state(dispatch, "surplus", "20.00")
        make.make_dispatch(program=program)
    assert asked() == before


def test_the_page_of_a_payment_and_the_list_show_rows_that_have_no_voucher(sign_in, dispatch):
    receipt = make.state(dispatch, "short", "90.00").transaction
    client = sign_in(ledger.officer_of(dispatch.program))
    page = text(client.get(reverse("dashboards:transaction", args=[dispatch.uid])))
    assert "Dispatched and received" in page and "What differs." in page
    page = text(client.get(reverse("dashboards:transaction", args=[receipt.uid])))
    assert "reported by the recipient" in page
    listed = text(client.get("/desk/ledger/?kind=receipt"))
    assert "stated by the recipient" in listed
    assert client.get(f"/desk/transactions/{receipt.uid}/reverse/").status_code == 200
    assert "90.00" in text(client.get(f"/desk/search/?q={receipt.uid}"))
    assert receipt.label == "stated by the recipient"


def test_a_stranger_is_told_that_there_is_no_such_thing(sign_in, dispatch):
    short = make.make_short("90.00", dispatch)
    client = sign_in(make.representative_of(make_program()))
    for where in (address(dispatch), address(short), f"/desk/use/{short.receipt.uid}/"):
        assert client.get(where).status_code == 404
