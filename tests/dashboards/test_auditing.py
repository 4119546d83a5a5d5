"""The auditor's desk: histories with before and after, searches, stars, broken glass and evidence, page by page."""

import io
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.factories import sampling
from tests.factories.accounts import make_person
from tests.factories.audits import make_auditor, make_engagement, make_finding, walk
from tests.factories.ledger import make_commitment, make_disbursement, make_voucher, officer_of
from tests.factories.money import claim, make_plan, make_questioned
from tests.factories.publishing import withhold
from tests.worlds import kept
from tracker.audits import actions
from tracker.audits.models import RecommendationState, SavedSearch, Star
from tracker.dashboards.queries import histories
from tracker.publishing.models import BrokenGlass, BundleExport, GlassReading
from tracker.shared.errors import NotAllowed, Refused

SECRET = "A payee in the field"


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict]:
    with kept(django_db_blocker):
        payment = make_disbursement(payee=SECRET)
        engagement = make_engagement(payment.program)
        finding = make_finding(payment, engagement=engagement, recommendations=1)
        walk(finding.recommendations.get(), RecommendationState.OPEN_RESOLVED)
        yield {
            "payment": payment,
            "program": payment.program,
            "engagement": engagement,
            "finding": finding,
            "lead": engagement.lead,
        }


@pytest.fixture
def world(built):
    return deepcopy(built)


@pytest.fixture
def auditor(client, world):
    client.force_login(world["lead"])
    return client


def read(client, path, **query):
    response = client.get(path, query)
    assert response.status_code == 200, path
    return response.content.decode()


# --- Histories -------------------------------------------------------------


def test_a_record_shows_what_stood_there_before_and_after_and_who_changed_it(auditor, world):
    recommendation = world["finding"].recommendations.get()

    page = histories.record_page(recommendation.uid, world["lead"])

    newest = page.steps[0]
    changed = {change.field: (change.before, change.after) for change in newest.changes}
    assert changed["state"] == ("issued", "open_resolved")
    assert changed["response"] == ("none", "concur")
    assert "text" not in changed and "owner" not in changed
    assert newest.by == officer_of(world["program"]).name
    first = {change.field: change for change in page.steps[-1].changes}
    assert first["owner"].after == world["program"].owner.name
    html = read(auditor, f"/desk/records/{recommendation.uid}/")
    assert newest.by in html and "open_resolved" in html


def test_a_changed_draft_shows_both_texts(auditor, world):
    voucher = make_voucher(world["program"], description="First words")
    by = officer_of(world["program"])
    page = read(auditor, f"/desk/records/{voucher.uid}/")

    assert "First words" in page
    assert by.name in page


def test_the_history_is_for_auditors_in_whose_scope_the_record_lies(client, world):
    path = f"/desk/records/{world['payment'].uid}/"
    client.force_login(officer_of(world["program"]))
    assert client.get(path).status_code == 403
    client.force_login(make_auditor(make_disbursement().program))
    assert client.get(path).status_code == 404


def test_a_long_history_costs_no_more_queries_than_a_short_one(auditor, world, count_queries):
    short = world["payment"].uid
    recommendation = world["finding"].recommendations.get()
    for state in ("implementation_claimed", "closed_implemented"):
        recommendation = walk(recommendation, RecommendationState(state))

    def cost(uid):
        return count_queries(lambda: read(auditor, f"/desk/records/{uid}/"))

    assert cost(recommendation.uid) == cost(short)


def test_everything_in_scope_is_listed_by_kind_person_and_day(auditor, world):
    path = f"/desk/audits/{world['engagement'].uid}/history/"
    make_disbursement(payee="Elsewhere")
    everything = read(auditor, path)
    only = read(auditor, path, kind="transaction")
    officer = officer_of(world["program"])
    named = read(auditor, path, person=officer.name, kind="recommendation")

    assert f"/desk/records/{world['payment'].uid}/" in everything
    assert f"/desk/records/{world['finding'].uid}/" in everything
    assert f"/desk/records/{world['finding'].uid}/" not in only
    assert officer.name in named and world["lead"].name not in named.split("<tbody")[1]
    assert "Elsewhere" not in everything
    assert "No row fits" in read(auditor, path, until="1999-01-01")


