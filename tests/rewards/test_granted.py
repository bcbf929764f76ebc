"""Vouchers that rules and cards promise: given once, costing nothing, and taken back unused."""

from decimal import Decimal

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.models import OutboxEvent
from loyalty.errors import UnknownTarget
from loyalty.gifts import BadgeGift, VoucherGift
from loyalty.models import Award, Grant, Rule
from loyalty.services.gifts import give_gifts, take_gifts
from loyalty.services.ledger import Cause, open_book
from loyalty.services.returns import ReturnWish, record_return
from loyalty.services.rules import load_rules
from rewards.draw_errors import DrawNotOpen
from rewards.errors import NoSuchDraw, RewardNotOffered
from rewards.models import DrawTicket, GiftCard, Redemption, Reward, Voucher
from rewards.services.promising import refuse_unknown_rewards
from rewards.services.redemptions import cancel_redemption
from tests.callers import Caller
from tests.draws import closed, opened
from tests.giftcards import balance_of, decide
from tests.shops import assert_audit_is_clean
from tests.vouchers import use


def promise(reward, count=1, **rest):
    return {
        "trigger": {"type": "purchase"},
        "effect": {"type": "voucher", "reward": reward.code, "count": count},
        **rest,
    }


def comes_back(bought, number="b1", **quantities):
    purchase = bought.purchase
    wish = ReturnWish(
        source="till",
        external_id=number,
        sale_source=purchase.source,
        sale_external_id=purchase.external_id,
        occurred_at=timezone.now(),
        request_key=f"back-{number}",
        quantities={int(line[1:]): Decimal(q) for line, q in (quantities or {"l1": 1}).items()},
    )
    return record_return(organization_id=purchase.organization_id, wish=wish, actor=SYSTEM)


def test_a_rule_gives_vouchers_that_cost_nothing(shop, member):
    reward = shop.reward(80, stock=5, valid_days=30)
    shop.add_rule(promise(reward, 2))

    bought = shop.buys(member, "12.00")

    vouchers = Voucher.objects.filter(redemption__member=member)
    assert [(one.redemption.points, one.status) for one in vouchers] == [(0, "issued")] * 2
    assert all(one.valid_until for one in vouchers)
    assert [grant.number for grant in bought.earned[0].followed.grants] == [1, 2]
    assert Reward.objects.get().stock == 5
    assert shop.balance(member) == 12
    assert OutboxEvent.objects.filter(kind="voucher.issued").count() == 2
    assert_audit_is_clean()


def test_a_reward_that_ended_or_is_sold_out_is_still_given_as_promised(shop, member):
    reward = shop.reward(80, stock=0)
    shop.add_rule(promise(reward))
    Reward.objects.update(status=Reward.Status.ENDED)

    shop.buys(member, "12.00")

    assert Voucher.objects.get().status == Voucher.Status.ISSUED
    assert_audit_is_clean()


def test_credit_that_was_promised_comes_whole_though_no_such_card_is_sold_any_more(shop, member):
    shop.add_rule(promise(shop.reward(80, kind="gift_card", amount=25)))
    decide(shop, load_max=10, balance_max=10)

    shop.buys(member, "12.00")

    assert balance_of(GiftCard.objects.get()) == "25.00"
    assert_audit_is_clean()


def test_promised_tickets_of_a_draw_that_there_is_not_stand_in_nobodys_way(shop, member):
    reward = shop.reward(80, kind="draw_ticket", details={"draw": "gone", "tickets": 3})
    shop.add_rule(promise(reward))

    shop.buys(member, "12.00")

    assert shop.balance(member) == 12
    assert Voucher.objects.get().status == Voucher.Status.ISSUED
    assert not DrawTicket.objects.exists()
    assert_audit_is_clean()


def test_nobody_promises_a_reward_of_tickets_that_nobody_takes(shop):
    reward = shop.reward(80, kind="draw_ticket", details={"draw": "spring", "tickets": 3})

    with pytest.raises(NoSuchDraw):
        refuse_unknown_rewards(shop.program, [reward.code])
    draw = opened(shop, code="spring")
    refuse_unknown_rewards(shop.program, [reward.code])
    closed(draw)
    with pytest.raises(DrawNotOpen):
        refuse_unknown_rewards(shop.program, [reward.code])


