"""Tiers follow from purchases, returns and time, through the services."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from core.actors import SYSTEM
from core.models import OutboxEvent
from loyalty.earning.explain import sentence
from loyalty.earning.reasons import Reason
from loyalty.earning.receipt import LineKind
from loyalty.models import Award, Batch, Entry, Grant, Standing, TierChange, TierCount
from loyalty.services.purchases import record_many
from loyalty.services.tier_night import look_chunk
from loyalty.services.tiers_audit import disagreements, rebuild
from tests.ladders import (
    lines_of,
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


def test_a_tier_is_reached_at_once_and_told(shop, member):
    put_up(shop)

    shop.buys(member, "99.99")
    below = tier_of(shop, member)
    recorded = shop.buys(member, "0.01")

    move = recorded.earned[0].followed.tier
    assert below == ""
    assert standing(shop, member) == ("silver", "2028-01-01")
    assert (move.before, move.after) == ("", "silver")
    assert steps(shop, member) == [("reached", "", "silver")]
    assert told() == ["tier.reached"]
    assert TierCount.objects.count() == 2
    assert_tiers_are_explained(shop)


def test_a_gift_card_counts_when_it_is_spent_and_not_when_it_is_sold(shop, member):
    put_up(shop)
    sold = lines_of((LineKind.GIFT_CARD, "card", "100"), (LineKind.PRODUCT, "tea", "40"))

    recorded = shop.records(shop.draft(member, lines=sold))
    takes_back(shop, recorded.purchase)

    assert list(TierCount.objects.order_by("pk").values_list("spend", "visits")) == [
        (40, 1),
        (-40, -1),
    ]
    assert_tiers_are_explained(shop)


@pytest.mark.proves("case 8")
def test_the_purchase_that_reaches_a_tier_earns_at_the_one_before(shop, member):
    put_up(shop, tiers=tiers(silver={"multiplier": "1.5"}, gold={"multiplier": "2"}))

    reached = shop.buys(member, "100")
    next_one = shop.buys(member, "10")

    assert (reached.points, next_one.points) == (100, 15)
    assert why(reached) == ["1 point per £1 on £100.00"]
    assert why(next_one) == [
        "1 point per £1 on £10.00",
        "Silver, held before this purchase: 1.5 times the base of 10",
    ]
    assert_tiers_are_explained(shop)


@pytest.mark.proves("case 8")
def test_a_ladder_can_let_it_earn_at_the_tier_it_reaches(shop, member):
    put_up(shop, counts="after", tiers=tiers(silver={"multiplier": "1.5"}))

    reached = shop.buys(member, "100")

    assert reached.points == 150
    assert why(reached)[1] == "Silver, reached with this purchase: 1.5 times the base of 100"
    assert_tiers_are_explained(shop)


@pytest.mark.proves("input 114")
def test_a_tier_that_multiplies_the_points_by_which_it_is_reached_never_lifts_itself(shop, member):
    gift = [{"type": "points", "points": 1000}]
    silver, gold = {"multiplier": "10", "gifts": gift}, {"multiplier": "100", "gifts": gift}
    put_up(shop, basis="points", counts="after", tiers=tiers(silver=silver, gold=gold))

    recorded = shop.buys(member, "100")

    assert recorded.points == 1000
    assert tier_of(shop, member) == "gold"  # by 1,000 points of the purchase, gifts not counted
    assert steps(shop, member) == [("reached", "", "gold")]
    assert_tiers_are_explained(shop)


def test_a_limit_counts_what_a_tier_adds(shop, member):
    put_up(shop, tiers=tiers(silver={"multiplier": "2"}))
    spec = {
        "trigger": {"type": "purchase"},
        "effect": {"type": "points_per_amount", "points": 1, "per": "1"},
        "limits": {"per_purchase": 150},
    }
    shop.add_version(shop.rule, spec, since=JUNE - timedelta(days=1))
    shop.buys(member, "100")

    recorded = shop.buys(member, "100")

    [award] = Award.objects.filter(purchase=recorded.purchase)
    assert (award.desired, award.awarded) == (200, 150)
    assert_tiers_are_explained(shop)


def test_a_quote_names_the_multiple_of_the_tier(shop, member):
    from loyalty.services.purchases import preview

    put_up(shop, tiers=tiers(silver={"multiplier": "2"}))
    shop.buys(member, "100")

    [earned] = preview(organization_id=shop.organization.pk, draft=shop.draft(member, "10"))

    assert earned.outcome.points == 20


@pytest.mark.proves("case 39")
def test_a_return_takes_the_tier_and_what_it_gave(shop, member):
    gift = [{"type": "points", "points": 50}, {"type": "badge", "badge": "Friend"}]
    put_up(shop, tiers=tiers(silver={"gifts": gift}))
    recorded = shop.buys(member, "100")
    balance = shop.balance(member)

    done = takes_back(shop, recorded.purchase, "1")

    assert balance == 150
    assert tier_of(shop, member) == ""
    assert steps(shop, member) == [("reached", "", "silver"), ("returned", "silver", "")]
    assert shop.balance(member) == 99
    assert Grant.objects.get().status == Grant.Status.WITHDRAWN
    assert done.row.points_reversed == 1
    assert told() == ["tier.reached", "tier.lowered"]
    assert_tiers_are_explained(shop)


@pytest.mark.proves("case 39")
def test_a_gift_is_given_once_per_reaching(shop, member):
    put_up(shop, tiers=tiers(silver={"gifts": [{"type": "points", "points": 50}]}))
    first = shop.buys(member, "100")

    takes_back(shop, first.purchase)
    shop.buys(member, "100")
    shop.buys(member, "100")

    gifts = Entry.objects.filter(cause="tier").order_by("pk").values_list("points", flat=True)
    assert list(gifts) == [50, -50, 50]
    assert_tiers_are_explained(shop)


@pytest.mark.proves("case 39")
@pytest.mark.parametrize(("policy", "kept"), [("at_period_end", ""), ("never", "silver")])
def test_a_return_leaves_the_tier_until_its_end_where_the_ladder_says_so(
    clock, shop, member, policy, kept
):
    valid = {"type": "months", "months": 1}
    put_up(shop, returns=policy, valid=valid, window={"type": "rolling", "months": 12})
    recorded = shop.buys(member, "100")

    takes_back(shop, recorded.purchase)
    at_once = tier_of(shop, member)
    clock.move_to(datetime(2026, 7, 11, 1, tzinfo=UTC))
    night(shop, datetime(2026, 7, 10, 23, tzinfo=UTC))

    assert at_once == "silver"
    assert tier_of(shop, member) == kept
    assert_tiers_are_explained(shop)


@pytest.mark.proves("case 41")
def test_the_night_keeps_a_tier_that_is_still_earned_and_says_so(clock, shop, member):
    valid = {"type": "months", "months": 1}
    put_up(shop, valid=valid, window={"type": "rolling", "months": 12})
    shop.buys(member, "100")

    clock.move_to(datetime(2026, 7, 11, 1, tzinfo=UTC))
    night(shop, datetime(2026, 7, 10, 23, tzinfo=UTC))

    kept = TierChange.objects.last()
    assert standing(shop, member) == ("silver", "2026-08-11")
    assert (kept.why, kept.at) == ("kept", datetime(2026, 7, 10, 23, tzinfo=UTC))
    assert told() == ["tier.reached", "tier.kept"]
    assert_tiers_are_explained(shop)


def test_the_night_lowers_a_tier_that_was_not_earned_again(clock, shop, member):
    put_up(shop, downgrade="one_level")
    shop.buys(member, "500")

    clock.move_to(datetime(2028, 1, 1, 1, tzinfo=UTC))
    night(shop, datetime(2028, 1, 1, tzinfo=UTC))

    assert standing(shop, member) == ("silver", "2029-01-01")
    assert Standing.objects.get().floor == "silver"
    assert told() == ["tier.reached", "tier.lowered"]
    assert_tiers_are_explained(shop)


@pytest.mark.proves("T9")
def test_after_an_outage_ends_have_their_days_and_nobody_is_told_twice(clock, shop, member):
    valid = {"type": "months", "months": 1}
    put_up(shop, valid=valid, window={"type": "rolling", "months": 2})
    shop.buys(member, "100")

    clock.move_to(datetime(2026, 10, 1, 1, tzinfo=UTC))
    night(shop, datetime(2026, 9, 30, 23, tzinfo=UTC))

    days = TierChange.objects.order_by("pk").values_list("why", "at")
    assert [(why, at.isoformat()[:10]) for why, at in days] == [
        ("reached", "2026-06-10"),
        ("kept", "2026-07-10"),
        ("lowered", "2026-08-10"),
    ]
    assert told() == ["tier.reached", "tier.lowered"]
    assert_tiers_are_explained(shop)


@pytest.mark.proves("T9")
def test_a_purchase_after_the_end_finds_what_became_of_the_tier_before_any_night(
    clock, shop, member
):
    valid = {"type": "months", "months": 1}
    window = {"type": "rolling", "months": 1}
    put_up(shop, valid=valid, window=window, tiers=tiers(silver={"multiplier": "2"}))
    shop.buys(member, "100")

    clock.move_to(datetime(2026, 7, 15, 12, tzinfo=UTC))
    recorded = shop.buys(member, "10")

    assert recorded.points == 10
    assert steps(shop, member)[-1] == ("lowered", "silver", "")
    assert TierChange.objects.last().at == datetime(2026, 7, 10, 23, tzinfo=UTC)
    assert_tiers_are_explained(shop)


def test_history_counts_silently_and_gives_nothing(shop, member):
    put_up(shop, tiers=tiers(silver={"gifts": [{"type": "points", "points": 50}]}))
    batch = Batch.objects.create(organization=shop.organization, kind="import")
    drafts = [shop.draft(member, "60", at=JUNE - timedelta(days=n)) for n in (1, 2, 3)]

    record_many(organization_id=shop.organization.pk, drafts=drafts, actor=SYSTEM, batch=batch)

    assert steps(shop, member) == [("reached", "", "silver")]
    assert not Entry.objects.filter(cause="tier").exists()
    assert told() == []
    assert_tiers_are_explained(shop)


def test_a_tier_that_is_wrong_is_found_and_made_anew(shop, member):
    put_up(shop)
    shop.buys(member, "100")
    Standing.objects.update(tier="gold")

    [wrong] = disagreements(shop.organization.pk)
    rebuilt = rebuild(shop.organization.pk, actor=SYSTEM)

    assert wrong.account_id == shop.account(member).pk
    assert wrong.found.startswith("gold until")
    assert wrong.expected.startswith("silver until")
    assert (rebuilt, tier_of(shop, member)) == (1, "silver")
    assert disagreements(shop.organization.pk) == []


def test_a_count_that_is_wrong_is_found(shop, member):
    put_up(shop)
    recorded = shop.buys(member, "100")
    TierCount.objects.create(
        account=shop.account(member),
        purchase=recorded.purchase,
        parent=takes_back(shop, shop.buys(member, "5").purchase).row,
        day=JUNE.date(),
        at=JUNE,
        spend=-7,
    )

    found = disagreements(shop.organization.pk)

    assert next((one.row, one.pk) for one in found) == (
        "counts of a purchase",
        recorded.purchase.pk,
    )
