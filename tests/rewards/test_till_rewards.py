from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from core.actors import SYSTEM
from rewards.models import Redemption, Reward, Voucher
from rewards.services.redemptions import redeem
from rewards.voucher_codes import check, grouped, make
from tests.racing import race
from tests.shops import assert_audit_is_clean, open_shop
from tests.tills import open_till, shown, text_of
from tests.vouchers import use


@pytest.fixture
def rich(shop, member):
    """A member with 1,240 points."""
    shop.buys(member, "1240.00")
    return member


def opened(till, member):
    return till.client.get("/till/", {"member": member.public_id})


def wish(member, reward, **sent):
    return {
        "member": member.public_id,
        "reward": reward.public_id,
        "points": reward.points,
        "request_key": uuid4().hex,
        **sent,
    }


def hand_over(till, sent):
    twin = Client()
    twin.cookies = till.client.cookies
    return twin.post("/till/rewards/", sent)


def bought(shop, member, reward):
    """A voucher that the member got somewhere else, such as in the portal."""
    return redeem(
        reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=uuid4().hex
    ).voucher


# --- in two touches ------------------------------------------------------------------------------


def test_the_panel_offers_what_can_be_had_and_what_is_next(shop, rich, till):
    shop.reward(1320, name="Cake")
    shop.reward(200, name="Coffee")
    shop.reward(300, name="Mug", stock=0)

    panel = opened(till, rich).context["member"]

    assert [(one.name, one.points, one.balance_after) for one in panel.offers] == [
        ("Coffee", 200, 1040)
    ]
    assert (panel.next_offer.name, panel.next_offer.missing, panel.sold_out) == (
        "Cake",
        80,
        ["Mug"],
    )


def test_the_sheet_says_what_it_comes_to(shop, rich, till):
    shop.reward(200, name="Coffee")
    shop.reward(1320, name="Cake")

    text = text_of(opened(till, rich))

    assert "Hand over Coffee for 200 points? Balance 1,240 1,040" in text
    assert "80 more points for Cake" in text


@pytest.mark.proves("INV-5b")
def test_two_touches_hand_a_reward_over_and_use_its_voucher(shop, rich, till):
    reward = shop.reward(200, name="Coffee", stock=2)

    page = shown(till, hand_over(till, wish(rich, reward)))

    taken = Redemption.objects.get()
    given = page.context["given"]
    assert (given.name, given.points, given.balance) == ("Coffee", 200, 1040)
    assert given.code == grouped(taken.voucher.code)
    assert (taken.voucher.status, taken.voucher.used_in, taken.voucher.used_by) == (
        "used",
        shop.store,
        f"staff:{till.staff.pk}",
    )
    reward.refresh_from_db()
    assert reward.stock == 1


@pytest.mark.proves("C4")
def test_a_double_touch_hands_over_once(shop, rich, till):
    sent = wish(rich, shop.reward(200))

    answers = [hand_over(till, sent) for _ in range(2)]

    assert answers[0].url == answers[1].url
    assert (Redemption.objects.count(), shop.balance(rich)) == (1, 1040)


@pytest.mark.parametrize(
    ("why", "change", "sentence"),
    [
        ("sold out", {"stock": 0, "stock_initial": 0}, "Coffee: This reward is sold out."),
        ("paused", {"status": "paused"}, "Coffee: This reward is not offered just now."),
        ("dearer", {"points": 201}, "Coffee: The price of this reward has just changed."),
        ("too dear", {"points": 1241}, "Coffee: There are not enough points for this."),
    ],
)
def test_what_cannot_be_handed_over_is_told_and_changes_nothing(
    shop, rich, till, why, change, sentence
):
    reward = shop.reward(200, name="Coffee")
    sent = wish(rich, reward)
    Reward.objects.update(**change)

    page = shown(till, hand_over(till, sent))

    assert sentence in text_of(page)
    assert (list(Redemption.objects.all()), shop.balance(rich)) == ([], 1240)


def test_a_blocked_member_is_handed_nothing(shop, rich, till):
    reward = shop.reward(200, name="Coffee")
    sent = wish(rich, reward)
    rich.status = "blocked"
    rich.save(update_fields=["status"])

    page = shown(till, hand_over(till, sent))

    assert "Coffee: This member is blocked." in text_of(page)
    assert (page.context["member"].offers, shop.balance(rich)) == ([], 1240)


