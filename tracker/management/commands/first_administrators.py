"""`first_administrators`: the first two people of an organisation, who invite everybody else."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from tracker.accounts import actions
from tracker.accounts.models import Organisation, OrganisationType, User
from tracker.shared.errors import Refused


class Command(BaseCommand):
    help = (
        "Appoints the first two administrators of an organisation, and adds the organisation if it is new. "
        "Two, because an approver's role needs a second administrator. Should one leave before there was a third, "
        "this appoints a successor."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", required=True, help="its full name")
        parser.add_argument(
            "--kind",
            default=OrganisationType.GOVERNMENT,
            choices=OrganisationType.values,
            help="if it is new: the IATI code of its type (10: government)",
        )
        parser.add_argument("--email", action="append", required=True, help="once per person")
        parser.add_argument(
            "--name",
            action="append",
            default=[],
            help="once per person, in the same order; else the part of the address before the @",
        )
        parser.add_argument(
            "--stdin",
            action="store_true",
            help="read the passwords from standard input, one line per person, instead of asking",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        emails, names = options["email"], options["name"]
        if names and len(names) != len(emails):
            raise CommandError("Give a --name for every --email, or for none.")
        names = names or [email.partition("@")[0] for email in emails]
        passwords = self._passwords(emails, options["stdin"])
        try:
            people = _appoint(
                options["organisation"],
                options["kind"],
                list(zip(emails, names, passwords, strict=True)),
            )
        except Refused as refusal:
            raise CommandError(f"{refusal.sentence} Nothing was saved.") from refusal
        self._say_what_next(people)

    def _passwords(self, emails: list[str], from_stdin: bool) -> list[str]:
        if not from_stdin:
            return [getpass(f"A password for {email}: ") for email in emails]
        lines = [line.rstrip("\r\n") for line in sys.stdin]
        if len(lines) != len(emails):
            raise CommandError(
                f"Standard input has {len(lines)} lines: it needs {len(emails)}, one password per --email."
            )
        return lines

    def _say_what_next(self, people: list[User]) -> None:
        for person in people:
            self.stdout.write(f"{person.email} administers {person.organisation}.")
        self.stdout.write(
            f"\nNext: they sign in at {settings.SITE_URL}{reverse('account_login')}, invite people at "
            f"{settings.SITE_URL}{reverse('accounts:invite')} and give them roles. "
            "What one of them proposes as approver or administrator, the other confirms."
        )


@transaction.atomic
def _appoint(name: str, kind: str, people: list[tuple[str, str, str]]) -> list[User]:
    organisation = Organisation.objects.filter(name__iexact=name.strip()).first()
    if organisation is None:
        organisation = actions.create_organisation(name=name, kind=kind, by=None)
    return [
        actions.appoint_first_administrator(
            email=email, name=called, password=password, organisation=organisation
        )
        for email, called, password in people
    ]