def test_what_happened_to_the_money_and_the_plans_of_findings_and_to_samples_is_in_it(auditor):
    finding = make_questioned("80.00", recommendations=1)
    engagement = finding.engagement
    claim(finding, "30.00")
    make_plan(walk(finding.recommendations.get(), RecommendationState.OPEN_RESOLVED))
    sampling.plan(engagement, size=1, size_reason="It is one.")
    auditor.force_login(engagement.lead)
    listed = read(auditor, f"/desk/audits/{engagement.uid}/history/")
    for words in (
        "as documented: claimed",
        "corrective action plan was stated",
        "Sample 1 was planned",
    ):
        assert words in listed


def test_the_list_costs_the_same_for_few_and_for_many(auditor, world, count_queries):
    path = f"/desk/audits/{world['engagement'].uid}/history/"
    few = count_queries(lambda: read(auditor, path))
    commitment = make_commitment(world["program"])
    for _ in range(4):
        make_disbursement(commitment)

    assert count_queries(lambda: read(auditor, path)) == few


# --- Saved searches --------------------------------------------------------


def save(client, name="Mine", address="/desk/recommendations/", query=""):
    return client.post(
        "/desk/searches/save/", {"name": name, "address": address, "query": query}, follow=True
    )


def test_a_saved_search_says_how_many_rows_are_new_since_somebody_looked(auditor, world):
    save(auditor, query="state=open&page=3")
    search = SavedSearch.objects.get()
    assert (search.page, search.query) == ("recommendations", "state=open")
    assert "nothing new" in read(auditor, "/desk/auditor/")

    walk(world["finding"].recommendations.get(), RecommendationState.IMPLEMENTATION_CLAIMED)
    make_finding(world["payment"], engagement=world["engagement"], recommendations=2)

    assert "3 new or changed" in read(auditor, "/desk/auditor/")
    response = auditor.post(f"/desk/searches/{search.uid}/run/")
    assert response["Location"] == "/desk/recommendations/?state=open"
    assert "nothing new" in read(auditor, "/desk/auditor/")


@pytest.mark.parametrize(
    "name", sorted(["ledger", "vouchers", "programs", "engagements", "findings"])
)
def test_every_list_can_be_saved_and_counted(auditor, world, name):
    from tracker.dashboards.lists import LISTS

    save(auditor, address=LISTS[name].address)
    SavedSearch.objects.update(seen=0)

    assert "new or changed" in read(auditor, "/desk/searches/")


def test_the_lists_that_offer_to_be_saved_are_those_that_can_be(auditor):
    from tracker.dashboards.lists import BY_ADDRESS
    from tracker.shared.pages import SAVABLE

    assert set(BY_ADDRESS) == SAVABLE
    for address in SAVABLE:
        assert "Save this search" in read(auditor, address)


@pytest.mark.thorough
def test_thirty_searches_cost_the_queries_of_one(auditor, count_queries):
    save(auditor, "1")
    one = count_queries(lambda: read(auditor, "/desk/searches/"))
    for number in range(2, 6):
        save(auditor, str(number), query=f"q={number}")

    assert count_queries(lambda: read(auditor, "/desk/searches/")) == one
    SavedSearch.objects.bulk_create(
        SavedSearch(person_id=SavedSearch.objects.first().person_id, name=f"x{n}", page="ledger")
        for n in range(25)
    )
    with pytest.raises(Refused, match="remove one"):
        actions.save_search(
            name="one more", page="ledger", query="", by=SavedSearch.objects.first().person
        )


def test_a_search_is_its_owners_alone_and_foreign_addresses_are_refused(auditor, client, world):
    said = save(auditor, address="https://example.org/")
    assert "cannot be saved" in said.content.decode() and not SavedSearch.objects.exists()
    save(auditor)
    search = SavedSearch.objects.get()
    client.force_login(make_person())
    assert client.post(f"/desk/searches/{search.uid}/remove/").status_code == 404
    with pytest.raises(NotAllowed):
        actions.remove_search(search=search, by=make_person())
    client.force_login(world["lead"])
    client.post(f"/desk/searches/{search.uid}/remove/")
    assert not SavedSearch.objects.exists()


# --- Stars -----------------------------------------------------------------


def put(client, record, **says):
    fields = {"field": "state", "note": "Why so late?", "engagement": ""}
    return client.post(f"/desk/records/{record}/star/", fields | says, follow=True)


def test_a_star_stands_beside_its_value_and_says_when_that_changed(auditor, world):
    recommendation = world["finding"].recommendations.get()
    put(auditor, recommendation.uid)
    assert "Why so late?" in read(auditor, f"/desk/records/{recommendation.uid}/")
    assert "as it was" in read(auditor, "/desk/auditor/")

    walk(recommendation, RecommendationState.IMPLEMENTATION_CLAIMED)

    assert "changed" in read(auditor, "/desk/auditor/")
    assert "as it was" not in read(auditor, "/desk/auditor/")


