"""``manage.py audit_program``: what it says, and that it mends."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.models import AuditRecord
from loyalty.models import Standing
from tests.ladders import put_up, tier_of
from tests.shops import open_shop


@pytest.fixture
def shop(db):
    shop = open_shop()
    put_up(shop)
    shop.buys(shop.member(), "100")
    return shop


def asked(*options: str) -> tuple[str, int]:
    """What the command prints, and how it ends."""
    out = StringIO()
    try:
        call_command("audit_program", *options, stdout=out)
    except SystemExit as ended:
        return out.getvalue(), int(ended.code or 0)
    return out.getvalue(), 0


def test_where_everything_agrees_it_says_so(shop):
    said, code = asked()

    assert code == 0
    assert said.splitlines() == [
        "stamps: 0 rows differ",
        "challenges: 0 rows differ",
        "tiers: 0 rows differ",
    ]


def test_what_differs_is_named_and_made_anew(shop):
    Standing.objects.update(tier="gold")

    named, wrong = asked("high-street", "--json")
    mended, right = asked("high-street", "--rebuild")

    [row] = json.loads(named)["disagreements"]["tiers"]
    assert (wrong, right) == (1, 0)
    assert (row["row"], row["found"][:4], row["expected"][:6]) == ("tier", "gold", "silver")
    assert "tiers: 1 made anew" in mended
    assert Standing.objects.get().tier == "silver"
    assert AuditRecord.objects.filter(verb="tier_rebuilt").count() == 1


def test_it_looks_at_one_organization_or_at_all(shop):
    other = open_shop("elsewhere")
    put_up(other)
    member = other.member("+447400123999")
    other.buys(member, "100")
    Standing.objects.filter(account=other.account(member)).update(tier="")

    assert asked("high-street")[1] == 0
    assert asked()[1] == 1
    assert tier_of(other, member) == ""


def test_an_unknown_organization_is_refused(db):
    with pytest.raises(CommandError):
        call_command("audit_program", "nowhere")
