"""Challenges cost nothing where there are none, and a fixed number of questions where there are."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.services.purchases import record_many
from loyalty.services.returns import ReturnWish, record_return
from tests.challenges import HUNDRED, challenge


def asked(act):
    """Return the statements of something that was done before, so that all is prepared."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return [one["sql"] for one in captured.captured_queries]


def of_challenges(statements):
    """Leave out the one question in which a program tells of all its parts."""
    return [one for one in statements if "loyalty_challenge" in one and "json_build" not in one]


def bring_back(shop, sold):
    wish = ReturnWish(
        source="till",
        external_id=f"back-{sold.purchase.external_id}",
        sale_source="till",
        sale_external_id=sold.purchase.external_id,
        occurred_at=timezone.now(),
        request_key=f"back-{sold.purchase.external_id}",
        quantities={1: Decimal(1)},
    )
    record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


def test_without_challenges_nothing_is_asked_of_them(shop, member):
    sold = shop.buys(member, "5.00")

    bought = asked(lambda: shop.buys(member, "5.00"))
    returned = asked(lambda: bring_back(shop, sold))

    assert of_challenges(bought) == []
    assert of_challenges(returned) == []


@pytest.mark.parametrize(("visits", "more"), [(9, 3), (2, 7)])
def test_a_purchase_asks_a_fixed_number_of_questions(shop, member, visits, more):
    shop.buys(member, "5.00")
    before = len(asked(lambda: shop.buys(member, "5.00")))
    challenge(shop, target={"type": "visits", "number": visits}, gifts=[HUNDRED])
    shop.buys(member, "5.00")

    after = len(asked(lambda: shop.buys(member, "5.00")))

    assert after - before == more


@pytest.mark.parametrize("challenges", [1, 3])
def test_many_purchases_and_challenges_ask_no_more_than_few(shop, challenges):
    members = [shop.member(f"+4474001234{n:02}") for n in range(4)]
    for number in range(challenges):
        challenge(shop, code=f"c{number}", target={"type": "visits", "number": 90})
    for member in members:
        shop.buys(member, "5.00")

    def sell(count):
        drafts = [shop.draft(member, "5.00") for member in members[:count]]
        record_many(organization_id=shop.organization.pk, drafts=drafts, actor=SYSTEM)

    sell(2)
    few, many = (of_challenges(asked(lambda n=n: sell(n))) for n in (2, 4))

    assert (len(few), len(many)) == (3, 3)
