"""`manage.py demo`: a shop to walk into, with a year of real receipts."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.addresses import public_url
from core.errors import Refusal
from core.locking import only_one
from core.models import Organization
from core.progress import Progress
from insights.demo import shop
from insights.demo.people import PEOPLE_MAX
from insights.errors import DemoNotInstalled
from insights.services.demo import (
    Report,
    demo_organization,
    last_full_day,
    load_demo,
    phone_to_try,
)
from insights.services.demo_receipts import cut_slice

PATIENCE_SECONDS = 2.0
IN_PRODUCTION = (
    "This is a production installation, and the demo's passwords are known to everybody. "
    "Add --yes-really to load it all the same."
)


class Command(BaseCommand):
    """Load the demo, once, and say how to walk in."""

    help = "Load a shop with a year of real receipts; a second time only says how to sign in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare how large it is to be."""
        parser.add_argument("--households", type=int, default=shop.HOUSEHOLDS)
        parser.add_argument("--seed", type=int, default=shop.SEED, help="who the members are")
        parser.add_argument("--sign-ins", action="store_true", help="only say how to sign in")
        parser.add_argument("--quiet", action="store_true", help="do not say how to sign in")
        parser.add_argument("--yes-really", action="store_true", help="also in production")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load it unless it is there; then print addresses and sign-ins."""
        known = demo_organization()
        if known is None and options["sign_ins"]:
            return
        if known is None:
            known = self._load(options)
        elif not options["sign_ins"]:
            self.stdout.write(f"{known.name} is there already; nothing was changed.")
        if not options["quiet"]:
            self._tell_sign_ins(known)

    def _load(self, options: dict[str, Any]) -> Organization:
        if settings.PRODUCTION and not options["yes_really"]:
            raise CommandError(IN_PRODUCTION)
        if not 1 <= options["households"] <= PEOPLE_MAX:
            raise CommandError(f"--households: give 1 to {PEOPLE_MAX}.")
        with only_one("demo", patience=PATIENCE_SECONDS) as is_free, TemporaryDirectory() as folder:
            if not is_free:
                raise CommandError("The demo is being loaded by another process.")
            phases = _Phases()
            try:
                report = self._cut_and_load(Path(folder), options, phases)
            except DemoNotInstalled as refusal:
                raise CommandError(str(refusal)) from refusal
            except Refusal as refusal:  # another organization has the demo's short name
                raise CommandError(f"{shop.SLUG}: {refusal}") from refusal
        loaded = f"{report.members:,} members, {report.receipts:,} receipts, "
        loaded += f"{report.redemptions:,} rewards taken"
        self.stdout.write(f"Loaded {loaded} ({phases.told()})")
        return report.organization

    def _cut_and_load(self, folder: Path, options: dict[str, Any], phases: _Phases) -> Report:
        self.stdout.write("Loading the demo, once; it takes about a minute.")
        phases.begin("reading")
        cut = cut_slice(
            folder=folder,
            households=options["households"],
            seed=options["seed"],
            last_day=last_full_day(),
        )
        progress = Progress(cut.lines, "receipt lines", sys.stderr)
        report = load_demo(cut=cut, told=progress.advance, phase=phases.begin)
        progress.finish()
        return report

    def _tell_sign_ins(self, organization: Organization) -> None:
        phone = phone_to_try(organization)
        cashiers = [each for each in shop.STAFF if each.pin]
        offices = [shop.OWNER, *(each for each in shop.STAFF if each.email)]
        stores = dict(shop.STORES)
        lines = [
            f"{organization.name}, the demo:",
            f"  office  {public_url(f'/office/{shop.SLUG}/')}",
        ]
        lines += [f"    {each.role:<8} {each.email}" for each in offices]
        lines += [f"    password {shop.PASSWORD}", f"  till    {public_url('/till/')}"]
        lines.append("    first make the device a register: office › Set up this device")
        for each in cashiers:
            places = ", ".join(stores[code] for code in each.stores)
            lines.append(f"    cashier  {each.name}, PIN {each.pin} ({places})")
        lines.append(f"  members {public_url(f'/club/{shop.SLUG}/')}")
        lines.append(f"    phone    {phone}; codes appear on {public_url('/outbox/')}")
        self.stdout.write("\n".join(lines))


class _Phases:
    """How long each part took."""

    def __init__(self) -> None:
        self._begun: list[tuple[str, float]] = []

    def begin(self, name: str) -> None:
        """Note that a part begins, which ends the one before."""
        self._begun.append((name, time.monotonic()))

    def told(self) -> str:
        """Return the seconds of every part."""
        ends = [at for _name, at in self._begun[1:]] + [time.monotonic()]
        spans = [
            f"{name} {end - at:.1f} s" for (name, at), end in zip(self._begun, ends, strict=True)
        ]
        return ", ".join(spans)
