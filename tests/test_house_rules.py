"""Rules of the house that no linter knows."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models
from django.template.loader import get_template
from django.urls import URLPattern, get_resolver

from tracker.journal import kinds
from tracker.shared import triggers
from tracker.shared.models import AppendOnly

ROOT = Path(settings.BASE_DIR)
TRACKER = ROOT / "tracker"
WRITES = {
    "save",
    "create",
    "update",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
MODELS = list(apps.get_app_config("tracker").get_models())
APPEND_ONLY = {
    *("Ask", "AskAnswer", "CorrectivePlan", "CostEvent", "ManagementDecision"),
    "CommentReply",
    "CommentSettled",
    "DifferenceExplained",
    "ReportImage",
    "SectionComment",
    "Tombstone",
    "TombstoneVerdict",
    "DraftComment",
    "DraftReport",
    "IndependenceDeclaration",
    "Meeting",
    "PaperReview",
    "PaperVersion",
    "ReviewNote",
    "WorkingPaper",
    "AlternativeValue",
    "Approval",
    "AuditPlan",
    "AuthorityChange",
    "AuthorityDecision",
    "AuthorityStage",
    "BrokenGlass",
    "BundleExport",
    "Certification",
    "Checkpoint",
    "Cosignature",
    "CoverageRule",
    "Delegation",
    "EmergencyPosting",
    "EmergencyReview",
    "InterestDeclaration",
    "InterestEnd",
    "RefusedAttempt",
    "DelegationEnd",
    "Discrepancy",
    "DiscrepancyStep",
    "Entry",
    "Erasure",
    "EvidenceFile",
    "GlassNoted",
    "GlassReading",
    "Leaf",
    "Measurement",
    "PeriodChange",
    "OfficeReport",
    "PeriodDecision",
    "PlannedEngagement",
    "RecommendationStep",
    "Release",
    "ReleasedEntry",
    "ReleasedFile",
    "ReleasedRow",
    "ReleaseItem",
    "ReportEdit",
    "ReportReview",
    "Return",
    "Revaluation",
    "RevaluationDecision",
    "RevaluationLine",
    "RiskJudgement",
    "RiskWeight",
    *("Sample", "SampleDraw", "SampleEvaluation", "SampleGivenUp", "SampleItem", "SampleResult"),
    "SigningDecision",
    "SigningLimit",
    "StatedFigure",
    "Statement",
    "SuppliedDocument",
    "Target",
    "Tile",
    "Transaction",
    "VersionEvidence",
    "VersionSum",
    "VoucherEdit",
    "VoucherVersion",
    "Waiver",
    "WaiverDecision",
}
KEPT_BY_TRIGGERS = {"DraftPart", "PaperFile", "PaperLink"} | {
    "AuthorityYear",
    "Balance",
    "DiscrepancyState",
    "Pending",
    "Turnover",
}
ERASABLE = {
    "GlassText",
    *("AskAnswerText", "AskText", "CostEventText", "ManagementDecisionText", "PlanText"),
    "CommentText",
    "DeclarationText",
    "DraftText",
    "MeetingText",
    "NoteText",
    "PaperText",
    "ReplyText",
    "AuthorityChangeText",
    "AuthorityDecisionText",
    "CertificationText",
    "Disclosure",
    "DiscrepancyStepText",
    "JudgementText",
    "MeasurementText",
    "PeriodChangeText",
    "PeriodDecisionText",
    "AuditPlanText",
    "ReturnText",
    "RevaluationDecisionText",
    "RevaluationText",
    "SigningDecisionText",
    "StatementText",
    "EmergencyText",
    "EmergencyReviewText",
    "InterestText",
    "InterestEndText",
    "RefusedAttemptText",
    *("SampleEvaluationText", "SampleGivenUpText", "SampleResultText", "SampleText"),
    "StepText",
    "SuppliedText",
    "TransactionText",
    "VersionText",
    "WaiverDecisionText",
    "WaiverText",
}
MUTABLE = {
    *("BetterUse", "FindingRecord", "QuestionedLine"),
    "Attachment",
    "Authority",
    "Engagement",
    "Preparation",
    "Takedown",
    "EngagementScope",
    "Finding",
    "FindingLink",
    "FiscalEra",
    "Gap",
    "Indicator",
    "Invitation",
    "Membership",
    "NotPublished",
    "Notice",
    "Objective",
    "Organisation",
    "Participation",
    "Period",
    "Program",
    "ProgramSector",
    "PublishedEngagement",
    "PublishedFinding",
    "PublishedFindingProgram",
    "PublishedProgram",
    "PublishedReport",
    "PublishedTotal",
    "Recommendation",
    "Report",
    "ReportSection",
    "SavedSearch",
    "StandingRelease",
    "Star",
    "TeamMember",
    "UnpublishedCount",
    "Upload",
    "UploadRow",
    "User",
    "Voucher",
    "Withholding",
}


def modules():
    return [p for p in sorted(TRACKER.rglob("*.py")) if "migrations" not in p.parts]


def name(path):
    return str(path.relative_to(ROOT))


@cache
def nodes(path):
    return list(ast.walk(ast.parse(path.read_text())))


def calls(path):
    return [n for n in nodes(path) if isinstance(n, ast.Call)]


def functions(path):
    return [n for n in nodes(path) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def writes(path):
    """Names of the calls that write. A queryset's `update` takes names only; a dict's or a hash's takes a value."""
    for call in calls(path):
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES:
            if call.func.attr == "update" and call.args:
                continue
            yield call.func.attr


