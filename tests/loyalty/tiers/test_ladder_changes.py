"""What happens when tiers are set up, changed and put away."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from core.actors import SYSTEM
from core.models import OutboxEvent
from loyalty.earning.explain import sentence
from loyalty.earning.reasons import Reason
from loyalty.errors import LadderChanged, LadderInvalid, TierStillHeld
from loyalty.models import Award
from loyalty.services.ladder import LadderWish, change_ladder
from loyalty.services.standing import effective_tiers
from loyalty.services.tier_crowds import crowds, effect_of
from loyalty.services.tier_lifts import lift_everybody
from loyalty.services.tier_night import look_chunk
from loyalty.services.tiers_audit import disagreements
from loyalty.tiers.spec import parse_ladder
from tests.ladders import (
    change,
    ladder,
    put_up,
    standing,
    steps,
    takes_back,
    tier_of,
    tiers,
)
from tests.shops import Shop, assert_audit_is_clean, open_shop

pytestmark = pytest.mark.django_db

JUNE = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(JUNE, tick=False) as clock:
        yield clock


@pytest.fixture
def shop(clock) -> Shop:
    return open_shop()


@pytest.fixture
def member(shop):
    return shop.member()


def night(shop: Shop, due: datetime) -> None:
    assert look_chunk(organization_id=shop.organization.pk, due=due) is not None
    assert look_chunk(organization_id=shop.organization.pk, due=due) is None


def assert_tiers_are_explained(shop: Shop) -> None:
    assert disagreements(shop.organization.pk) == []
    assert_audit_is_clean()


def told() -> list[str]:
    kinds = OutboxEvent.objects.filter(kind__startswith="tier.").order_by("pk")
    return list(kinds.values_list("kind", flat=True))


def why(recorded) -> list[str]:
    """What is said of the points a purchase gave."""
    awards = Award.objects.filter(purchase=recorded.purchase).order_by("pk")
    return [
        sentence(Reason(reason["code"], reason["params"]), "GBP")
        for award in awards
        for reason in award.why
    ]


def test_what_members_did_before_there_were_tiers_counts(shop, member):
    recorded = shop.buys(member, "120")
    other = shop.member("+447400123457")
    shop.buys(other, "99")
    takes_back(shop, recorded.purchase, "10")
    before = effect_of(shop.program, parse_ladder(ladder()))

    put_up(shop)

    assert before.lifted == {"silver": 1}
    assert tier_of(shop, member) == "silver"
    assert tier_of(shop, other) == ""
    assert steps(shop, member) == [("rules", "", "silver")]
    assert told() == []
    assert_tiers_are_explained(shop)


@pytest.mark.proves("case 44")
def test_a_changed_threshold_lifts_and_never_lowers(clock, shop, member):
    put_up(shop)
    other = shop.member("+447400123457")
    shop.buys(member, "120")
    shop.buys(other, "500")
    moved = [
        {"code": "silver", "name": "Silver", "threshold": "50"},
        {"code": "gold", "name": "Gold", "threshold": "110"},
        {"code": "black", "name": "Black", "threshold": "5000"},
    ]
    wanted = effect_of(shop.program, parse_ladder(ladder(tiers=moved)))

    clock.shift(60)
    change(shop, ladder(tiers=moved))
    lift_everybody()
    clock.shift(60)
    harder = [one | {"threshold": str(10_000 * n)} for n, one in enumerate(moved, start=1)]
    change(shop, ladder(tiers=harder))
    lift_everybody()

    assert wanted.lifted == {"gold": 1}
    assert (tier_of(shop, member), tier_of(shop, other)) == ("gold", "gold")
    assert crowds(shop.program.pk, parse_ladder(ladder(tiers=moved)), JUNE) == {
        "": 0,
        "silver": 0,
        "gold": 2,
        "black": 0,
    }
    assert_tiers_are_explained(shop)


def test_tiers_that_begin_later_count_from_then_on(clock, shop, member):
    change(shop, ladder(), counts_from=JUNE + timedelta(days=1))
    shop.buys(member, "120")
    lift_everybody()
    before = tier_of(shop, member)

    clock.shift(timedelta(days=1, minutes=1))
    lift_everybody()

    assert before == ""
    assert standing(shop, member) == ("silver", "2028-01-01")
    assert_tiers_are_explained(shop)


def test_a_ladder_is_changed_by_whoever_has_seen_it_as_it_is(shop):
    put_up(shop)

    with pytest.raises(LadderChanged):
        change_ladder(
            program_id=shop.program.pk, wish=LadderWish(spec=ladder(), seen=0), actor=SYSTEM
        )
    with pytest.raises(LadderInvalid) as refused:
        change(shop, ladder(grace_days=3), counts_from=JUNE - timedelta(days=1))

    assert refused.value.data["errors"][0]["code"] == "version_too_early"
    assert shop.program.ladder_versions.count() == 1


def test_the_same_ladder_again_changes_nothing(shop):
    first = put_up(shop)

    assert change(shop, ladder()) == first


def test_a_tier_that_somebody_has_does_not_go(shop, member):
    put_up(shop)
    shop.buys(member, "100")

    with pytest.raises(TierStillHeld) as refused:
        change(shop, ladder(tiers=[{"code": "gold", "name": "Gold", "threshold": "500"}]))

    assert refused.value.data == {"tier": "silver", "members": 1}
    assert shop.program.ladder_versions.count() == 1


def test_tiers_can_be_put_away_together(clock, shop, member):
    put_up(shop, tiers=tiers(silver={"multiplier": "2"}))
    shop.buys(member, "100")

    clock.shift(60)
    change(shop, ladder(tiers=[]))
    recorded = shop.buys(member, "10")

    assert recorded.points == 10
    assert (
        effective_tiers([shop.account(member).pk], JUNE + timedelta(days=1)).popitem()[1].code == ""
    )
    assert_tiers_are_explained(shop)
