"""What the bench does inside Django, each in a process of its own.

python -m bench.inside seed MEMBERS     a shop, its members and their history
python -m bench.inside shop MEMBERS     a shop whose members did nothing before
python -m bench.inside key NAME         prints the secret of a new API key
python -m bench.inside rewards COUNT    makes rewards for a point each, and prints their ids
python -m bench.inside last NAME        makes a reward of which there is one, and prints its id
python -m bench.inside codes COUNT      makes a batch of so many codes; prints the seconds
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
from core.actors import SYSTEM  # noqa: E402
from core.queries import organization_named  # noqa: E402
from core.services.api_keys import NewIntegration, open_integration  # noqa: E402
from loyalty.queries import programs_of  # noqa: E402
from loyalty.services.due import expire_due_points  # noqa: E402
from rewards.models import Reward  # noqa: E402
from rewards.services.voucher_batches import (  # noqa: E402
    NewBatch,
    create_batch,
    work_on_batches,
)


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


def rewards(count: str) -> None:
    """Offer rewards of which there are enough."""
    made = [_reward(f"bench-{time.time_ns()}", stock=10**9) for _ in range(int(count))]
    print(" ".join(str(one.public_id) for one in made))


def last(name: str) -> None:
    """Offer one that only one can have."""
    print(_reward(name, stock=1).public_id)


def codes(count: str) -> None:
    """Let a worker make a batch of codes."""
    reward = _reward(f"bench-{time.time_ns()}", stock=None)
    began = time.monotonic()
    new = NewBatch(name="Bench", wanted=int(count))
    batch = create_batch(reward_id=reward.pk, new=new, actor=SYSTEM)
    work_on_batches()
    batch.refresh_from_db()
    assert batch.made == int(count), "every code was made"
    print(time.monotonic() - began)


def _reward(code: str, *, stock: int | None) -> Reward:
    program = programs_of(organization_named(SLUG)).get()
    return Reward.objects.create(
        program=program,
        code=code,
        name="Coffee",
        points=1,
        status=Reward.Status.ACTIVE,
        stock_initial=stock,
        stock=stock,
    )


def expire(moment: str) -> None:
    """Expire what ends."""
    began = time.monotonic()
    entries = expire_due_points(now=datetime.fromisoformat(moment))
    print(entries, time.monotonic() - began)


if __name__ == "__main__":
    DONE = {
        "seed": seed,
        "shop": shop,
        "key": key,
        "rewards": rewards,
        "last": last,
        "codes": codes,
        "expire": expire,
    }
    DONE[sys.argv[1]](sys.argv[2])
