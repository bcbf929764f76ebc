"""What points paid is explained by their entries: break it by hand, and race for it."""

from dataclasses import replace
from decimal import Decimal
from functools import partial
from types import SimpleNamespace

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.services.audit_ledger import accounts_named, violations
from loyalty.errors import AlreadyReturned, InsufficientPoints
from loyalty.models import Entry, Payment
from loyalty.receipts import Paid, PointsWish
from loyalty.services.returns import ReturnWish, record_return
from loyalty.services.sold import Returned
from tests.loyalty.test_audit import tamper
from tests.racing import forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop

PAYS = {"point_value": "1", "pay_with_points": {}}
TABS = 3


def open_paying_shop():
    shop = open_shop()
    shop.settle(**PAYS)
    return shop


def with_points(shop, draft, points):
    paid = Paid(method="points", amount=Decimal(points), points=points)
    wish = PointsWish(program_id=shop.program.pk, points=points)
    return replace(draft, payments=(paid,), points_wish=wish)


def brings_back(shop, *, number, amount, sale="A"):
    wish = ReturnWish(
        source="till",
        external_id=number,
        sale_source="till",
        sale_external_id=sale,
        occurred_at=timezone.now(),
        request_key=f"return-{number}",
        amount=Decimal(amount),
    )
    return record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


@pytest.fixture
def lively(db):
    """A member who paid with thirty points for goods of which a half came back."""
    shop = open_paying_shop()
    mina, nora = shop.member(), shop.member("+447400123457")
    shop.buys(mina, "50.00")
    shop.buys(nora, "50.00")
    shop.records(with_points(shop, shop.draft(mina, "60.00", number="A"), 30))
    brings_back(shop, number="R", amount="30.00")
    assert_audit_is_clean()
    return SimpleNamespace(shop=shop, mina=shop.account(mina).pk, nora=shop.account(nora).pk)


@pytest.mark.proves("INV-17", "INV-17b")
@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (["UPDATE loyalty_payment SET points = 29 WHERE points > 0"], "INV-17"),
        (["UPDATE loyalty_payment SET points = 0, method = 'cash'"], "INV-17"),
        (["UPDATE loyalty_pointsputback SET points = 31"], "INV-17"),
        (["UPDATE loyalty_pointsputback SET amount = 30.01"], "INV-17"),
        (["UPDATE loyalty_pointsputback SET points = 14"], "INV-17b"),
        (["UPDATE loyalty_return SET points_put_back = 14"], "INV-17b"),
        (["UPDATE loyalty_entry SET cause = 'other' WHERE kind = 'release'"], "INV-17b"),
        (["UPDATE loyalty_return SET purchase_id = {first}"], "INV-17b"),
    ],
)
def test_whoever_changes_by_hand_what_points_paid_is_found_out(lively, statements, broken):
    first = Payment.objects.get().purchase_id - 1

    tamper(*(statement.format(first=first) for statement in statements))

    found = [row for row in violations() if row.invariant == broken]
    assert found != []
    assert accounts_named(found) == {lively.mina}


@pytest.mark.proves("INV-17")
def test_a_payment_whose_points_nobody_spent_is_found_out(lively):
    tamper("UPDATE loyalty_entry SET cause_id = 0 WHERE kind = 'redeem' AND cause = 'purchase'")

    found = [row for row in violations() if row.invariant == "INV-17"]

    assert sorted(row.subject for row in found) == ["loyalty.entry", "loyalty.purchase"]


@pytest.mark.proves("case 33")
def test_a_receipt_whose_points_are_missing_is_not_recorded(lively):
    shop = lively.shop
    mina = shop.member()
    before = Entry.objects.count()

    with pytest.raises(InsufficientPoints):
        shop.records(with_points(shop, shop.draft(mina, "500.00"), 400))

    assert (Entry.objects.count(), Payment.objects.count()) == (before, 1)


@pytest.fixture
def racing(transactional_db):
    shop = open_paying_shop()
    member = shop.member()
    shop.buys(member, "50.00")
    return SimpleNamespace(shop=shop, member=member)


def void_at_once(racing, serial=0):
    """Pay with two points, and let the payment fail in several tabs; return who was answered."""
    shop, sale = racing.shop, f"A{serial}"
    shop.records(with_points(shop, shop.draft(racing.member, "2.00", number=sale), 2))
    back = partial(brings_back, shop, sale=sale, amount="2.00")
    answers = race(*(partial(back, number=f"void-{serial}-{tab}") for tab in range(TABS)))
    done = [one for one in answers if isinstance(one, Returned)]
    return done, [one for one in answers if isinstance(one, AlreadyReturned)]


@pytest.mark.race
@pytest.mark.proves("case 34")
def test_a_purchase_that_is_voided_in_many_tabs_gives_its_points_back_once(racing):
    done, refused = void_at_once(racing)

    assert (len(done), len(refused)) == (1, TABS - 1)
    assert racing.shop.entries(racing.member) == [
        ("earn", 50, 50),
        ("redeem", -2, 48),
        ("release", 2, 50),
    ]
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.proves("case 34")
def test_without_locks_the_same_goods_come_back_in_several_tabs(racing, monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    forget_locks(monkeypatch)

    def comes_back_twice(serial):
        done, _refused = void_at_once(racing, serial)
        return len(done) > 1

    assert seen(comes_back_twice)


@pytest.mark.race
@pytest.mark.proves("case 25")
def test_the_same_points_pay_for_one_of_two_purchases(racing):
    shop, member = racing.shop, racing.member

    answers = race(
        *(
            partial(shop.records, with_points(shop, shop.draft(member, "40.00"), 40))
            for _till in range(2)
        )
    )

    refused = [one for one in answers if isinstance(one, InsufficientPoints)]
    assert (len(refused), refused[0].data["balance"]) == (1, 10)
    assert shop.balance(member) == 10
    assert_audit_is_clean()
