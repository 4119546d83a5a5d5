"""Evidence leaves the house: on the record before the first byte."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from tracker.accounts.models import User
from tracker.audits.models import Engagement, Finding
from tracker.journal import actions as journal
from tracker.journal.queries import kinds_of
from tracker.publishing import policies, queries
from tracker.publishing.content import bundle
from tracker.publishing.models import BundleExport


@dataclass(frozen=True)
class Exported:
    """An export that is on record, and its bytes, which are made while they are read."""

    export: BundleExport
    pieces: Iterator[bytes]


@transaction.atomic
def export_bundle(*, engagement: Engagement, finding: Finding | None = None, by: User) -> Exported:
    """Records, documents and proofs of an engagement, or of one finding of it, as a zip that verifies without us.

    Drafts of others are not in it, nor what is withheld for security from the person.
    """
    policies.check_can_export(by, engagement, finding)
    plan = _plan(engagement, finding, by)
    listed = bundle.contents(plan)
    export = BundleExport(
        engagement=engagement,
        finding=finding,
        manifest=hashlib.sha256(listed).hexdigest(),
        records=len(plan.records),
        files=len(plan.documents),
        exported_by=by,
    )
    names = ("engagement", "finding", "manifest", "records", "files")
    fields = {name: getattr(export, name) for name in names}
    export.entry_id = journal.record("bundle", record=export, op="create", by=by, fields=fields)
    export.save()
    return Exported(export, bundle.stream(plan, listed))


def _plan(engagement: Engagement, finding: Finding | None, by: User) -> bundle.Plan:
    findings = bundle.findings_in(engagement, finding, by)
    records = bundle.records_of(engagement, findings)
    sealed, kinds = queries.sealed_among(by, records), kinds_of(records)
    hidden = {uid: set(queries.sealed_fields(kinds[uid], found)) for uid, found in sealed.items()}
    title = f"Engagement {engagement.number}"
    return bundle.Plan(
        title=f"{title}, finding {finding.number}" if finding else title,
        records=records,
        documents=bundle.documents_of(findings, sealed),
        hidden=hidden,
    )
