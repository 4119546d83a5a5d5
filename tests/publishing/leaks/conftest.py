"""A log of the tests' own, and everything that is public of a planted world, read once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from tests.publishing.leaks import reader, world
from tests.publishing.leaks.marks import Marks
from tests.publishing.leaks.matcher import Matcher
from tests.publishing.leaks.reader import Piece
from tests.worlds import kept
from tracker.journal import service
from tracker.programs.models import Program


@dataclass(frozen=True)
class Read:
    """What was planted, and what was read."""

    marks: Marks
    tables: list[Piece]
    linked: list[Piece]
    log: list[Piece]
    strangers: list[Piece]

    @property
    def pieces(self) -> list[Piece]:
        return [*self.tables, *self.linked, *self.log, *self.strangers]


def own_log(folder: Path) -> override_settings:
    return override_settings(
        KEYS_DIR=folder / "keys",
        SIGNER_DIR=folder / "signer",
        JOURNAL_DIR=folder / "log",
        JOURNAL_POLICY=folder / "journal.policy",
    )


@pytest.fixture(scope="module")
def everything(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: Any,
) -> Iterator[Read]:
    """Built, published, signed and read. A module that says `THOROUGH` gets the whole world."""
    thorough = getattr(request.module, "THOROUGH", False)
    with kept(django_db_blocker), own_log(tmp_path_factory.mktemp("log")):
        marks = world.build(thorough=thorough)
        service.bring_up_to_date()
        yield read_everything(marks, thorough=thorough)


def read_everything(marks: Marks, *, thorough: bool = False) -> Read:
    client = Client()
    hidden = [*Program.objects.filter(title__contains="Märk").values_list("uid", flat=True)]
    return Read(
        marks,
        tables=list(reader.release_tables()),
        linked=list(reader.everything_linked(client, thorough=thorough)),
        log=list(reader.published_log()),
        strangers=list(reader.answers_to_strangers(client, hidden)),
    )


@pytest.fixture(scope="module")
def found(everything: Read) -> Callable[[list[Piece]], list[str]]:
    """Each marker that can be read in these pieces, with the place that it was planted in."""
    matcher = Matcher(everything.marks)

    def run(pieces: list[Piece]) -> list[str]:
        return [
            f"{hit.where} as “{hit.read}” in {piece.where}: …{hit.around}…"
            for piece in pieces
            for hit in matcher.read(piece.text)
        ]

    return run
