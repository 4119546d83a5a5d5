"""Markers in every internal place; everything published; everything public read, in every rendering: none is there."""

from pathlib import Path

import pytest

from tests.factories import ledger, publishing
from tests.publishing.leaks import census, reader
from tests.publishing.leaks.matcher import Matcher
from tests.publishing.leaks.releasing import FROZEN
from tests.publishing.leaks.reporting import TOLD
from tests.publishing.leaks.withholding import HIDES, SEEN
from tests.publishing.test_fields import undeclared_cells
from tracker.programs.models import Program
from tracker.publishing.fields import WITHHOLDABLE
from tracker.publishing.models import Shown

# Fields that may be withheld and that the world does not: why no marker is in them.
NOT_WITHHELD = {
    "alternative_value.citation": "a text as others are; the amount beside it is withheld",
    "certification.digest": "a digest",
    "certification.figures": "sums of what is withheld: they are covered with it",
    "discrepancy.amount": "another test's: tests/publishing/test_discrepancies.py",
    "discrepancy.due_on": "another test's: tests/publishing/test_discrepancies.py",
    "discrepancy.opened_on": "another test's: tests/publishing/test_discrepancies.py",
    "discrepancy.quantity": "another test's: tests/publishing/test_discrepancies.py",
    "discrepancy.since": "another test's: tests/publishing/test_discrepancies.py",
    "discrepancy.unit": "another test's: tests/publishing/test_discrepancies.py",
    "engagement.scope": "names of programs that are public",
    "finding.payments": "names of rows that are public",
    "finding.questioned": "the sum of its lines, which are withheld",
    "finding.view_words": "words of a draft that was commented on: tests/publishing/test_finding_views.py",
    "participant.country": "two letters: no marker can be told from chance",
    "program.sectors": "codes: no marker can be told from chance",
    "revaluation.reason": "another test's: tests/publishing/test_valuations.py",
    "transaction.authority": "an authority's title, which other rows state",
    "transaction.delivery_point": "one of a few codes",
    "transaction.provider": "an organisation that other rows name",
    "transaction.receiver": "an organisation that other rows name",
}
CENSUS = Path(__file__).parent / "census.txt"


def test_no_marker_is_in_a_release_table(everything, found):
    """But for frozen releases whose moment has not come or that were taken back: their rows, and nothing that points."""
    hits = found(everything.tables)

    assert [hit for hit in hits if not hit.startswith(FROZEN)] == []
    assert {where for hit in hits if (where := hit.partition(" in ")[2].partition(" ")[0])} <= {
        *("ReleasedRow", "ReleasedEntry"),
        "Release",  # the name of its program
    }
    assert {hit.partition(" as ")[0] for hit in hits} >= {f"{FROZEN}a payment, embargoed"}


@pytest.mark.usefixtures("everything")
def test_no_cell_is_released_that_is_not_declared():
    assert undeclared_cells() == set()


def test_no_marker_is_in_a_page_or_a_file_or_its_headers(everything, found):
    assert found(everything.linked) == []


def test_no_marker_is_in_the_published_log(everything, found):
    assert found(everything.log) == []


def test_no_marker_is_in_what_strangers_are_answered(everything, found):
    assert found(everything.strangers) == []


def test_the_reader_really_reads(everything):
    where = [piece.where for piece in everything.linked]
    text = "\n".join(piece.text for piece in everything.pieces)

    assert SEEN in text and "A finding that is public" in text
    assert {piece.where.partition(" ")[0] for piece in everything.tables} >= {
        *("Release", "ReleasedRow", "ReleaseItem", "ReleasedEntry", "ReleasedFile"),
        *("PublishedProgram", "PublishedTotal", "PublishedFinding", "PublishedEngagement"),
        "UnpublishedCount",
    }
    for ending in ("/transactions.csv", ".tlog-proof", "format=csv", "/withheld/", "/checkpoint"):
        assert any(address.endswith(ending) for address in where), ending
    assert '"stand_in": {"kind": "month", "value": "2019-07"}' in text
    for part in ("page 1", "information", "texts", "XMP"):
        assert any(place.endswith(f"/report.pdf: {part}") for place in where), part
    assert TOLD in text and f"{TOLD}, of auditors" in text and "Tents in a row." in text
    for shows in Shown:
        assert f"Shown: {shows.label}" in text or not shows.value, shows
    assert any(place.startswith("/files/") for place in where), "no picture was read"
    assert any("filename=" in piece.text for piece in everything.linked)
    assert '"disclosed": {' in text and everything.log
    assert any(": 404" in piece.where for piece in everything.strangers)


def test_what_is_planted_is_found_again_once_it_is_public(everything, client):
    """The chain from planter to matcher does find what is let out: it is not blind."""
    program = Program.objects.get(title=HIDES)
    text = everything.marks.text("a leak of this test's own")
    amount = everything.marks.money("5283719.46", "an amount of this test's own")
    payment = ledger.make_commitment(program, amount, description=f"Out: {text}")
    publishing.publish(program)
    page = f"/programs/{program.uid}/"
    addresses = (
        f"{page}transactions/",
        f"{page}transactions.csv",
        f"/journal/records/{payment.uid}/",
    )
    matcher = Matcher(everything.marks)

    hits = {
        (hit.where, piece.where.partition(" ")[0])
        for piece in [*reader.release_tables(), *reader.at(client, page, *addresses)]
        for hit in matcher.read(piece.text)
    }

    hits = {(where, place) for where, place in hits if not where.startswith(FROZEN)}
    leaks = {"a leak of this test's own", "an amount of this test's own"}
    assert {where for where, _ in hits} == leaks
    everywhere = {"ReleasedRow", "ReleasedEntry", *addresses}
    assert {(leak, place) for leak in leaks for place in everywhere} <= hits
    assert ("an amount of this test's own", page) in hits


def test_whatever_may_be_withheld_is_withheld_with_a_marker_or_says_why_not(everything):
    planted = {
        *everything.marks.texts.values(),
        *everything.marks.numbers.values(),
        *everything.marks.days.values(),
    }
    names = {"alternative_value.amount": "alternative.amount"}
    every = {f"{kind}.{field}" for kind, fields in WITHHOLDABLE.items() for field in fields}

    missing = {name for name in every if names.get(name, name) not in planted}

    assert missing == set(NOT_WITHHELD)


# --- The census --------------------------------------------------------------


def listed() -> dict[str, str]:
    lines = [line for line in CENSUS.read_text().splitlines() if not line.startswith("#")]
    return {name: reason.strip() for name, _, reason in (line.partition(" ") for line in lines)}


def test_every_internal_field_is_planted_or_says_why_not():
    """A new field fails here: plant a marker in it (world.py), or write into census.txt why none fits."""
    there = {f"{model.__name__}.{field.name}" for model, field in census.internal_fields()}

    assert there - set(listed()) == set(), "new: plant them, or say in census.txt why not"
    assert set(listed()) - there == set(), "gone: take them out of census.txt"
    assert all(listed().values())


def test_what_is_not_planted_only_becomes_less():
    left = [name for name, reason in listed().items() if reason != "planted"]

    assert len(left) <= 241
