"""What comes back is taken out of challenges, and merged members have one progress."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from core.models import OutboxEvent
from loyalty.models import Challenge, ChallengeCompletion, ChallengeCount, ChallengeRun, Entry
from loyalty.services.challenges_audit import disagreements, rebuild
from loyalty.services.member_merges import merge_members, unmerge_members
from loyalty.services.returns import ReturnWish, record_return
from rewards.services.redemptions import redeem
from tests.challenges import HUNDRED, VISITS, badges, challenge, runs
from tests.shops import assert_audit_is_clean

JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _june():
    with time_machine.travel(JUNE, tick=False):
        yield


def bring_back(shop, sold, lines=None, amount=None):
    number = f"back-{Entry.objects.count()}-{sold.purchase.external_id}"
    wish = ReturnWish(
        source="till",
        external_id=number,
        sale_source="till",
        sale_external_id=sold.purchase.external_id,
        occurred_at=timezone.now(),
        request_key=number,
        quantities={line: Decimal(1) for line in lines or ()},
        amount=Decimal(amount) if amount else None,
    )
    return record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


def sound(shop):
    """Hold that the books and every challenge are what their history says."""
    assert_audit_is_clean()
    return disagreements(shop.organization.pk) == []


@pytest.mark.proves("case 39")
def test_a_return_undoes_a_completion_and_what_it_gave(shop, member):
    challenge(shop)
    *_first, last = [shop.buys(member, "5.00") for _visit in range(3)]

    bring_back(shop, last, lines=[1])

    assert runs(shop, member) == [("three", 2, False)]
    assert badges(member) == [("Early bird", "withdrawn")]
    assert shop.balance(member) == 10
    assert OutboxEvent.objects.filter(kind="challenge.undone").count() == 1
    assert sound(shop)


@pytest.mark.proves("case 39")
def test_what_is_completed_again_gives_again_and_only_once(shop, member):
    challenge(shop)
    *_first, last = [shop.buys(member, "5.00") for _visit in range(3)]
    bring_back(shop, last, lines=[1])

    shop.buys(member, "5.00")
    shop.buys(member, "5.00")

    assert runs(shop, member) == [("three", 4, True)]
    assert badges(member) == [("Early bird", "withdrawn"), ("Early bird", "given")]
    assert shop.balance(member) == 4 * 5 + 100
    assert sound(shop)


def test_points_that_a_return_had_to_let_go_are_not_given_twice(shop, member):
    shop.settle(debt="floor")
    challenge(shop, gifts=[HUNDRED])
    *_first, last = [shop.buys(member, "5.00") for _visit in range(3)]
    redeem(reward_id=shop.reward(90).pk, member_id=member.pk, actor=SYSTEM, request_key="spend")
    bring_back(shop, last, lines=[1])
    left = shop.balance(member)

    shop.buys(member, "5.00")

    given = ChallengeCompletion.objects.order_by("pk").values_list("points", "taken")
    assert list(given) == [(100, 20), (20, 0)]
    assert (left, shop.balance(member)) == (0, 5 + 20)
    assert sound(shop)


def test_a_surplus_keeps_a_completion_from_being_undone(shop, member):
    challenge(shop)
    *_first, last = [shop.buys(member, "5.00") for _visit in range(4)]

    bring_back(shop, last, lines=[1])

    assert runs(shop, member) == [("three", 3, True)]
    assert badges(member) == [("Early bird", "given")]


def test_where_returns_change_nothing_progress_stays(shop, member):
    challenge(shop, returns="keep")
    *_first, last = [shop.buys(member, "5.00") for _visit in range(3)]

    bring_back(shop, last, lines=[1])

    assert runs(shop, member) == [("three", 3, True)]
    assert badges(member) == [("Early bird", "given")]
    assert sound(shop)


def test_a_purchase_counts_as_if_only_the_rest_had_been_bought(shop, member):
    challenge(shop, code="a", target={"type": "amount", "amount": "90"})
    dear = [{"type": "minimum_amount", "amount": "8"}]
    challenge(shop, code="b", target={"type": "visits", "number": 5}, conditions=dear)
    challenge(shop, code="c", target={"type": "items", "number": 9})
    sold = shop.records(shop.draft(member, "5.00", "4.00"))

    bring_back(shop, sold, lines=[2])
    after_a_line = runs(shop, member)
    bring_back(shop, sold, amount="2.00")

    assert after_a_line == [("a", 5, False), ("b", 0, False), ("c", 1, False)]
    assert runs(shop, member) == [("a", 3, False), ("b", 0, False), ("c", 1, False)]
    assert sound(shop)


def test_steps_go_back_with_the_awards_that_gave_them(shop, member):
    per_pound = {"challenge": "steps", "steps": 1, "per": "amount", "amount": "1"}
    effect = {"type": "challenge_steps", **per_pound}
    shop.add_rule({"trigger": {"type": "purchase"}, "effect": effect})
    challenge(shop, code="steps", target={"type": "steps", "number": 50})
    sold = shop.records(shop.draft(member, "5.00", "4.00"))
    before = runs(shop, member)

    bring_back(shop, sold, lines=[2])

    assert before == [("steps", 9, False)]
    assert runs(shop, member) == [("steps", 5, False)]
    assert sound(shop)


@pytest.mark.parametrize("status", ["paused", "ended"])
def test_a_return_is_felt_although_the_challenge_rests_or_ended(shop, member, status):
    made = challenge(shop)
    *_first, last = [shop.buys(member, "5.00") for _visit in range(3)]
    Challenge.objects.filter(pk=made.pk).update(status=status)

    bring_back(shop, last, lines=[1])

    assert runs(shop, member) == [("three", 2, False)]
    assert sound(shop)


# --- merges -----------------------------------------------------------------------------------


@pytest.fixture
def again(shop):
    return shop.member("+447400222222", name="Mina")


def merge(shop, kept, merged):
    return merge_members(
        organization_id=shop.organization.pk,
        kept_id=kept.pk,
        merged_id=merged.pk,
        actor=SYSTEM,
        request_key="merge",
    )


def part(shop, done):
    unmerge_members(
        organization_id=shop.organization.pk, merge_id=done.pk, actor=SYSTEM, request_key="undo"
    )


def test_two_who_become_one_have_what_both_had_and_may_complete_it_so(shop, member, again):
    challenge(shop)
    shop.buys(member, "5.00")
    for _visit in range(2):
        shop.buys(again, "5.00")

    done = merge(shop, member, again)
    together = runs(shop, member), shop.balance(member)
    part(shop, done)

    assert together == ([("three", 3, True)], 15 + 100)
    assert runs(shop, member) == [("three", 1, False)]
    assert runs(shop, again) == [("three", 2, False)]
    assert (shop.balance(member), shop.balance(again)) == (5, 10)
    assert sound(shop)


def test_a_completion_that_came_over_is_not_given_twice(shop, member, again):
    challenge(shop)
    shop.buys(member, "5.00")
    for _visit in range(3):
        shop.buys(again, "5.00")

    done = merge(shop, member, again)
    together = runs(shop, member), shop.balance(member)
    part(shop, done)

    assert together == ([("three", 4, True)], 20 + 100)
    assert runs(shop, again) == [("three", 3, True)]
    assert runs(shop, member) == [("three", 1, False)]
    assert ChallengeCompletion.objects.count() == 1
    assert sound(shop)


def test_what_was_bought_before_a_merge_comes_back_after_it(shop, member, again):
    challenge(shop)
    sold = [shop.buys(again, "5.00") for _visit in range(3)]
    merge(shop, member, again)
    before = runs(shop, member)

    bring_back(shop, sold[0], lines=[1])

    assert before == [("three", 3, True)]
    assert runs(shop, member) == [("three", 2, False)]
    assert badges(again) == [("Early bird", "withdrawn")]
    assert shop.balance(member) == 10
    assert sound(shop)


def test_what_came_back_while_two_were_one_is_gone_when_they_part(shop, member, again):
    challenge(shop, target={"type": "distinct_categories", "number": 5}, gifts=[])
    challenge(shop, code="visits")
    sold = [shop.buys(again, "5.00") for _visit in range(3)]
    done = merge(shop, member, again)
    bring_back(shop, sold[0], lines=[1])

    part(shop, done)

    assert runs(shop, again) == [("visits", 2, False)]
    assert runs(shop, member) == [("visits", 0, False)]
    assert sound(shop)


# --- the audit --------------------------------------------------------------------------------


def test_an_audit_names_what_does_not_agree_and_mends_it(shop, member):
    challenge(shop, target={**VISITS, "once_a_day": True})
    shop.buys(member, "5.00")
    shop.buys(member, "5.00", at=JUNE - timedelta(days=1))
    run = ChallengeRun.objects.get()
    ChallengeRun.objects.filter(pk=run.pk).update(progress=7, seen={"2026-06-03": 9})
    first = ChallengeCount.objects.order_by("pk").first()
    ChallengeCount.objects.filter(pk=first.pk).update(counted=5)

    found = disagreements(shop.organization.pk)
    mended = rebuild(shop.organization.pk, actor=SYSTEM)

    assert [(one.row, one.pk) for one in found] == [
        ("loyalty.challengecount", first.pk),
        ("loyalty.challengerun", run.pk),
    ]
    assert mended == 2
    assert runs(shop, member) == [("three", 2, False)]
    assert disagreements(shop.organization.pk) == []


def test_an_audit_completes_what_should_be_complete(shop, member):
    challenge(shop)
    for _visit in range(2):
        shop.buys(member, "5.00")
    run = ChallengeRun.objects.get()
    ChallengeRun.objects.filter(pk=run.pk).update(completed_at=JUNE)

    found = disagreements(shop.organization.pk)
    rebuild(shop.organization.pk, actor=SYSTEM)

    assert len(found) == 1
    assert runs(shop, member) == [("three", 2, False)]
    assert disagreements(shop.organization.pk) == []
