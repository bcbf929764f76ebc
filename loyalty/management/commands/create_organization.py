"""`manage.py create_organization`: a merchant with stores, an owner and a live program."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.addresses import public_url
from core.errors import Refusal
from core.services.organizations import NewOrganization
from loyalty.earning.describe import describe
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.queries import rules_in_force
from loyalty.services.organizations import Started, start_organization

OPTIONS = {"time_zone": "--time-zone", "stores": "--store", "owner_email": "--owner"}


class Command(BaseCommand):
    """Open an organization, or change nothing and say why."""

    help = "Open an organization; prints a one-time sign-in link for its owner."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what an organization is made of."""
        parser.add_argument("name", help="as members read it")
        parser.add_argument("--slug", required=True, help="its short name, part of addresses")
        parser.add_argument("--currency", required=True, help="such as GBP")
        parser.add_argument("--country", required=True, help="such as GB; reads phone numbers")
        parser.add_argument("--time-zone", required=True, help="such as Europe/London")
        parser.add_argument("--language", default="en", help="default: en")
        parser.add_argument(
            "--store",
            action="append",
            required=True,
            type=code_and_name,
            metavar="CODE:NAME",
            help="may be repeated",
        )
        parser.add_argument("--owner", required=True, metavar="EMAIL")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Open it and say what to do next; the link stands alone on the last line."""
        fields = ("name", "slug", "currency", "country", "time_zone", "language")
        try:
            started = start_organization(
                new=NewOrganization(**{field: options[field] for field in fields}),
                stores=options["store"],
                owner_email=options["owner"],
            )
        except Refusal as refusal:
            raise CommandError(f"{_option(refusal.field)}: {refusal}") from refusal
        self._tell(started, stores=len(options["store"]))

    def _tell(self, started: Started, *, stores: int) -> None:
        organization, program = started.organization, started.program
        currency = organization.currency
        self.stdout.write(f"{organization.name} is open as {organization.slug}, stores: {stores}")
        for version in rules_in_force(program):
            sentence = describe(parse_rule(version.spec), currency)
            self.stdout.write(f"Program {program.slug} is {program.status}: {sentence}")
        self.stdout.write("What can come next:")
        for step in (
            f"create_staff {organization.slug} --name Sam --role cashier",
            f"create_api_key {organization.slug} --name till --scopes all",
            f"dump_program {organization.slug} > program.json",
            f"load_program {organization.slug} program.json",
        ):
            self.stdout.write(f"  manage.py {step}")
        if started.link is None:
            self.stdout.write("The owner signs in with the password they have:")
            self.stdout.write(public_url(f"/office/{organization.slug}/"))
        else:
            self.stdout.write("Sign-in link for the owner, works once within an hour:")
            self.stdout.write(public_url(started.link))


def code_and_name(text: str) -> tuple[str, str]:
    """Split ``CODE:NAME``."""
    code, colon, name = text.partition(":")
    if not (code.strip() and colon and name.strip()):
        raise ArgumentTypeError(f"{text!r} is not CODE:NAME, such as hs:High Street")
    return code.strip(), name.strip()


def _option(field: str | None) -> str:
    return OPTIONS.get(field or "", "name" if field in {None, "name"} else f"--{field}")