def test_another_organizations_member_or_reward_does_not_exist(shop, rich, till):
    other = open_shop("leaf")
    stranger, theirs, ours = other.member("+447911123456"), other.reward(1), shop.reward(1)
    other.buys(stranger, "10.00")
    taken = bought(other, stranger, theirs).redemption

    answers = [
        hand_over(till, wish(stranger, ours)),
        hand_over(till, wish(rich, theirs)),
        hand_over(till, wish(rich, ours) | {"member": "x"}),
        till.client.get(f"/till/rewards/{taken.public_id}/"),
        till.client.post(f"/till/rewards/{taken.public_id}/undo/", {"request_key": "k" * 16}),
        till.client.post(
            f"/till/vouchers/{taken.voucher.public_id}/use/", {"request_key": "k" * 16}
        ),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
    assert (Redemption.objects.count(), Voucher.objects.get().status) == (1, "issued")


@pytest.mark.parametrize(
    "sent", [{"points": "x"}, {"points": "9" * 30}, {"reward": "x"}, {"request_key": ""}]
)
def test_a_form_that_no_browser_sends_hands_nothing_over(shop, rich, till, sent):
    answer = hand_over(till, wish(rich, shop.reward(200)) | sent)

    assert (answer.status_code, list(Redemption.objects.all())) == (303, [])


# --- taken back ----------------------------------------------------------------------------------


def given(shop, member, till):
    return shown(till, hand_over(till, wish(member, shop.reward(200, stock=1))))


def undo(till, page, **sent):
    return till.client.post(page.context["undo"]["url"], {"request_key": uuid4().hex, **sent})


def test_what_was_just_handed_over_is_taken_back(shop, rich, till):
    page = given(shop, rich, till)

    undone = shown(till, undo(till, page))
    again = shown(till, undo(till, page))

    taken = Redemption.objects.get()
    assert (undone.context["given"].is_taken_back, undone.context["given"].balance) == (True, 1240)
    assert (taken.status, taken.voucher.status, taken.reward.stock) == ("canceled", "canceled", 1)
    assert not undone.context.get("undo")
    assert "no longer" not in text_of(again)
    assert shop.entries(rich)[1:] == [("redeem", -200, 1040), ("release", 200, 1240)]


def test_what_was_handed_over_a_while_ago_or_by_others_stays(shop, rich, till):
    page = given(shop, rich, till)
    zoe = open_till(shop, name="Zoë")

    by_another = shown(till, undo(zoe, page))
    with time_machine.travel(timezone.now() + timedelta(minutes=14)) as clock:
        still = till.client.get(page.request["PATH_INFO"]).context.get("undo")
        clock.shift(timedelta(minutes=2))
        late = shown(till, undo(till, page))

    assert bool(still)
    assert not late.context.get("undo")
    assert "can no longer be taken back here" in text_of(late)
    assert not by_another.context["given"].is_taken_back
    assert shop.balance(rich) == 1040


def test_a_reward_from_the_portal_is_not_taken_back_at_the_till(shop, rich, till):
    voucher = bought(shop, rich, shop.reward(200))
    use_url = f"/till/vouchers/{voucher.public_id}/use/"
    shown(till, till.client.post(use_url, {"request_key": uuid4().hex}))

    address = f"/till/rewards/{voucher.redemption.public_id}/"
    refused = till.client.post(f"{address}undo/", {"request_key": uuid4().hex}, follow=True)

    assert not till.client.get(address).context.get("undo")
    assert "can no longer be taken back here" in text_of(refused)
    assert shop.balance(rich) == 1040


# --- a voucher's code ----------------------------------------------------------------------------


def test_a_voucher_shows_what_it_is_for_and_whose_and_is_used_in_one_touch(shop, rich, till):
    reward = shop.reward(200, name="Tea", valid_days=3)
    voucher = bought(shop, rich, reward)

    page = till.find(grouped(voucher.code).lower())
    used = shown(till, till.client.post(page.context["use"]["url"], {"request_key": uuid4().hex}))

    panel = page.context["voucher"]
    day = timezone.localdate(timezone=shop.organization.zone) + timedelta(days=3)
    assert (panel.name, panel.member.name) == ("Tea", "Mina K.")
    assert panel.valid_until == day
    assert "+447400123456" not in page.content.decode()
    voucher.refresh_from_db()
    assert (voucher.status, voucher.used_in) == ("used", shop.store)
    assert "The voucher is used." in text_of(used)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("used", "This voucher was used before. Hand nothing over."),
        ("expired", "This voucher is no longer valid. Its points do not come back."),
        ("canceled", "This voucher was canceled."),
    ],
)
def test_a_voucher_that_is_over_says_so_and_cannot_be_used(shop, rich, till, status, sentence):
    voucher = bought(shop, rich, shop.reward(200))
    if status == "used":
        use(voucher, store=shop.store)
    Voucher.objects.update(status=status)

    page = till.find(voucher.code)
    url = f"/till/vouchers/{voucher.public_id}/use/"
    answer = till.client.post(url, {"request_key": uuid4().hex})
    Voucher.objects.filter(status="canceled").update(status="issued")

    assert sentence in text_of(page)
    assert page.context["use"] is None
    assert (answer.status_code, sentence in text_of(answer)) == (200, True)
    assert Redemption.objects.get().status == "issued"


