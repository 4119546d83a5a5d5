"""Files of transactions and uploads of them."""

import io
import json
import os
from copy import deepcopy
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile

from tests.factories.accounts import make_organisation, make_person
from tracker.accounts.models import Organisation, Role, User
from tracker.shared.calendars import US_FEDERAL_ERAS
from tracker.uploads import actions
from tracker.uploads.models import Upload, UploadStatus

MAPPING = {
    "name": "Payments of the ministry",
    "source": "ministry-payments",
    "columns": {
        "program": {"code": "Code", "name": "Country"},
        "fiscal_year": "Year",
        "amount": "Amount",
        "reference": ["Ref"],
        "payee": "Payee",
    },
    "constants": {"currency": "USD", "negative": "refund"},
    "fiscal_year": {"calendar": "US federal", "date": "end"},
    "number_format": {"decimal": ".", "grouping": None, "exponent": True},
    "null_values": ["", "NA"],
    "programs": {
        "propose": True,
        "identifier": "AID-{code}",
        "title": "Military aid: {name}",
        "donor": "Donor State",
        "recipient": "{name}",
        "country": {"scheme": "ISO 3166-1 alpha-3", "regions": ["WLD"], "former": ["SCG"]},
    },
}
HEADER = "Ref,Code,Country,Year,Amount,Payee"
ROW = "R1,FRA,France,2010,100.00,Depot"
REAL_FILE = "tables/us_foreignassistance_military_disbursements_2002_2015.csv"


def mapping(**changes) -> dict:
    """The mapping of the examples; `part__key=value` changes one key, `None` takes it away."""
    made = deepcopy(MAPPING)
    for path, value in changes.items():
        *parts, last = path.split("__")
        place = made
        for part in parts:
            place = place.setdefault(part, {})
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return made


def csv_of(*rows: str, header: str = HEADER, ending: str = "\n") -> str:
    return ending.join([header, *rows]) + ending


def stream_of(content: str | bytes) -> io.BytesIO:
    return io.BytesIO(content.encode() if isinstance(content, str) else content)


def make_office() -> tuple[Organisation, User, User]:
    """An organisation with United States fiscal years, an officer and an approver of it."""
    office = make_organisation(fiscal_eras=US_FEDERAL_ERAS)
    return (
        office,
        make_person(Role.OFFICER, organisation=office),
        make_person(Role.APPROVER, organisation=office),
    )


def make_upload(
    content: str | bytes = "",
    *,
    by: User,
    organisation: Organisation,
    mapping: dict | None = None,
    name: str = "payments.csv",
    checked: bool = True,
) -> Upload:
    """A file taken in, and by default checked to its end."""
    content = content or csv_of(ROW)
    raw = content.encode() if isinstance(content, str) else content
    upload = actions.create_upload(
        organisation=organisation,
        file=ContentFile(raw, name),
        file_name=name,
        mapping=MAPPING if mapping is None else mapping,
        by=by,
    )
    if checked:
        upload = actions.check_upload(upload=upload, by=by)
    return upload


def post_all(upload: Upload, *, by: User) -> Upload:
    """Carry posting on to its end."""
    while upload.status == UploadStatus.POSTING:
        upload = actions.post_next(upload=upload, by=by)
    return upload


def make_posted_upload(
    content: str | bytes = "", *, officer: User, approver: User, organisation, **options
) -> Upload:
    upload = make_upload(content, by=officer, organisation=organisation, **options)
    upload = actions.submit_upload(upload=upload, by=officer)
    upload = actions.approve_upload(upload=upload, by=approver)
    return post_all(upload, by=approver)


def real_file() -> Path | None:
    """The published file of 8,374 disbursements, where it lies beside the project."""
    beside = Path(settings.BASE_DIR).parent / "shared" / "data"
    path = Path(os.environ.get("SHARED_DATA", beside)) / REAL_FILE
    return path if path.exists() else None


def real_mapping() -> dict:
    path = Path(settings.BASE_DIR) / "fixtures" / "mappings" / "us_military_disbursements.json"
    return json.loads(path.read_text("utf-8"))
