"""The demo's organisations and people. Nobody has an invented name: everybody is called by their role."""

from dataclasses import dataclass

from tracker.accounts import actions
from tracker.accounts.models import NEEDS_TWO, Organisation, Role, User
from tracker.shared.calendars import US_FEDERAL_ERAS

PASSWORD = "countersign-demo"
DOMAIN = "demo.example"
MARK = "Donor State, Ministry of Defence (illustrative)"


@dataclass(frozen=True)
class Cast:
    """Everybody on the demo's stage."""

    ministry: Organisation
    record_desk: Organisation
    audit_office: Organisation
    general_staff: Organisation
    training_command: Organisation
    administrators: tuple[User, User]
    officer: User
    second_officer: User
    approver: User
    senior: User
    auditor: User
    head: User
    second_auditor: User
    disclosure: User
    second_disclosure: User
    representative: User


def is_loaded() -> bool:
    return Organisation.objects.filter(name=MARK).exists()


def _join(name: str, email: str, organisation: Organisation, by: User) -> User:
    _, secret = actions.invite_person(
        name=name, email=f"{email}@{DOMAIN}", organisation=organisation, by=by
    )
    return actions.accept_invitation(secret=secret, password=PASSWORD)


def _administrator(email: str, organisation: Organisation) -> User:
    return actions.appoint_first_administrator(
        email=f"{email}@{DOMAIN}",
        name=f"Administrator, {organisation.label}",
        password=PASSWORD,
        organisation=organisation,
    )


def _grant(person: User, role: str, over: Organisation, admins: tuple[User, User]) -> None:
    membership = actions.grant_role(person=person, role=role, organisation=over, by=admins[0])
    if role in NEEDS_TWO:
        actions.confirm_role(membership=membership, by=admins[1])


def _organisations() -> dict[str, Organisation]:
    make = actions.create_organisation
    return {
        "ministry": make(name=MARK, short_name="Ministry of Defence", kind="10", by=None),
        "record_desk": make(
            name="Public record desk (documented cases)",
            short_name="Public record desk",
            kind="90",
            fiscal_eras=US_FEDERAL_ERAS,
            by=None,
        ),
        "audit_office": make(
            name="Donor State, Audit Office (illustrative)",
            short_name="Audit Office",
            kind="10",
            by=None,
        ),
        "general_staff": make(
            name="Recipient State, General Staff (illustrative)",
            short_name="General Staff, Recipient State",
            kind="10",
            by=None,
        ),
        "training_command": make(
            name="Training Command (illustrative)",
            short_name="Training Command",
            kind="10",
            by=None,
        ),
    }


def gather() -> Cast:
    """Found the organisations, appoint their administrators, invite everybody else, hand out the roles."""
    o = _organisations()
    ministry, desk, office, staff = (
        o["ministry"],
        o["record_desk"],
        o["audit_office"],
        o["general_staff"],
    )
    admins = (_administrator("administrator", ministry), _administrator("administrator2", ministry))
    desk_admins = (_administrator("desk.admin", desk), _administrator("desk.admin2", desk))
    office_admin = _administrator("audit.admin", office)
    staff_admin = _administrator("recipient.admin", staff)

    cast = Cast(
        **o,
        administrators=admins,
        officer=_join("Program officer", "officer", ministry, admins[0]),
        second_officer=_join("Second program officer", "officer2", ministry, admins[0]),
        approver=_join("Approver", "approver", ministry, admins[0]),
        senior=_join("Senior approver", "senior", ministry, admins[0]),
        auditor=_join("Auditor", "auditor", office, office_admin),
        head=_join("Head of the audit", "head", office, office_admin),
        second_auditor=_join("Second auditor", "auditor2", office, office_admin),
        disclosure=_join("Disclosure officer", "disclosure", ministry, admins[0]),
        second_disclosure=_join("Second disclosure officer", "disclosure2", ministry, admins[0]),
        representative=_join("Recipient's representative", "recipient", staff, staff_admin),
    )
    for over, by in ((ministry, admins), (desk, desk_admins)):
        _grant(cast.officer, Role.OFFICER, over, by)
        _grant(cast.approver, Role.APPROVER, over, by)
        _grant(cast.auditor, Role.AUDITOR, over, by)
        _grant(cast.head, Role.AUDITOR, over, by)
        _grant(cast.second_auditor, Role.AUDITOR, over, by)
        _grant(cast.disclosure, Role.DISCLOSURE, over, by)
        _grant(cast.second_disclosure, Role.DISCLOSURE, over, by)
    _grant(cast.senior, Role.SENIOR_APPROVER, ministry, admins)
    _grant(cast.second_officer, Role.OFFICER, ministry, admins)
    actions.grant_role(
        person=cast.head, role=Role.HEAD_OF_AUDIT, organisation=office, by=office_admin
    )
    actions.grant_role(
        person=cast.representative, role=Role.RECIPIENT, organisation=staff, by=staff_admin
    )
    return cast


SIGN_INS = [
    ("program officer", "officer"),
    ("approver", "approver"),
    ("senior approver", "senior"),
    ("auditor", "auditor"),
    ("head of the audit", "head"),
    ("second auditor", "auditor2"),
    ("disclosure officer", "disclosure"),
    ("second disclosure officer", "disclosure2"),
    ("recipient's representative", "recipient"),
    ("administrator", "administrator"),
    ("second administrator", "administrator2"),
]
