"""Every public address that a link or a form leads to, under a watch on the SQL; on PostgreSQL as a role that may
read the release tables and nothing else."""

import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction

from tests.factories import ledger, publishing
from tests.factories.accounts import make_person
from tests.factories.programs import make_program
from tests.public import shelf
from tests.public.conftest import MAY_BE_READ
from tests.public.world import SECRET_PAYEE, SECRET_TITLE
from tests.publishing.documents import text_of
from tracker.programs.models import Program
from tracker.publishing import history

ROLE = "countersign_public_test"
NOT_PUBLIC = ("/desk/", "/account/", "/static/")
TOGETHER = {"page", "format"}  # what may stand beside a filter or a sort: all pairs take minutes


class Links(HTMLParser):
    """Where a page leads: its links, its pictures, and each choice of its forms."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self.select = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "a" and said.get("href"):
            self.found.append(said["href"])
        elif tag == "img":
            self.found.append(said["src"])
        elif tag == "select":
            self.select = said["name"]
        elif tag == "option" and said.get("value"):
            self.found.append(f"?{self.select}={said['value']}")
        elif tag == "input" and said.get("type") == "search":
            self.found.append(f"?{said['name']}=training")


def is_public(address: str) -> bool:
    parts = urlsplit(address)
    ours = parts.netloc in ("", "testserver") and not parts.path.startswith(NOT_PUBLIC)
    named = [name for name, _ in parse_qsl(parts.query)]
    return ours and (len(named) < 2 or (len(named) == 2 and bool(TOGETHER & {*named})))


def is_gone(address: str) -> bool:
    """The address of a release that stands under a tombstone."""
    found = re.fullmatch(r"/programs/([0-9a-f-]{36})/(?:releases/(\d+)/)?", urlsplit(address).path)
    if found is None:
        return False
    releases = history.releases(UUID(found[1]))
    asked = releases.filter(number=found[2]) if found[2] else releases
    newest = asked.first()
    return newest is not None and history.standing_stone(newest) is not None


def crawl(client, watch, start: str = "/") -> dict[str, str]:
    """Every page that can be reached, by address. What was taken back answers with its tombstone, and leads on."""
    seen: dict[str, str] = {}
    gone: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        address = waiting.popleft()
        if address in seen or address in gone:
            continue
        with watch():
            response = client.get(address)
            body = b"".join(response) if response.streaming else response.content
        assert response.status_code == (410 if is_gone(address) else 200), address
        assert not response.cookies, address
        if response.status_code == 410:
            assert response["Cache-Control"] == "no-store", address
            gone[address] = body.decode()
            assert SECRET_TITLE not in gone[address], address
            continue
        seconds = 5 if address == "/journal/log/checkpoint" else 60
        assert response["Cache-Control"] == f"public, max-age={seconds}", address
        assert "Cookie" not in response.get("Vary", ""), address
        seen[address] = text_of(body) if body.startswith(b"%PDF") else body.decode()
        if response["Content-Type"].startswith("text/html"):
            found = (
                urljoin(address, link).partition("#")[0] for link in Links(seen[address]).found
            )
            waiting.extend(link for link in found if is_public(link))
    return seen


@pytest.fixture
def everything(world, signed):
    """The world under a signed checkpoint, and a program with more rows than fit on a page."""
    shelf.put_program(*(shelf.payment(entry=n) for n in range(60)), title="Many payments")
    gone = make_program(title=SECRET_TITLE)
    publishing.take_back(publishing.publish(gone))
    ledger.make_commitment(world.documented)
    publishing.publish(world.documented)
    signed()
    return world


@pytest.mark.thorough
def test_every_public_page_reads_release_tables_only_and_tells_no_secret(client, watch, everything):
    pages = crawl(client, watch)

    for address, page in pages.items():
        for secret in (SECRET_PAYEE, SECRET_TITLE, everything.unpublished.identifier):
            assert secret not in page, address
        assert str(everything.unpublished.uid) not in page, address

    paths = {urlsplit(address).path for address in pages}
    program, finding, report = everything.program, everything.finding, everything.report
    assert {
        "/",
        "/about/",
        "/programs/",
        f"/programs/{program.uid}/",
        f"/programs/{program.uid}/transactions/",
        f"/programs/{program.uid}/withheld/",
        f"/programs/{program.uid}/releases/",
        f"/programs/{program.uid}/releases/1/",
        f"/programs/{program.uid}/releases/1/transactions.csv",
        f"/programs/{program.uid}/releases/1/transactions.csv.tlog-proof",
        f"/programs/{everything.documented.uid}/releases/2/",
        "/taken-back/",
        f"/programs/{everything.documented.uid}/",
        f"/programs/{everything.illustrative.uid}/",
        "/findings/",
        f"/findings/{finding.uid}/",
        "/audits/",
        f"/audits/{finding.engagement.uid}/",
        f"/audits/offices/{finding.engagement.office.uid}/",
        *(
            f"/recommendations/{uid}/"
            for uid in finding.recommendations.values_list("uid", flat=True)
        ),
        "/journal/",
        "/journal/verify/",
        "/journal/log.vkey",
        "/journal/log.policy",
        "/journal/log/checkpoint",
        f"/journal/records/{everything.payment.uid}/",
        f"/journal/records/{everything.payment.uid}.tlog-proof",
        f"/journal/records/{finding.uid}/",
        f"/programs/{program.uid}/transactions.csv",
        f"/programs/{program.uid}/transactions.csv.tlog-proof",
        f"/reports/{report.uid}/report.json",
        f"/reports/{report.uid}/report.json.tlog-proof",
        f"/reports/{report.uid}/report.pdf",
        f"/reports/{report.uid}/report.pdf.tlog-proof",
        f"/reports/{report.uid}/report.html",
        f"/reports/{report.uid}/report.html.tlog-proof",
        "/reports/",
        f"/reports/{report.uid}/",
        f"/reports/{everything.superseded.uid}/",
    } <= paths
    queries = {urlsplit(address).query for address in pages}
    assert {
        "page=2",
        "format=csv",
        "nature=documented",
        "state=open",
        "sort=-value_date",
    } <= queries


def test_the_watch_sees_a_page_that_reads_an_internal_table(watch):
    with pytest.raises(AssertionError, match="tracker_program"), watch():
        Program.objects.count()


def test_a_person_who_is_signed_in_is_not_asked_for_on_public_pages(client, watch, world):
    client.force_login(make_person())

    for path in (
        "/",
        "/programs/",
        f"/programs/{world.program.uid}/",
        f"/findings/{world.finding.uid}/",
    ):
        with watch():
            response = client.get(path)
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")


@contextmanager
def as_the_public() -> Iterator[None]:
    """In a role with SELECT on the release tables. The test's transaction takes the role away again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        if not cursor.fetchone():
            cursor.execute(f"CREATE ROLE {ROLE} NOLOGIN")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {ROLE}")
        cursor.execute(f"GRANT SELECT ON {', '.join(sorted(MAY_BE_READ))} TO {ROLE}")
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")
def test_a_role_that_may_read_release_tables_only_can_read_every_public_page(
    client, watch, everything
):
    with as_the_public():
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Program.objects.count()
        pages = crawl(client, watch)

    assert len(pages) > 50
