from django.test import Client

from core.models.people import Role
from loyalty.models import Program
from rewards.models import Reward
from tests.clubs import at
from tests.offices import office_of
from tests.shops import ONE_PER_POUND
from tests.tills import text_of


def how(shop, **headers):
    answer = Client().get(at(shop.organization, "how/"), headers=headers)
    assert answer.status_code == 200
    return text_of(answer)


def handbook(shop, role=Role.MANAGER):
    return office_of(shop.organization, role).get(
        f"/office/{shop.organization.slug}/program/handbook/"
    )


def test_everybody_may_read_how_the_club_works(shop):
    shop.reward(200)

    text = how(shop)

    assert "Say your phone number at the till" in text
    assert "1 point per £1" in text.replace("£1.00", "£1")
    assert "Coffee" in text
    assert "200 points" in text


def test_it_says_what_is_switched_on_and_nothing_else(shop):
    shop.reward(200, status=Reward.Status.PAUSED)

    text = how(shop)

    assert "Coffee" not in text
    assert "What you can have" not in text


def test_the_budget_of_a_rule_is_nobodys_business(shop):
    shop.add_rule({**ONE_PER_POUND, "limits": {"budget": 777_000}})

    assert "777" not in how(shop)


def test_a_club_without_an_open_program_says_so(shop):
    Program.objects.update(status=Program.Status.DRAFT)

    assert "No program is open yet" in how(shop)


def test_it_is_told_in_the_readers_language(shop):
    text = how(shop, accept_language="fi")

    assert "pist" in text
    assert "1 point per" not in text


def test_there_is_no_guide_to_a_club_that_does_not_exist(shop):
    assert Client().get("/club/nowhere/how/").status_code == 404


def test_the_handbook_tells_the_staff_what_to_do_at_the_counter(shop):
    shop.settle(claim_days=9)

    text = text_of(handbook(shop))

    assert "At the counter" in text
    assert "within 9 days" in text
    assert "1 point per £1" in text.replace("£1.00", "£1")


def test_a_cashier_has_no_way_into_the_office_for_it(shop):
    assert handbook(shop, Role.CASHIER).status_code in {302, 403, 404}


def test_the_guide_asks_the_same_number_of_questions_for_one_reward_and_three(
    shop, django_assert_num_queries
):
    shop.reward(200)
    with django_assert_num_queries(11):
        how(shop)

    shop.reward(300, name="Tea")
    shop.reward(400, name="Cake")

    with django_assert_num_queries(11):
        how(shop)