def may_write(path):
    """Actions do; the append-only base calls the `save` that it guards; restoring replaces a database."""
    return "actions" in {*path.parts, path.stem} or name(path) in {"tracker/shared/models.py"}


@pytest.mark.parametrize("path", modules(), ids=name)
def test_only_actions_write(path):
    if may_write(path):
        return
    found = set(writes(path))
    assert not found, f"{name(path)} writes to the database: {found}. Put it in actions.py."


@pytest.mark.parametrize("path", modules(), ids=name)
def test_functions_are_short(path):
    too_long = [f.name for f in functions(path) if f.end_lineno - f.lineno > 45]
    assert not too_long, f"{name(path)}: {too_long}"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_files_are_small(path):
    assert path.read_text().count("\n") <= 500, f"{name(path)} is two rooms"


@pytest.mark.parametrize(
    "path", [p for p in modules() if "actions" in {*p.parts, p.stem}], ids=name
)
def test_public_actions_name_their_actor_and_take_keywords_only(path):
    for function in ast.parse(path.read_text()).body:
        if not isinstance(function, ast.FunctionDef) or function.name.startswith("_"):
            continue
        decorators = {ast.unparse(d) for d in function.decorator_list}
        if "transaction.atomic" not in decorators:
            continue
        where = f"{name(path)}: {function.name}"
        assert not function.args.args, f"{where} takes positional arguments"
        assert ast.get_docstring(function), f"{where} has no docstring"
        assert function.returns is not None, f"{where} is not typed"


def test_no_signals_and_no_save_overrides():
    for path in modules():
        text = path.read_text()
        assert "django.db.models.signals" not in text, name(path)
        if name(path) != "tracker/shared/models.py":
            assert not re.search(r"def (save|delete)\(self", text), name(path)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_model_says_who_it_is(model):
    assert model.__str__ is not models.Model.__str__
    assert model.__doc__
    assert not model.__doc__.startswith(f"{model.__name__}(")


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_no_floats_and_no_decimals_that_sqlite_would_keep_as_floats(model):
    for field in model._meta.fields:
        assert not isinstance(field, models.FloatField | models.DecimalField), field
        assert not model._meta.ordering


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_who_and_when_stand_or_fall_together(model):
    fields = {field.name: field for field in model._meta.fields}
    rules = str(model._meta.constraints)
    for at in (n for n in fields if n.endswith("_at") and f"{n[:-3]}_by" in fields):
        by = f"{at[:-3]}_by"
        if fields[at].null or fields[by].null:
            assert at in rules, f"{model.__name__}.{at} and {by} are not held together"
            assert by in rules, f"{model.__name__}.{at} and {by} are not held together"


def test_every_model_is_declared_mutable_or_append_only():
    append_only = {m.__name__ for m in MODELS if issubclass(m, AppendOnly)}
    assert append_only == APPEND_ONLY
    assert {m.__name__ for m in MODELS} == APPEND_ONLY | MUTABLE | ERASABLE | KEPT_BY_TRIGGERS


