from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.earning.receipt import Line
from loyalty.services.due import expire_due_points
from loyalty.services.returns import ReturnWish, record_return
from members.services.blocking import block_member
from rewards.models import Redemption, Voucher
from rewards.services.redemptions import cancel_redemption, redeem
from tests.clubs import at, club_of
from tests.offices import keyed
from tests.shops import days_ago, open_shop
from tests.tills import text_of
from tests.vouchers import use


@pytest.fixture
def club(member):
    """The browser of a member who came in by a code."""
    return club_of(member)


def page(club, shop, name=""):
    answer = club.get(at(shop.organization, name))
    assert answer.status_code == 200
    return answer


def said(club, shop, name=""):
    return text_of(page(club, shop, name))


@pytest.mark.parametrize("name", ["", "activity/", "rewards/", "me/", "me/edit/"])
def test_a_brand_new_member_finds_every_page_inviting(club, shop, name):
    assert page(club, shop, name).status_code == 200


def test_the_card_shows_what_the_member_has(club, shop, member):
    shop.buys(member, "240.00")

    text = said(club, shop)

    assert "Mina K" in text
    assert "240 points" in text


def test_points_that_wait_show_with_their_day(club, shop, member):
    shop.settle(pending_days=3)
    shop.buys(member, "80.00")

    text = said(club, shop)

    assert "0 points" in text
    assert "80 points are on their way" in text


def test_until_a_day_means_to_its_end_in_the_organizations_zone(shop, member):
    with time_machine.travel("2026-06-06T12:00:00+01:00", tick=False):
        shop.settle(expiry={"type": "after", "days": 30})
        shop.buys(member, "120.00")
        text = said(club_of(member), shop)

    assert "120 until Jul 6" in text
    assert "120 points expire Use them until Jul 6." in text


def test_debt_is_told_in_plain_words(club, shop, member):
    bought = shop.buys(member, "100.00").purchase
    club.post(at(shop.organization, f"rewards/{shop.reward(100).public_id}/get/"), keyed())
    give_back(shop, bought)

    assert "100 points were taken back after they had been spent" in said(club, shop)


def give_back(shop, purchase):
    wish = ReturnWish(
        source="till",
        external_id=f"back-{purchase.pk}",
        sale_source="till",
        sale_external_id=purchase.external_id,
        occurred_at=timezone.now(),
        request_key=f"back-{purchase.pk}",
        quantities={1: Decimal(1)},
    )
    return record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


def test_a_blocked_member_is_told_and_can_take_nothing(club, shop, member):
    shop.buys(member, "100.00")
    reward = shop.reward(50)
    block_member(member_id=member.pk, actor=SYSTEM, reason="lost card")

    assert "Your membership is paused" in said(club, shop)
    assert "Get it" not in said(club, shop, "rewards/")
    club.post(at(shop.organization, f"rewards/{reward.public_id}/get/"), keyed())
    assert Redemption.objects.count() == 0


def test_the_best_reward_that_can_be_had_comes_first(club, shop, member):
    shop.buys(member, "250.00")
    shop.reward(100, name="Coffee")
    shop.reward(200, name="Cake")
    shop.reward(300, name="Hamper")

    assert "Cake is yours" in said(club, shop)


def test_the_nearest_reward_says_how_far_it_is(club, shop, member):
    shop.buys(member, "20.00")
    shop.reward(100, name="Coffee")

    assert "Coffee 80 more points to go." in said(club, shop)
    assert "80 more" in said(club, shop, "rewards/")


def test_the_card_shows_five_activities_and_the_way_to_the_rest(club, shop, member):
    for number in range(6):
        shop.buys(member, f"{number + 1}.00")

    card = page(club, shop)

    assert len(card.context["activities"]) == 5
    assert "Show everything" in text_of(card)
    assert len(page(club, shop, "activity/").context["activities"]) == 6


def test_a_purchase_is_explained_by_its_rules_and_lines(club, shop, member):
    shop.add_rule(
        {
            "trigger": {"type": "purchase"},
            "effect": {"type": "fixed_points", "points": 50},
            "limits": {"per_purchase": 30},
        }
    )
    lines = (
        Line(number=1, sku="LATTE", name="Latte", quantity=Decimal(2), amount=Decimal("6.80")),
        Line(number=2, sku="BEANS", name="Beans", quantity=Decimal(1), amount=Decimal("14.70")),
    )
    shop.records(shop.draft(member, lines=lines))

    text = said(club, shop, "activity/")

    assert "One" in text
    assert "£21.50 +51 points" in text
    assert "Base" in text
    assert "capped at 30 per purchase (desired 50)" in text
    assert "Latte × 2 £6.80" in text
    assert "Beans £14.70" in text


def test_a_return_is_explained_by_what_it_took(club, shop, member):
    bought = shop.buys(member, "100.00").purchase
    give_back(shop, bought)

    text = said(club, shop, "activity/")

    assert "Return, One" in text
    assert "−£100.00 −100 points" in text
    assert "the points they had given went back too" in text