@pytest.mark.proves("R7")
def test_a_blocked_members_voucher_waits(shop, rich, till):
    voucher = bought(shop, rich, shop.reward(200))
    rich.status = "blocked"
    rich.save(update_fields=["status"])

    page = till.find(voucher.code)
    answer = till.client.post(
        f"/till/vouchers/{voucher.public_id}/use/", {"request_key": uuid4().hex}
    )

    voucher.refresh_from_db()
    assert "This member is blocked, so nothing is handed over." in text_of(page)
    assert (answer.status_code, voucher.status) == (200, "issued")


def test_a_slip_of_the_finger_is_told_from_a_wrong_code(shop, till):
    code = make()
    slip = next(
        code[:-1] + last
        for last in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        if not check(code[:-1] + last)
    )

    mistyped, unknown = till.find(slip), till.find(code)

    assert "One character of this voucher code is wrong." in text_of(mistyped)
    assert "No voucher has this code." in text_of(unknown)


@pytest.mark.proves("input 46")
def test_who_guesses_codes_waits_also_with_the_right_one(shop, rich, till):
    right = bought(shop, rich, shop.reward(200)).code

    answers = [till.find(make()).status_code for _ in range(10)]
    blocked = till.find(right)

    assert answers == [200] * 10
    assert (blocked.status_code, "Retry-After" in blocked.headers) == (429, True)
    assert "Tea" not in text_of(blocked)


# --- together ------------------------------------------------------------------------------------


@pytest.mark.race
@pytest.mark.proves("C1")
@pytest.mark.parametrize(("pieces", "given"), [(1, 1), (2, 2)])
def test_the_last_piece_goes_over_one_counter(transactional_db, pieces, given):
    """Two pieces are the control: they show that both counters do get through at once."""
    shop = open_shop()
    mina, zoe = shop.member(), shop.member("+447400123457")
    for each in (mina, zoe):
        shop.buys(each, "100.00")
    tills = [open_till(shop), open_till(shop, name="Zoë")]
    reward = shop.reward(40, stock=pieces)

    race(
        *[
            partial(hand_over, till, wish(each, reward))
            for till, each in zip(tills, (mina, zoe), strict=True)
        ]
    )

    reward.refresh_from_db()
    assert (Redemption.objects.count(), reward.stock) == (given, 0)
    assert shop.balance(mina) + shop.balance(zoe) == 200 - 40 * given
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.proves("C5")
@pytest.mark.parametrize(("vouchers", "used"), [(1, 1), (2, 2)])
def test_a_voucher_is_used_at_one_of_two_tills(transactional_db, vouchers, used):
    """Two vouchers are the control: they show that both tills do get through at once."""
    shop = open_shop()
    mina = shop.member()
    shop.buys(mina, "100.00")
    reward = shop.reward(40)
    taken = [bought(shop, mina, reward) for _ in range(vouchers)]
    tills = [open_till(shop), open_till(shop, name="Zoë")]

    answers = race(
        *[
            partial(
                till.client.post,
                f"/till/vouchers/{one.public_id}/use/",
                {"request_key": uuid4().hex},
            )
            for till, one in zip(tills, [taken[0], taken[-1]], strict=True)
        ]
    )

    codes = sorted(answer.status_code for answer in answers)
    assert codes == ([200, 303] if used == 1 else [303] * 2)
    assert Voucher.objects.filter(status="used").count() == used
    assert_audit_is_clean()


@pytest.mark.parametrize("rewards", [1, 3])
def test_a_panel_asks_as_much_however_many_rewards_there_are(
    shop, rich, till, rewards, django_assert_num_queries
):
    for _ in range(rewards):
        shop.reward(200)
        shop.reward(2000)
    opened(till, rich)

    with django_assert_num_queries(16):
        page = opened(till, rich)

    assert len(page.context["member"].offers) == rewards


def test_nowhere_is_nothing(till):
    nowhere = UUID(int=0)
    assert till.client.get(f"/till/rewards/{nowhere}/").status_code == 404