def test_a_shared_star_is_read_by_the_team_and_an_own_one_by_nobody_else(auditor, world):
    put(auditor, world["payment"].uid, field="amount", engagement=str(world["engagement"].uid))
    put(auditor, world["payment"].uid, field="kind", note="Mine alone")
    other = make_auditor(world["program"])
    assert not Star.objects.visible_to(other).exists()

    actions.add_member(engagement=world["engagement"], person=other, by=world["lead"])

    assert [star.field for star in Star.objects.visible_to(other)] == ["amount"]
    with pytest.raises(NotAllowed, match="somebody else"):
        actions.remove_star(star=Star.objects.get(field="amount"), by=other)


def test_a_star_needs_a_note_a_field_and_is_put_once(auditor, world):
    uid = world["payment"].uid
    assert "This field is required" in put(auditor, uid, field="amount", note=" ").content.decode()
    put(auditor, uid, field="amount")
    assert "starred this value already" in put(auditor, uid, field="amount").content.decode()
    assert put(auditor, uid, field="nonsense").status_code == 200
    assert Star.objects.count() == 1
    auditor.post(f"/desk/stars/{Star.objects.get().uid}/remove/")
    assert not Star.objects.standing().exists()


def test_only_auditors_star_and_only_the_team_shares(world):
    said = {"record_kind": "transaction", "record": world["payment"].uid, "field": "amount"}
    with pytest.raises(NotAllowed, match="star values"):
        actions.put_star(**said, note="x", by=officer_of(world["program"]))
    with pytest.raises(NotAllowed, match="Only the team"):
        actions.put_star(
            **said, note="x", engagement=world["engagement"], by=make_auditor(world["program"])
        )


# --- Glass and evidence -----------------------------------------------------


def test_a_sealed_value_is_nowhere_at_the_desk_until_the_glass_is_broken(auditor, world):
    payment = world["payment"]
    withhold(world["program"], "transaction", "payee", payment.uid)
    pages = [
        f"/desk/records/{payment.uid}/",
        f"/desk/records/{payment.version.uid}/",
        f"/desk/records/{payment.version.voucher.uid}/",
        f"/desk/audits/{world['engagement'].uid}/history/",
        f"/desk/transactions/{payment.uid}/",
    ]
    for path in pages:
        assert SECRET not in read(auditor, path), path
    file = b"".join(auditor.get(pages[3], {"format": "csv"})).decode()
    assert SECRET not in file

    auditor.post(f"/desk/records/{payment.uid}/glass/", {"reason": "Two findings.", "hours": "4"})
    glass = BrokenGlass.objects.get()
    response = auditor.post(f"/desk/glass/{glass.uid}/read/")

    assert SECRET in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert GlassReading.objects.get().fields == ["payee"]
    assert SECRET not in read(auditor, pages[0])


def test_the_owner_finds_broken_glass_on_the_desk_and_takes_note(auditor, client, world):
    from tests.factories.publishing import disclosure_of

    withhold(world["program"], "transaction", "payee", world["payment"].uid)
    auditor.post(
        f"/desk/records/{world['payment'].uid}/glass/", {"reason": "Two findings.", "hours": "4"}
    )
    client.force_login(disclosure_of(world["program"]))
    assert "Broken glass to take note of" in read(client, "/desk/")
    assert "Two findings." in read(client, "/desk/publishing/glass/")

    client.post(f"/desk/publishing/glass/{BrokenGlass.objects.get().uid}/note/")

    assert "Broken glass to take note of" not in read(client, "/desk/")


def test_bad_hours_are_told_at_the_field(auditor, world):
    withhold(world["program"], "transaction", "payee", world["payment"].uid)
    response = auditor.post(
        f"/desk/records/{world['payment'].uid}/glass/", {"reason": "x", "hours": "900"}
    )
    assert "72" in response.content.decode() and not BrokenGlass.objects.exists()


def test_a_bundle_is_downloaded_and_listed(auditor, world):
    path = f"/desk/audits/{world['engagement'].uid}/evidence/"
    raw = b"".join(auditor.post(path, {"finding": str(world["finding"].number)}))

    assert "check_bundle.py" in zipfile.ZipFile(io.BytesIO(raw)).namelist()
    assert BundleExport.objects.get().finding == world["finding"]
    assert "finding 1" in read(auditor, path)
    assert auditor.post(path, {"finding": "99"}).status_code == 404
