"""Every address that this room writes down leads to a page of another room."""

from uuid import uuid4

import pytest
from django.urls import resolve

from tests.factories.accounts import make_person, sign_in
from tracker.accounts.models import Role
from tracker.dashboards import addresses

LISTS = {n: v for n, v in vars(addresses).items() if n.isupper() and str(v).startswith("/")}
RECORDS = {n: f for n, f in vars(addresses).items() if n.startswith("of_") and n != "of_voucher"}


@pytest.mark.parametrize("path", LISTS.values(), ids=LISTS)
def test_every_list_has_its_page(path):
    assert resolve(path)


@pytest.mark.parametrize("address", RECORDS.values(), ids=RECORDS)
def test_every_record_has_its_page(address):
    assert resolve(address(uuid4()))


@pytest.mark.parametrize(
    "path", ["/desk/", "/desk/portfolio/", "/desk/search/", "/desk/style/"], ids=str
)
def test_nobody_reads_them_without_signing_in_and_somebody_without_a_role_reads_nothing(
    client, path
):
    assert client.get(path).status_code == 302
    assert sign_in(client, make_person()).get(path).status_code == 200


def test_pages_here_are_only_read(client):
    sign_in(client, make_person(Role.OFFICER))

    assert client.post("/desk/").status_code == 405