def test_a_return_takes_back_what_nobody_used_and_keeps_the_rest(shop, member):
    shop.add_rule(promise(shop.reward(80), 2))
    bought = shop.buys(member, "12.00")
    first = Voucher.objects.order_by("pk").last()
    use(first)

    comes_back(bought)

    assert list(Voucher.objects.order_by("pk").values_list("status", flat=True)) == [
        "canceled",
        "used",
    ]
    assert list(Grant.objects.order_by("number").values_list("status", flat=True)) == [
        "withdrawn",
        "given",
    ]
    assert Award.objects.get(unit="vouchers").reversed == 2
    assert_audit_is_clean()


def test_what_a_part_of_the_goods_had_earned_goes_with_it(shop, member):
    shop.add_rule(promise(shop.reward(80), 2))
    bought = shop.records(shop.draft(member, "10.00", "10.00"))

    comes_back(bought, l2=1)

    assert sorted(Voucher.objects.values_list("status", flat=True)) == ["canceled", "issued"]
    assert_audit_is_clean()


def test_the_office_takes_a_granted_voucher_back(shop, member):
    shop.add_rule(promise(shop.reward(80)))
    shop.buys(member, "12.00")
    taken = Redemption.objects.get()

    cancel_redemption(redemption_id=taken.pk, reason="Mistake", actor=SYSTEM, request_key="c1")

    assert (Voucher.objects.get().status, Grant.objects.get().status) == ("canceled", "withdrawn")
    assert shop.balance(member) == 12
    assert_audit_is_clean()


def test_gifts_are_given_once_for_one_cause_and_a_badge_needs_no_reward(shop, member):
    shop.buys(member, "12.00")
    account = shop.account(member)
    gifts = [
        VoucherGift(type="voucher", reward=shop.reward(80).code),
        BadgeGift(type="badge", badge="Regular"),
    ]
    cause = Cause("challenge_run", 7, "run-7", timezone.now())
    with open_book([account.pk], actor=SYSTEM) as book:
        given = give_gifts(book, account.pk, member.pk, gifts, cause)

    with open_book([account.pk], actor=SYSTEM) as book:
        take_gifts(book, account.pk, 0, cause, given.grants)

    assert [grant.status for grant in Grant.objects.order_by("kind")] == ["withdrawn"] * 2
    assert Voucher.objects.get().status == "canceled"
    assert_audit_is_clean()


def test_the_member_finds_a_granted_voucher_among_theirs(shop, member):
    shop.add_rule(promise(shop.reward(80, name="Latte")))
    api = Caller(shop.api_key())
    body = {
        "store": "1",
        "member": str(member.public_id),
        "external_id": "r-1",
        "lines": [{"quantity": 1, "amount": "12.00"}],
    }

    sold = api.post("purchases/", body).json()
    again = api.post("purchases/", body).json()["data"]["purchase"]
    held = api.get(f"members/{member.public_id}/vouchers/").json()

    [given] = sold["granted"]
    assert (given["kind"], given["count"], given["because"]) == ("voucher", 1, "rule")
    assert again["granted"] == sold["granted"]
    assert [one["name"] for one in held["results"]] == ["Latte"]
    assert sold["points_total"] == 12


@pytest.mark.parametrize(
    ("effect", "refusal"),
    [
        ({"type": "voucher", "reward": "nothing"}, RewardNotOffered),
        ({"type": "draw_tickets", "draw": "spring"}, NoSuchDraw),
        ({"type": "stamps", "card": "nothing"}, UnknownTarget),
        ({"type": "challenge_steps", "challenge": "nothing"}, UnknownTarget),
    ],
)
def test_a_rule_that_promises_what_there_is_not_does_not_begin_to_act(shop, effect, refusal):
    spec = {"trigger": {"type": "purchase"}, "effect": effect}
    part = {"code": "new", "name": "New", "status": "active", "versions": [{"spec": spec}]}

    with pytest.raises(refusal):
        load_rules(shop.program.pk, [part], SYSTEM)

    assert not Rule.objects.filter(code="new").exists()
