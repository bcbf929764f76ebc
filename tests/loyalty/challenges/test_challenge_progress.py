"""Challenges move with what members buy and do, and give once what they promise."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from core.actors import SYSTEM
from core.models import OutboxEvent
from loyalty.earning.receipt import Line
from loyalty.errors import ChallengeJoined, ChallengeNotOpen, ChallengeOver
from loyalty.models import ChallengeCompletion, ChallengeRun
from loyalty.services.challenge_joining import join_challenge
from loyalty.services.purchases import record_many
from members.errors import MemberBlocked
from members.services.blocking import block_member
from tests.challenges import HUNDRED, add_version, badges, challenge, runs
from tests.shops import assert_audit_is_clean, days_ago

JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(JUNE, tick=False) as hands:
        yield hands


def join(shop, what, member):
    return join_challenge(challenge_id=what.pk, member_id=member.pk, actor=SYSTEM)


def lines(*categories, amount="4.00"):
    return tuple(
        Line(
            number=number,
            sku=f"sku-{number}",
            quantity=Decimal(1),
            amount=Decimal(amount),
            category=category,
        )
        for number, category in enumerate(categories, start=1)
    )


def test_the_visit_that_completes_it_gives_the_points_and_the_badge_once(shop, member):
    challenge(shop)

    told = [shop.buys(member, "5.00").earned[0].followed.challenges for _visit in range(4)]

    assert [(one.progress, one.is_completed) for [one] in told] == [
        (1, False),
        (2, False),
        (3, True),
        (3, False),
    ]
    assert runs(shop, member) == [("three", 4, True)]
    assert badges(member) == [("Early bird", "given")]
    assert shop.balance(member) == 4 * 5 + 100
    assert_audit_is_clean()


def test_each_month_begins_anew_and_may_be_completed_again(shop, member, clock):
    challenge(shop)
    for _visit in range(3):
        shop.buys(member, "5.00")
    clock.move_to(JUNE + 30 * DAY)

    shop.buys(member, "5.00")

    assert runs(shop, member) == [("three", 3, True), ("three", 1, False)]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"type": "visits", "number": 9}, 3),
        ({"type": "visits", "number": 9, "once_a_day": True}, 2),
        ({"type": "amount", "amount": "90"}, 24.0),
        ({"type": "items", "number": 9}, 6),
        ({"type": "distinct_categories", "number": 9}, 2),
        ({"type": "distinct_categories", "number": 9, "depth": "last"}, 3),
        ({"type": "week_streak", "weeks": 9}, 2),
    ],
)
def test_every_target_counts_in_its_own_way(shop, member, clock, target, expected):
    challenge(shop, target=target)
    baskets = [
        lines(("Drinks", "Coffee"), ("Bakery",)),
        lines(("Drinks", "Tea"), ("drinks", "coffee")),
        lines((), ("Bakery",)),
    ]

    for basket in baskets[:2]:
        shop.records(shop.draft(member, lines=basket))
    clock.move_to(JUNE + 7 * DAY)
    shop.records(shop.draft(member, lines=baskets[2]))

    assert runs(shop, member) == [("three", expected, False)]


def test_conditions_of_rules_narrow_what_counts(shop, member):
    coffee = [{"type": "category", "categories": ["Coffee"]}]
    minimum = {"type": "minimum_amount", "amount": "8", "over": "matching_lines"}
    challenge(shop, code="a", target={"type": "amount", "amount": "50"}, conditions=coffee)
    challenge(shop, code="b", conditions=[*coffee, minimum])
    challenge(shop, code="c", conditions=[{"type": "store", "stores": ["elsewhere"]}])

    shop.records(shop.draft(member, lines=lines(("Drinks", "Coffee"), ("Bakery",))))
    shop.records(shop.draft(member, lines=lines(("Bakery",))))
    shop.records(shop.draft(member, lines=lines(("Coffee",), ("Coffee",))))

    assert runs(shop, member) == [("a", 12, False), ("b", 1, False)]


def test_a_condition_on_the_member_is_asked_as_rules_ask_it(shop, member):
    second = [{"type": "nth_purchase", "number": 2, "every": True}]
    challenge(shop, conditions=second)

    for _visit in range(4):
        shop.buys(member, "5.00")

    assert runs(shop, member) == [("three", 2, False)]


def test_steps_that_rules_give_are_counted_for_their_own_challenge(shop, member):
    effect = {"type": "challenge_steps", "challenge": "steps", "steps": 2}
    shop.add_rule({"trigger": {"type": "purchase"}, "effect": effect})
    challenge(shop, code="steps", target={"type": "steps", "number": 4})
    challenge(shop, code="other", target={"type": "steps", "number": 4})

    shop.buys(member, "5.00")
    shop.buys(member, "5.00")

    assert runs(shop, member) == [("steps", 4, True)]


def test_who_has_to_join_counts_from_that_minute_on(shop, member):
    what = challenge(shop, joining="opt_in")
    shop.buys(member, "5.00")

    join(shop, what, member)
    shop.buys(member, "5.00")
    shop.buys(member, "5.00", at=days_ago(1))

    assert runs(shop, member) == [("three", 1, False)]
    told = OutboxEvent.objects.filter(kind="challenge.joined").values_list("payload", flat=True)
    assert [one["challenge"] for one in told] == ["three"]


def test_days_after_joining_end_with_the_last_of_them(shop, member, clock):
    what = challenge(shop, joining="opt_in", period={"type": "after_joining", "days": 7})
    run = join(shop, what, member)

    clock.move_to(run.ends_at - timedelta(minutes=1))
    shop.buys(member, "5.00")
    clock.move_to(run.ends_at)
    shop.buys(member, "5.00")

    assert (run.starts_at, run.ends_at) == (JUNE, datetime(2026, 6, 10, 23, tzinfo=UTC))
    assert runs(shop, member) == [("three", 1, False)]


def test_joining_is_refused_twice_and_where_nothing_is_to_be_joined(shop, member, clock):
    fixed = {"type": "fixed", "from": "2026-06-01", "until": "2026-06-30"}
    what = challenge(shop, joining="opt_in", period=fixed)
    others = {
        ChallengeNotOpen: challenge(shop, code="automatic"),
        ChallengeOver: challenge(shop, code="ended", joining="opt_in", status="ended"),
    }
    paused = challenge(shop, code="paused", joining="opt_in", status="paused")
    join(shop, what, member)

    with pytest.raises(ChallengeJoined):
        join(shop, what, member)
    for refusal, other in others.items():
        with pytest.raises(refusal):
            join(shop, other, member)
    with pytest.raises(ChallengeNotOpen):
        join(shop, paused, member)
    clock.move_to(JUNE + 40 * DAY)
    with pytest.raises(ChallengeOver):
        join(shop, what, member)

    assert ChallengeRun.objects.count() == 1


def test_who_is_blocked_joins_nothing(shop, member):
    what = challenge(shop, joining="opt_in")
    block_member(member_id=member.pk, actor=SYSTEM, reason="left")

    with pytest.raises(MemberBlocked):
        join(shop, what, member)

    assert ChallengeRun.objects.count() == 0


def test_who_has_begun_goes_on_by_the_version_they_began_with(shop, member):
    other = shop.member("+447400654321")
    what = challenge(shop, target={"type": "visits", "number": 2})
    shop.buys(member, "5.00", at=JUNE - 2 * DAY)
    add_version(what, since=JUNE - DAY, target={"type": "visits", "number": 4})

    for who in (member, other):
        shop.buys(who, "5.00")

    assert runs(shop, member) == [("three", 2, True)]
    assert runs(shop, other) == [("three", 1, False)]


@pytest.mark.parametrize("status", ["draft", "paused", "ended"])
def test_what_is_not_active_counts_nothing(shop, member, status):
    challenge(shop, status=status)

    shop.buys(member, "5.00")

    assert runs(shop, member) == []


def test_what_was_before_the_first_version_counts_nothing(shop, member):
    challenge(shop, since=JUNE)

    shop.buys(member, "5.00", at=JUNE - DAY)
    shop.buys(member, "5.00")

    assert runs(shop, member) == [("three", 1, False)]


def test_many_receipts_at_once_count_as_one_by_one(shop, member, django_assert_num_queries):
    challenge(shop, target={"type": "visits", "number": 5}, gifts=[HUNDRED])
    drafts = [shop.draft(member, "5.00") for _number in range(6)]

    recorded = record_many(organization_id=shop.organization.pk, drafts=drafts, actor=SYSTEM)

    completed = [one.earned[0].followed.challenges[0].is_completed for one in recorded]
    assert completed == [False, False, False, False, True, False]
    assert runs(shop, member) == [("three", 6, True)]
    assert ChallengeCompletion.objects.get().points == 100
    assert_audit_is_clean()


def test_what_is_done_beside_challenges_is_told_to_subscribers(shop, member):
    challenge(shop)

    for _visit in range(3):
        shop.buys(member, "5.00")

    [told] = OutboxEvent.objects.filter(kind="challenge.completed")
    assert told.payload == {
        "challenge": "three",
        "account": str(shop.account(member).public_id),
        "period": "2026-06-01",
    }
