"""What the bench does inside Django, each in a process of its own.

python -m bench.inside seed MEMBERS     a shop, its members and their history
python -m bench.inside shop MEMBERS     a shop whose members did nothing before
python -m bench.inside key NAME         prints the secret of a new API key
python -m bench.inside expire MOMENT    what ends until then; prints how many, and the seconds
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from bench.seeding import enroll_members, open_shop, write_history  # noqa: E402
from bench.shop import SLUG  # noqa: E402
from core.queries import organization_named  # noqa: E402
from core.services.api_keys import NewIntegration, open_integration  # noqa: E402
from loyalty.services.due import expire_due_points  # noqa: E402


def seed(members: str) -> None:
    """Fill the database."""
    write_history(open_shop(), int(members))


def shop(members: str) -> None:
    """Open the shop and enroll a few members."""
    enroll_members(open_shop(), int(members))


def key(name: str) -> None:
    """Let the client in."""
    new = NewIntegration(name=name, scopes=("all",))
    organization = organization_named(SLUG)
    print(open_integration(organization_id=organization.pk, new=new).secret)


def expire(moment: str) -> None:
    """Expire what ends."""
    began = time.monotonic()
    entries = expire_due_points(now=datetime.fromisoformat(moment))
    print(entries, time.monotonic() - began)


if __name__ == "__main__":
    {"seed": seed, "shop": shop, "key": key, "expire": expire}[sys.argv[1]](sys.argv[2])
