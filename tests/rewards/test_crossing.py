from decimal import Decimal

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.models import Register, Staff
from core.services.audit_ledger import violations
from loyalty.models import Purchase, Return
from rewards.models import Redemption
from rewards.services.redemptions import redeem
from tests.shops import open_shop


@pytest.fixture
def here(db):
    """A shop where somebody bought something, brought something back and took a reward."""
    shop = open_shop("here")
    mina = shop.member()
    bought = shop.buys(mina, "100.00").purchase
    Return.objects.create(
        organization=shop.organization,
        source="till",
        external_id="b1",
        purchase=bought,
        member=mina,
        amount=Decimal(1),
        occurred_at=timezone.now(),
    )
    redeem(
        reward_id=shop.reward(40).pk, member_id=mina.pk, actor=SYSTEM, request_key="take-a-coffee"
    )
    return shop


@pytest.fixture
def there(db):
    """What a row of that shop must never name."""
    shop = open_shop("there")
    return {
        "store": shop.store,
        "member": shop.member(),
        "register": Register.objects.create(
            organization=shop.organization, store=shop.store, code="1"
        ),
        "staff": Staff.objects.create(organization=shop.organization, name="Eve", role="cashier"),
        "reward": shop.reward(40),
        "purchase": shop.buys(None, "5.00").purchase,
    }


@pytest.mark.proves("INV-11", "L9")
@pytest.mark.parametrize(
    ("model", "name"),
    [
        (Purchase, "store"),
        (Purchase, "register"),
        (Purchase, "staff"),
        (Purchase, "member"),
        (Return, "purchase"),
        (Return, "store"),
        (Return, "member"),
        (Redemption, "reward"),
        (Redemption, "store"),
        (Redemption, "member"),
    ],
)
def test_the_audit_names_a_row_that_joins_two_organizations(here, there, model, name):
    def crossing():
        return [row.subject for row in violations() if row.invariant == "INV-11"]

    before = crossing()
    model.objects.filter(organization=here.organization).update(**{name: there[name]})

    assert (before, crossing()) == ([], [model._meta.label_lower])
