"""The pages of valuations: what they show before and after, what they refuse, and to whom."""

from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from tests.factories import accounts
from tests.factories import ledger as make
from tests.factories import valuation as goods
from tests.factories.programs import make_program
from tracker.accounts.models import Role
from tracker.ledger.models import AlternativeValue, Balance, Revaluation, Transaction


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    """Goods of which half was sent, made once; what a test does to them is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        row = goods.make_goods(make_program(), amount="1000.00", reference="PKG-1")
        goods.draw(row, "disbursement", "500.00", reference="SENT-1")
        yield row.pk
        transaction.set_rollback(True)


@pytest.fixture
def package(made):
    return Transaction.objects.select_related("program__owner").get(pk=made)


@pytest.fixture
def program(package):
    return package.program


@pytest.fixture
def sign_in(client):
    return partial(accounts.sign_in, client)


def text(response):
    return response.content.decode()


def address(row, verb=""):
    return f"/desk/transactions/{row.uid}/{verb}"


def said(**changes):
    return {
        "new_basis": "net_book_value",
        "valuation_date": "2024-03-01",
        "method": "document",
        "new_amount": "400.00",
        "reason": "It is old.",
        "act": "propose",
    } | changes


def document():
    return SimpleUploadedFile("valuation.txt", b"Worth 400.00", "text/plain")


def test_an_officer_proposes_an_approver_confirms_and_both_figures_stand_on_the_page(
    sign_in, program, package
):
    client = sign_in(make.officer_of(program))
    page = text(
        client.post(address(package, "revalue/"), said() | {"document": document()}, follow=True)
    )
    assert "The revaluation is proposed." in page
    assert "another person confirms or declines it" in page or "Only an approver" in page
    (proposed,) = Revaluation.objects.all()
    assert "waits for a second person" in text(client.get(address(package)))
    assert "Revaluation of commitment PKG-1" in text(client.get("/desk/"))

    client = sign_in(goods.decider_of(program))
    assert "commitment PKG-1 is worth 400.00 USD" in text(client.get("/desk/"))
    page = text(client.get(f"/desk/revaluations/{proposed.uid}/"))
    assert "SENT-1" in page and "200.00" in page
    decide = f"/desk/revaluations/{proposed.uid}/decide/"
    page = text(client.post(decide, {"verdict": "confirm"}, follow=True))
    assert "The revaluation is confirmed and counts." in page
    assert Balance.objects.get(transaction=package).value.plain == "400.00"

    page = text(client.get(address(package)))
    for words in ("First stated", "1,000.00", "400.00", "−600.00", "It is old.", "valuation.txt"):
        assert words in page
    listed = text(client.get("/desk/ledger/"))
    assert listed.count("now <data") == 2
    file = client.get(f"/desk/revaluations/{proposed.uid}/document/")
    assert b"".join(file.streaming_content) == b"Worth 400.00"
    assert "attachment" in file["Content-Disposition"]


def test_what_follows_is_shown_before_anything_is_proposed_with_and_without_scripts(
    sign_in, program, package
):
    client = sign_in(make.officer_of(program))
    asked = said(act="preview", reason="")

    page = text(client.post(address(package, "revalue/"), asked))
    part = text(client.post(address(package, "revalue/"), asked, headers={"HX-Request": "true"}))

    for shown in (page, part):
        assert "SENT-1" in shown and "200.00" in shown and "Would be worth" in shown
    assert "<html" in page and "<html" not in part
    assert not Revaluation.objects.exists()
    bad = said(act="preview", new_amount="1.001")
    assert "more decimals than USD has" in text(client.post(address(package, "revalue/"), bad))


def test_headroom_before_and_after_is_part_of_what_follows(sign_in, program):
    authority = make.make_authority(program.owner, title="Drawdown act")
    make.set_ceiling(authority, "1000.00")
    row = goods.make_goods(program, amount="900.00", authority=authority)
    client = sign_in(make.officer_of(program))

    page = text(client.post(address(row, "revalue/"), said(act="preview")))
    assert "Left under “Drawdown act” for FY2024" in page
    assert "100.00" in page and "600.00" in page
    refused = text(client.post(address(row, "revalue/"), said(act="preview", new_amount="1000.01")))
    assert "is left under the ceiling" in refused

    goods.revalue(row, "400.00")
    shown = text(client.get(f"/desk/authorities/{authority.uid}/"))
    for words in ("Headroom and revaluations", "Left as stated", "−500.00", "now <data"):
        assert words in shown


def test_a_refusal_stays_on_the_form_at_its_field(sign_in, program, package):
    client = sign_in(make.officer_of(program))
    for changes, sentence in [
        ({"new_basis": ""}, "This field is required"),
        ({"new_basis": "money"}, "Select a valid choice"),
        ({"valuation_date": "soon"}, "This is no date"),
        ({"new_amount": ""}, "State what it is worth."),
        ({"new_amount": "much"}, "is not an amount"),
        ({"new_amount": "9" * 30}, "larger than this ledger can hold"),
        ({"method": "straight_line", "new_amount": ""}, "Depreciation needs this figure."),
        ({"reason": ""}, "Say why"),
        ({"document": None}, "Attach the document that states the value."),
        ({"document": SimpleUploadedFile("x.exe", b"MZ")}, "is of a kind that is not taken in"),
        ({"document": SimpleUploadedFile("x.txt", b"")}, "is empty (0 bytes)"),
    ]:
        sent = said() | {"document": document()} | changes
        sent = {name: value for name, value in sent.items() if value is not None}
        page = text(client.post(address(package, "revalue/"), sent))
        assert sentence in page
    assert not Revaluation.objects.exists()


def test_depreciation_is_reckoned_on_the_form_and_says_that_it_was_rounded(sign_in, program):
    row = goods.make_goods(program, amount="1000000.00")
    client = sign_in(make.officer_of(program))
    line = {
        "method": "straight_line",
        "new_amount": "",
        "acquisition_cost": "1,000,000.00",
        "salvage": "0",
        "useful_life": "15",
        "age": "9",
    }
    page = text(client.post(address(row, "revalue/"), said(act="preview", **line)))
    assert "400,000.00" in page and "was rounded" not in page
    page = text(client.post(address(row, "revalue/"), said(act="preview", **line | {"age": "8.5"})))
    assert "433,333.33" in page and "was rounded" in page

    client.post(address(row, "revalue/"), said(**line) | {"document": document()})
    assert Revaluation.objects.get().new_amount.plain == "400000.00"


def test_what_nobody_has_valued_says_so_everywhere_and_gets_its_first_value(sign_in, program):
    row = goods.make_goods(program, amount=None, reference="COURSE")
    client = sign_in(make.officer_of(program))
    for page in ("/desk/ledger/", address(row)):
        assert "Unvalued" in text(client.get(page))
    page = text(client.get(address(row)))
    assert "Propose a value" in page and "not zero" in page

    sent = said(currency="eur") | {"document": document()}
    page = text(client.post(address(row, "revalue/"), sent, follow=True))
    assert "First value" in page and "400.00" in page
    assert Revaluation.objects.get().currency == "EUR"
    goods.confirm(Revaluation.objects.get())
    assert "400.00" in text(client.get("/desk/ledger/"))


def test_money_and_reversed_rows_say_why_they_are_not_valued(sign_in, program, package):
    client = sign_in(make.officer_of(program))
    paid = make.make_commitment(program)
    assert "Propose" not in text(client.get(address(paid)))
    assert "Money is its own value" in text(client.get(address(paid, "revalue/")))
    assert "Money is its own value" in text(client.get(address(paid, "values/")))
    gone = goods.make_goods(program)
    make.make_reversal(gone)
    assert "was reversed" in text(client.get(address(gone, "revalue/")))


def test_declining_needs_a_reason_and_an_unclear_decision_does_nothing(sign_in, package):
    proposed = goods.propose(package, "400.00")
    client = sign_in(goods.decider_of(package.program))
    decide = f"/desk/revaluations/{proposed.uid}/decide/"
    assert "It is unclear" in text(client.post(decide, {"verdict": "maybe"}, follow=True))
    assert "Say why it is declined" in text(
        client.post(decide, {"verdict": "decline"}, follow=True)
    )
    page = text(client.post(decide, {"verdict": "decline", "reason": "Wrong lot."}, follow=True))
    assert "Wrong lot." in page and "Nothing: it was declined." in page


def test_an_officer_states_a_value_on_another_basis(sign_in, package):
    client = sign_in(make.officer_of(package.program))
    sent = {
        "basis": "market_value",
        "amount": "1,580.00",
        "currency": "usd",
        "valuation_date": "2024-03-01",
        "citation": "Price list, page 4",
    }
    page = text(client.post(address(package, "values/"), sent, follow=True))
    assert "1.58 ×" in page and "Price list, page 4" in page
    bad = text(client.post(address(package, "values/"), sent | {"basis": "replacement_cost"}))
    assert "What counts is its replacement cost already" in bad
    assert AlternativeValue.objects.count() == 1


def test_a_recipients_representative_sees_the_value_and_neither_names_nor_reasons(
    sign_in, program, package
):
    goods.revalue(package, "400.00", reason="A word among staff.")
    recipient = program.participations.get(role="recipient").organisation
    client = sign_in(accounts.make_person(Role.RECIPIENT, organisation=recipient))

    page = text(client.get(address(package)))

    assert "400.00" in page and "First stated" in page
    assert "A word among staff." not in page
    assert "PKG-1" not in text(client.get("/desk/revaluations/"))


def test_the_list_filters_adds_up_by_kind_and_downloads(sign_in, program, package):
    goods.revalue(package, "400.00")
    goods.propose(goods.make_goods(program, amount=None, reference="NEW-2"), "7.00")
    client = sign_in(make.officer_of(program))

    page = text(client.get("/desk/revaluations/"))
    for words in ("PKG-1", "NEW-2", "−600.00", "−300.00", "Unvalued", "first value"):
        assert words in page
    waiting = text(client.get("/desk/revaluations/?state=proposed"))
    assert "NEW-2" in waiting and "PKG-1" not in waiting
    confirmed = text(
        client.get("/desk/revaluations/?state=confirmed&q=PKG&old_basis=replacement_cost")
    )
    assert "PKG-1" in confirmed and "NEW-2" not in confirmed
    assert "NEW-2" not in text(client.get("/desk/revaluations/?state=mine"))
    told = b"".join(client.get("/desk/revaluations/?format=csv").streaming_content).decode()
    assert "1000.00,USD,replacement cost,400.00,USD,net book value,-600.00,USD" in told
    assert ",,unvalued,7.00,USD" in told
    ledger = b"".join(client.get("/desk/ledger/?format=csv").streaming_content).decode()
    assert "1000.00,USD,400.00,USD" in ledger


@pytest.mark.thorough
def test_ten_revaluations_cost_as_many_queries_as_one(sign_in, program, package, count_queries):
    authority = make.make_authority(program.owner)
    row = goods.make_goods(program, authority=authority)
    client = sign_in(make.officer_of(program))
    pages = (
        "/desk/revaluations/",
        "/desk/ledger/",
        address(package),
        f"/desk/authorities/{authority.uid}/",
    )

    def revalue(amount):
        goods.revalue(package, amount)
        goods.revalue(row, amount)
        goods.state_alternative(package, amount)

    revalue("900.00")
    few = [count_queries(lambda p=page: client.get(p)) for page in pages]
    for amount in ("800.00", "700.00", "650.00"):
        revalue(amount)

    assert [count_queries(lambda p=page: client.get(p)) for page in pages] == few


def test_a_reversal_says_what_it_takes_back_and_a_voucher_what_it_can_draw_on(
    sign_in, program, package
):
    row = goods.make_goods(program)
    goods.revalue(row, "400.00")
    bare = goods.make_goods(program, amount=None)
    sent = make.make_voucher(program, "disbursement", draws_on=bare, **goods.UNVALUED, form="goods")
    client = sign_in(make.officer_of(program))

    assert "that is what the reversal takes back" in text(client.get(address(row, "reverse/")))
    assert "This commitment is unvalued" in text(client.get(f"/desk/vouchers/{sent.uid}/"))
    new = f"/desk/vouchers/new/?program={program.uid}&kind=disbursement"
    assert "400.00 USD left of 400.00 USD" in text(client.get(new))