def test_every_append_only_fact_names_its_journal_entry():
    the_log = {"Entry", "Leaf", "Tile", "Checkpoint", "Cosignature"}
    parts_of_a_fact = the_log | {"ReleasedEntry", "ReleasedFile", "RevaluationLine"}
    parts_of_a_fact |= {
        "PlannedEngagement",
        "ReleasedRow",
        "ReleaseItem",
        "VersionEvidence",
        "VersionSum",
    }
    parts_of_a_fact |= {"SampleItem"}
    parts_of_a_fact |= {"ReleasedRow", "ReleaseItem", "VersionEvidence", "VersionSum"}
    for model in (m for m in MODELS if m.__name__ in APPEND_ONLY - parts_of_a_fact):
        entry = model._meta.get_field("entry")
        assert entry.unique, model
        assert not entry.null, model


def test_no_append_only_table_has_a_conditional_unique_index():
    """The guard against REPLACE compares the columns of unique indexes and knows no conditions."""
    for model in (m for m in MODELS if issubclass(m, AppendOnly)):
        unique = [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
        assert all(c.condition is None and not c.expressions for c in unique), model


def test_the_database_has_every_trigger_word_for_word():
    assert triggers.missing(connection) == []


def test_every_event_has_a_sentence_that_names_only_declared_fields():
    for kind in kinds.all_kinds():
        for op, sentence in kind.ops.items():
            named = set(re.findall(r"{(\w+)}", sentence))
            assert named <= set(kind.fields), f"{kind.name} {op}: {named - set(kind.fields)}"
            assert sentence.endswith((".", "?")), f"{kind.name} {op}"


def test_every_kind_and_op_that_actions_record_is_declared():
    declared = {(kind.name, op) for kind in kinds.all_kinds() for op in kind.ops}
    for path in (p for p in modules() if "actions" in {*p.parts, p.stem}):
        for call in calls(path):
            if not ast.unparse(call.func).startswith("journal.record") or not call.args:
                continue
            given = {k.arg: k.value for k in call.keywords}
            kind, op = call.args[0], given.get("op")
            if isinstance(kind, ast.Constant) and isinstance(op, ast.Constant):
                assert (kind.value, op.value) in declared, f"{name(path)}: {kind.value} {op.value}"


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_templates_compile_and_keep_to_the_content_policy(path):
    get_template(str(path.relative_to(ROOT / "templates")))
    text = path.read_text()
    assert not re.search(r"\sstyle=", text), "a style attribute breaks the content policy"
    assert not re.search(r"\son\w+=\"", text), "an inline handler breaks the content policy"
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "an inline script breaks the policy"
    assert "|safe" not in text, "nothing that people wrote is marked safe"
    assert text.count("\n") <= 200, "a long page wants a component"


def addresses(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), entry
        else:
            yield from addresses(entry, prefix + str(entry.pattern))


def test_no_address_carries_a_sequential_key():
    for address, _ in addresses():
        assert "<int:" not in address, address


PUBLIC_BY_DECISION = ("account/",)  # signing in; everything of the room `public` besides


def test_pages_that_need_no_sign_in_are_the_ones_we_chose():
    for address, entry in addresses():
        is_open = getattr(entry.callback, "login_required", True) is False
        in_public = entry.callback.__module__.startswith("tracker.public")
        if address.startswith("desk/"):
            assert not is_open, f"{address} opens the desk to everybody"
        elif is_open:
            assert in_public or address.startswith(PUBLIC_BY_DECISION), address


def test_migrations_are_up_to_date_and_the_states_page_is_drawn(settings):
    settings.MIGRATION_MODULES = {}  # the tests' own database is made from the models, which is quicker
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    call_command("state_diagrams", check=True)


def test_nothing_we_commit_names_a_machine_or_a_registry():
    suspicious = re.compile(r"(/root/|/home/\w+/|pypi\.org|files\.pythonhosted|/tmp/bash)")
    for pattern in ("*.py", "*.md", "*.txt", "*.in", "*.toml", "*.html", "Makefile"):
        for path in ROOT.rglob(pattern):
            if {".venv", "var", ".git"} & set(path.relative_to(ROOT).parts):
                continue
            if path == Path(__file__):
                continue
            assert not suspicious.search(path.read_text(errors="ignore")), path
