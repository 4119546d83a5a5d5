"""Changing rows behind the application's back, as somebody with the database's password could."""

import json
import uuid
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import IntegrityError, connection, models, transaction

from tracker.journal import projections
from tracker.shared import triggers

# What is named when a row without an identifier of its own is tampered with: the row it belongs to.
OWNERS = {
    "AuthorityYear": "authority__uid",
    "AuthorityChangeText": "authoritychange__uid",
    "AuthorityDecisionText": "authoritydecision__uid",
    "Balance": "transaction__uid",
    "CertificationText": "certification__uid",
    "PeriodChangeText": "periodchange__uid",
    "PeriodDecisionText": "perioddecision__uid",
    "Turnover": "program__uid",
    "UploadRow": "upload__uid",
    "ReleasedRow": "subject",
    "ReleaseItem": "release__uid",
    "ReleasedFile": "release__uid",
    "PublishedTotal": "program__uid",
    "PublishedFindingProgram": "finding__uid",
    "VoucherEdit": "voucher__uid",
    "CommentSettled": "comment__uid",
    "DifferenceExplained": "preparation__uid",
    "ReportEdit": "report__uid",
    "FiscalEra": "organisation__uid",
    "ProgramSector": "program__uid",
    "Participation": "program__uid",
    "Gap": "program__uid",
    "EngagementScope": "engagement__uid",
    "TeamMember": "engagement__uid",
    "FindingLink": "finding__uid",
    "ReportSection": "report__uid",
    "VersionEvidence": "version__uid",
    "VersionSum": "version__uid",
    "SigningDecisionText": "signingdecision__uid",
    "EmergencyText": "emergencyposting__uid",
    "EmergencyReviewText": "emergencyreview__uid",
    "InterestText": "interestdeclaration__uid",
    "InterestEndText": "interestend__uid",
    "RefusedAttemptText": "refusedattempt__uid",
    "Attachment": "voucher__uid",
    "TransactionText": "transaction__uid",
    "VersionText": "voucherversion__uid",
    "ReturnText": "return__uid",
    "RevaluationDecisionText": "revaluationdecision__uid",
    "RevaluationLine": "decision__uid",
    "RevaluationText": "revaluation__uid",
    "StepText": "recommendationstep__uid",
    "MeasurementText": "measurement__uid",
    "StatementText": "statement__uid",
    "DiscrepancyState": "discrepancy__uid",
    "DiscrepancyStepText": "discrepancystep__uid",
    "WaiverText": "waiver__uid",
    "WaiverDecisionText": "waiverdecision__uid",
    "SuppliedText": "supplieddocument__uid",
    "SampleItem": "draw__uid",
    "SampleText": "sample__uid",
    "SampleResultText": "sampleresult__uid",
    "SampleEvaluationText": "sampleevaluation__uid",
    "SampleGivenUpText": "samplegivenup__uid",
    "QuestionedLine": "finding__uid",
    "BetterUse": "finding__uid",
    "FindingRecord": "finding__uid",
    "CostEventText": "costevent__uid",
    "ManagementDecisionText": "managementdecision__uid",
    "PlanText": "correctiveplan__uid",
    "AskText": "ask__uid",
    "AskAnswerText": "askanswer__uid",
    "JudgementText": "riskjudgement__uid",
    "AuditPlanText": "auditplan__uid",
    "PlannedEngagement": "plan__uid",
    "DeclarationText": "independencedeclaration__uid",
    "MeetingText": "meeting__uid",
    "DraftText": "draftreport__uid",
    "DraftPart": "draft__uid",
    "CommentText": "draftcomment__uid",
    "ReplyText": "commentreply__uid",
    "PaperText": "paperversion__uid",
    "PaperFile": "version__uid",
    "PaperLink": "version__uid",
    "NoteText": "reviewnote__uid",
    "GlassText": "brokenglass__uid",
}


def named(model, pk):
    """The identifier under which a difference in this row is reported."""
    if model.__name__ == "UnpublishedCount":
        return None
    rows = model._base_manager.filter(pk=pk)
    return rows.values_list(OWNERS.get(model.__name__, "uid"), flat=True).first()


