"""The planter: whoever calls an action with free text plants a marker in it, unless the text is public.

The world is built by the same factories and actions as every other. Around each action stands a wrapper that hangs a
marker on every text, file name and file that it is given. What is public is listed here, by action and parameter;
amounts, numbers and days are planted by the world itself, which knows what fits.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from fnmatch import fnmatchcase
from functools import wraps
from importlib import import_module
from inspect import isfunction
from typing import Any
from unittest import mock

from django.core.files.base import ContentFile

from tests.publishing.leaks.marks import WORD, Marks

ROOMS = ("accounts", "programs", "results", "ledger", "uploads", "audits", "publishing")

# What the public may read of what actions are told. All other texts get a marker.
PUBLIC = (
    *("create_organisation.name", "create_organisation.country"),
    *("create_program.*", "change_program.*", "add_objective.*", "change_objective.*"),
    *("record_stated_figure.*", "add_indicator.*", "record_measurement.source"),
    *("create_voucher.*", "edit_voucher.*", "create_batch_voucher.description"),
    *("draft_reversal.reason", "state_alternative.citation", "propose_revaluation.reason"),
    *("create_authority.title", "give_word.word.unit"),
    *("plan_engagement.*", "change_engagement.*", "draft_finding.*", "change_finding.*"),
    *("draft_recommendation.text", "change_recommendation.text"),
    *("comment_on_draft.note", "reply_to_comment.note"),
    *("decide_finding.decision.*", "state_plan.action", "state_plan.disagreement"),
    *("draft_report.*", "edit_report.*", "propose_withholding.*"),
    *("terminate_engagement.reason", "explain_difference.*"),
    *("propose_withdrawal.*", "take_down.*", "review_takedown.reason"),
)
# What is no free text although it looks like one: the digest that somebody saw, the name of a list.
NOT_WORDS = (
    *(
        "*.heading",
        "*.seen",
        "*.email",
        "*.password",
        "*.secret",
        "*.path",
        "*.timezone",
        "*.time_zone",
    ),
    *("*.country", "*.content_type", "*.file.content_type", "*.batch_digest", "*.identifier"),
    *("create_upload.mapping*", "create_upload.file", "begin_paper.index", "post_rows.*"),
)
# A factory compares these with what it imported: they stay as they are, and the world plants in them itself.
AS_THEY_ARE = {"claim_implementation"}
FREE = re.compile(r"\s|[A-Z]")
CURRENCY = re.compile(r"[A-Z]{3}")


@contextmanager
def planting(marks: Marks) -> Iterator[None]:
    """Within, every action plants."""
    patches = [
        mock.patch.object(module, name, _planting(marks, name, act))
        for module in (import_module(f"tracker.{room}.actions") for room in ROOMS)
        for name, act in vars(module).items()
        if isfunction(act) and not name.startswith("_") and name not in AS_THEY_ARE
        if ".actions" in act.__module__
    ]
    patches.append(
        mock.patch(
            "tests.factories.accounts.create_person",
            _planting(
                marks, "create_person", import_module("tests.factories.accounts").create_person
            ),
        )
    )
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in reversed(patches):
            patch.stop()


def _planting(marks: Marks, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(act)
    def planted(*args: Any, **said: Any) -> Any:
        told = {key: _marked(marks, f"{name}.{key}", value) for key, value in said.items()}
        return act(*args, **told)

    return planted


def _marked(marks: Marks, where: str, value: Any) -> Any:
    if any(fnmatchcase(where, pattern) for pattern in (*PUBLIC, *NOT_WORDS)):
        return value
    if isinstance(value, str):
        return _with_marker(marks, where, value)
    if isinstance(value, ContentFile):
        return _file(marks, where, value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: getattr(value, f.name) for f in fields(value) if f.init}
        return replace(value, **{k: _marked(marks, f"{where}.{k}", v) for k, v in changed.items()})
    if isinstance(value, Mapping):
        return {key: _marked(marks, f"{where}.{key}", one) for key, one in value.items()}
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)(_marked(marks, where, one) for one in value)
    return value


def _with_marker(marks: Marks, where: str, text: str) -> str:
    """File names keep their ending. Codes, and what carries a marker already, stay as they are."""
    if WORD in text or CURRENCY.fullmatch(text):
        return text
    stem, dot, ending = text.rpartition(".")
    if dot and ending.isalnum() and len(ending) < 5 and " " not in text:
        return f"{stem} {marks.text(where)}.{ending}"
    return f"{text} {marks.text(where)}" if FREE.search(text) else text


def _file(marks: Marks, where: str, file: ContentFile) -> ContentFile:
    """Files of plain text: what else they are is seen from their bytes, and the rows of a table are planted one by one."""
    raw = file.read()
    file.seek(0)
    if not raw.isascii() or (file.name or "").endswith(".csv"):
        return file
    return ContentFile(raw + f"\n{marks.text(where)}".encode(), name=file.name)