def test_expiry_is_explained_by_its_day(shop, member):
    with time_machine.travel("2026-06-06T12:00:00+01:00", tick=False) as clock:
        shop.settle(expiry={"type": "after", "days": 30})
        shop.buys(member, "120.00")
        clock.shift(timedelta(days=31))
        expire_due_points()
        text = said(club_of(member), shop, "activity/")

    assert "These points could be used until Jul 6." in text


def test_a_reward_is_explained_by_its_name_also_when_it_was_canceled(club, shop, member):
    shop.buys(member, "100.00")
    get(club, shop, shop.reward(60, name="Cake"))
    taken = Redemption.objects.get()
    cancel_redemption(redemption_id=taken.pk, reason="", actor=SYSTEM, request_key="cancel")

    text = said(club, shop, "activity/")

    assert "Spent on Cake." in text
    assert "Cake was canceled, so its points are back." in text


def get(club, shop, reward, form=None):
    return club.post(at(shop.organization, f"rewards/{reward.public_id}/get/"), form or keyed())


def test_a_reward_is_taken_once_however_often_the_button_is_pressed(club, shop, member):
    shop.buys(member, "100.00")
    reward, form = shop.reward(40, stock=5), keyed()

    first, second = get(club, shop, reward, form), get(club, shop, reward, form)

    assert first.url == second.url
    assert Redemption.objects.get().actor == f"member:{member.pk}"
    assert shop.balance(member) == 60
    voucher = Voucher.objects.get()
    shown = club.get(first.url)
    assert "Show the voucher at the till" in text_of(shown)
    assert "-".join([voucher.code[0:4], voucher.code[4:8], voucher.code[8:12]]) in text_of(shown)


@pytest.mark.parametrize("why", ["too dear", "sold out", "switched off", "no key"])
def test_a_reward_that_cannot_be_had_is_refused_and_nothing_changes(club, shop, member, why):
    shop.buys(member, "100.00")
    details = {"stock": 0} if why == "sold out" else {}
    details |= {"status": "paused"} if why == "switched off" else {}
    reward = shop.reward(101 if why == "too dear" else 40, **details)

    answer = get(club, shop, reward, {"request_key": ""} if why == "no key" else None)

    assert answer.url == at(shop.organization, "rewards/")
    assert Redemption.objects.count() == 0
    assert shop.balance(member) == 100


def test_what_became_of_a_voucher_is_told(club, shop, member):
    shop.buys(member, "100.00")
    url = get(club, shop, shop.reward(40)).url
    use(Voucher.objects.get(), store=shop.store)

    text = text_of(club.get(url))

    assert "Used" in text
    assert "at One" in text
    assert Voucher.objects.get().code[:4] not in text


def test_a_voucher_past_its_day_is_over_whether_or_not_a_job_has_run(shop, member):
    with time_machine.travel("2026-06-06T12:00:00+01:00", tick=False) as clock:
        shop.buys(member, "100.00")
        club = club_of(member)
        url = get(club, shop, shop.reward(40, valid_days=10)).url
        assert "Valid until Jun 16" in text_of(club.get(url))
        clock.shift(timedelta(days=11))
        text = text_of(club.get(url))

    assert "It could be used until Jun 16." in text


@pytest.mark.proves("X2", "X3")
def test_another_members_voucher_does_not_exist(club, shop, member):
    other = shop.member("+447400654321")
    shop.buys(other, "100.00")
    url = get(club_of(other), shop, shop.reward(40)).url

    assert club.get(url).status_code == 404
    assert "Coffee" not in said(club, shop, "activity/")


@pytest.mark.proves("X2")
def test_another_clubs_reward_does_not_exist(club, shop, member):
    shop.buys(member, "100.00")
    reward = open_shop("low-road").reward(40)

    assert get(club, shop, reward).status_code == 404
    assert Redemption.objects.count() == 0


@pytest.mark.proves("X3")
def test_nobody_sees_what_others_bought(club, shop, member):
    shop.buys(shop.member("+447400654321"), "77.00")

    assert "77" not in said(club, shop, "activity/")


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("", 20), ("activity/", 12), ("rewards/", 7)])
def test_a_page_asks_the_same_number_of_questions(
    club, shop, member, count, name, queries, django_assert_num_queries
):
    for number in range(count):
        shop.buys(member, "400.00", at=days_ago(number))
        get(club, shop, shop.reward(50 + number))

    with django_assert_num_queries(queries):
        page(club, shop, name)


def test_times_are_those_of_the_organization(shop, member):
    with time_machine.travel("2026-06-06T23:30:00Z", tick=False):
        shop.buys(member, "10.00", at=timezone.now())
        assert "12:30" in said(club_of(member), shop)


def test_a_voucher_is_printed_at_home_while_it_can_be_used(shop, member, club):
    shop.buys(member, "100.00")
    reward = shop.reward(40, name="Coffee")
    voucher = redeem(
        reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key="take"
    ).voucher
    address = at(shop.organization, f"vouchers/{voucher.redemption.public_id}/")
    page = club.get(address)

    paper = club.get(f"{address}print/")
    use(voucher)
    later = club.get(f"{address}print/")

    assert f"{address}print/" in page.content.decode()
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
    assert later.status_code == 404