def word_of(model) -> str:
    """The word under which a table's differences are reported."""
    return next(
        one.word
        for one in projections.registered()
        if model in dict(one.covers()) and (one.model is model or not _own(model))
    )


def _own(model) -> bool:
    return any(one.model is model for one in projections.registered())


@contextmanager
def unguarded():
    """Without triggers and checks; everything is undone afterwards."""
    with transaction.atomic():
        triggers.drop()
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = ON")
            else:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(
                    "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' "
                    "AND connamespace = current_schema()::regnamespace AND conrelid <> 0"
                )
                for table, name in cursor.fetchall():
                    cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                if connection.vendor == "sqlite":
                    cursor.execute("PRAGMA ignore_check_constraints = OFF")
            transaction.set_rollback(True)


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def other_value(field: models.Field, raw, pk):
    """Another value that the column can hold."""
    if isinstance(field, models.ForeignKey):
        return _other_row(field, raw)
    for kind, other in _OTHERS:
        if isinstance(field, kind):
            return other(raw)
    choices = [value for value, _ in field.flatchoices if value != raw]
    if choices:
        return choices[0]
    return ("y" if f"{raw}".startswith("x") else "x") + (raw or "")[1:]


_OTHERS = (
    (models.UUIDField, lambda raw: _uuid(uuid.uuid4())),
    (models.BooleanField, lambda raw: not raw),
    (models.JSONField, lambda raw: json.dumps({"another": "value"})),
    (models.IntegerField, lambda raw: 7 if raw is None else raw + 1000),
    (models.DateTimeField, lambda raw: str((raw or datetime(2020, 1, 1)) - timedelta(days=40))),
    (models.DateField, lambda raw: str((raw or date(2020, 1, 1)) + timedelta(days=1))),
)


def _uuid(value):
    return value.hex if connection.vendor == "sqlite" else str(value)


def _other_row(field, raw):
    rows = field.related_model._base_manager.exclude(pk=raw).order_by("-pk")
    if field.unique:
        used = field.model._base_manager.filter(**{f"{field.name}__isnull": False})
        rows = rows.exclude(pk__in=used.values(field.attname))
    found = rows.values_list("pk", flat=True).first()
    return found if found is not None or field.null else raw + 100_000


def change(model, field: models.Field, pk):
    """UPDATE one column of one row. Where every other neighbour is taken, it points at nothing."""
    raw = model._base_manager.filter(pk=pk).values_list(field.attname, flat=True).get()
    try:
        with transaction.atomic():
            _update(model, field, pk, other_value(field, raw, pk))
    except IntegrityError:
        _update(model, field, pk, raw + 100_000 if field.is_relation else "another")


def _update(model, field, pk, value):
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE {model._meta.db_table} SET "{field.column}" = %s WHERE "{model._meta.pk.column}" = %s',
            [value, pk],
        )


def remove(model, pk):
    with connection.cursor() as cursor:
        cursor.execute(
            f'DELETE FROM {model._meta.db_table} WHERE "{model._meta.pk.column}" = %s', [pk]
        )


def _unique(model):
    return [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]


def _one_of(model, constraint):
    """The column of a unique constraint that is no key, if there is one."""
    keys = [n for n in constraint.fields if model._meta.get_field(n).is_relation]
    return next((n for n in reversed(constraint.fields) if n not in keys), constraint.fields[-1])


def insert_copy(model, pk):
    """INSERT the row once more, under other unique values; returns the new key."""
    fields = list(model._meta.concrete_fields)
    row = model._base_manager.filter(pk=pk).values(*(f.attname for f in fields)).get()
    unique = {_one_of(model, c) for c in _unique(model) if c.fields}
    unique |= {"email"} if model.__name__ == "User" else set()
    new = pk + 1_000_000
    values = {}
    for field in fields:
        raw = row[field.attname]
        if field.primary_key and not isinstance(field, models.ForeignKey):
            values[field.column] = new
        elif field.unique or field.name in unique or field.name in ("name", "title"):
            values[field.column] = other_value(field, raw, pk)
        else:
            values[field.column] = field.get_db_prep_save(raw, connection)
    names = ", ".join(f'"{column}"' for column in values)
    marks = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks})", list(values.values())
        )
    return values[model._meta.pk.column]
