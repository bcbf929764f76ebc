"""The real files from beginning to end, each imported once for all tests of this module."""

import time
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum

from loyalty.models import AwardReversal, Entry, Purchase, PurchaseLine, Return, ReturnLine
from members.models import Member
from tests.loyalty.importing.files import Ran, everything, import_file, real_file, unpacked
from tests.shops import Shop, assert_audit_is_clean, open_shop

NO_PRODUCTS = {"POST", "DOT", "C2", "M", "m", "S", "D", "BANK CHARGES", "AMAZONFEE", "CRUK"}
BELOW_ZERO = {
    "33655186828",
    "33658448479",
    "33920389045",
    "34073348077",
    "40085216046",
    "40765572193",
}
pytestmark = pytest.mark.django_db


@dataclass
class History:
    """A shop with a real file in it, what the command said, and the file read without our code."""

    shop: Shop
    ran: Ran
    seconds: float
    again: Ran
    seconds_again: float
    unchanged: bool
    rows: list[dict[str, str]]

    @property
    def purchases(self):
        return Purchase.objects.filter(organization=self.shop.organization)

    @property
    def returns(self):
        return Return.objects.filter(organization=self.shop.organization)


def history(name, mapping, **shop):
    path = real_file(name)
    opened = open_shop(mapping, **shop)
    ran, seconds = timed(path, mapping)
    before = everything()
    again, seconds_again = timed(path, mapping)
    unchanged = everything()[:7] == before[:7]
    return History(opened, ran, seconds, again, seconds_again, unchanged, unpacked(path))


def timed(path, mapping):
    started = time.perf_counter()
    ran = import_file(path, slug=mapping, mapping=mapping)
    return ran, time.perf_counter() - started


@pytest.fixture(scope="module")
def committed(django_db_setup, django_db_blocker):
    """Let this module commit, and leave nothing behind."""
    with django_db_blocker.unblock():
        yield
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE core_organization CASCADE")


@pytest.fixture(scope="module")
def online(committed):
    return history("online_retail/online_retail_visible.csv.gz", "online-retail")


@pytest.fixture(scope="module")
def groceries(committed):
    return history(
        "complete_journey/transactions.csv.gz",
        "complete-journey",
        currency="USD",
        country="US",
        time_zone="America/New_York",
    )


@pytest.fixture(scope="module", params=["online", "groceries"])
def either(request):
    return request.getfixturevalue(request.param)


def is_sale(one):
    return not one["InvoiceNo"].startswith(("A", "C")) and int(one["Quantity"]) >= 0


def is_return(one):
    return one["InvoiceNo"].startswith("C")


def amount_of(one):
    return int(one["Quantity"]) * Decimal(one["UnitPrice"])


def paid(one):
    cent = Decimal("0.01")
    return (Decimal(one["sales_value"]) - Decimal(one["coupon_disc"])).quantize(cent)


def test_every_row_counts_once(either):
    assert sum(either.ran.counts) == len(either.rows)
    assert either.ran.code == 0


def test_the_shops_sums_equal_the_file_exactly(online):
    sold = sum(amount_of(one) for one in online.rows if is_sale(one))
    returned = -sum(amount_of(one) for one in online.rows if is_return(one))

    recorded = online.purchases.aggregate(total=Sum("total"))["total"]
    taken_back = online.returns.aggregate(total=Sum("amount"))["total"]
    assert (recorded, taken_back) == (sold, returned)
    assert (sold, returned) == (Decimal("7316187.254"), Decimal("748410.690"))


def test_every_invoice_comes_to_what_the_file_says(online):
    expected = defaultdict(Decimal)
    for one in online.rows:
        if is_sale(one) or is_return(one):
            expected[one["InvoiceNo"]] += abs(amount_of(one))

    recorded = dict(online.purchases.values_list("external_id", "total"))
    recorded |= dict(online.returns.values_list("external_id", "amount"))
    assert recorded == expected


def test_only_corrections_of_stock_and_bad_debts_are_refused(online):
    accepted = sum(is_sale(one) or is_return(one) for one in online.rows)

    assert online.ran.counts == (accepted, 379_921 - accepted, 0)
    assert "refused   1,336 stock_correction" in online.ran.out
    assert "refused   3 bad_debt" in online.ran.out


def test_each_customer_is_one_member_and_guests_are_none(online):
    customers = {one["CustomerID"] for one in online.rows} - {""}

    members = Member.objects.filter(organization=online.shop.organization)
    assert set(members.values_list("external_id", flat=True)) == customers
    guests = {one["InvoiceNo"] for one in online.rows if is_sale(one) and not one["CustomerID"]}
    assert online.purchases.filter(member=None).count() == len(guests)


def test_exact_duplicates_and_free_lines_are_lines(online):
    lines = PurchaseLine.objects.filter(purchase__in=online.purchases)

    assert lines.count() == sum(map(is_sale, online.rows))
    assert lines.filter(amount=0).count() == sum(
        is_sale(one) and not amount_of(one) for one in online.rows
    )


def test_every_pound_a_member_spent_on_products_earned_a_point(online):
    spent = defaultdict(Decimal)
    for one in online.rows:
        if is_sale(one) and one["CustomerID"] and is_product(one):
            spent[one["InvoiceNo"]] += amount_of(one)

    earned = Entry.objects.filter(account__program=online.shop.program, kind="earn")
    assert earned.aggregate(points=Sum("points"))["points"] == sum(map(int, spent.values()))


def test_returns_take_back_what_their_sales_earned(online):
    taken = Entry.objects.filter(account__program=online.shop.program, kind="return")
    reversals = AwardReversal.objects.filter(parent__in=online.returns)

    points = reversals.aggregate(points=Sum("points"))["points"]
    assert taken.aggregate(points=Sum("points"))["points"] == -points
    assert f"{points:,} taken back" in online.ran.out


def test_nothing_is_found_on_a_sale_beyond_what_was_sold(online):
    lines = PurchaseLine.objects.filter(purchase__in=online.purchases)
    back = ReturnLine.objects.filter(parent__in=online.returns)

    returned = -sum(int(one["Quantity"]) for one in online.rows if is_return(one))
    found = lines.aggregate(quantity=Sum("returned_quantity"))["quantity"]
    rest = back.filter(purchase_line=None).aggregate(quantity=Sum("quantity"))["quantity"]
    assert found + rest == returned


def test_the_grocers_sums_equal_the_file_exactly(groceries):
    expected = defaultdict(Decimal)
    for one in groceries.rows:
        expected[one["basket_id"]] += paid(one)

    recorded = dict(groceries.purchases.values_list("external_id", "total"))
    assert {number for number, total in expected.items() if total < 0} == BELOW_ZERO
    assert recorded == {number: total for number, total in expected.items() if total >= 0}
    assert groceries.ran.counts == (247_128, 14, 0)


def test_the_grocers_articles_have_their_names_and_places(groceries):
    lines = PurchaseLine.objects.filter(purchase__in=groceries.purchases)

    assert lines.filter(category__contains=["GROCERY"]).exists()
    assert lines.exclude(brand="").values("brand").distinct().count() == 2
    assert groceries.shop.organization.stores.count() == 1 + 204


def test_the_grocers_clock_is_in_new_york(groceries):
    first = groceries.purchases.order_by("occurred_at", "external_id").first()

    assert first.occurred_at.isoformat() == "2017-01-01T11:53:26+00:00"
    assert str(first.business_date) == "2017-01-01"


@pytest.mark.proves("M2")
def test_a_second_time_changes_nothing(either):
    accepted, refused, skipped = either.ran.counts

    assert either.again.counts == (0, refused, accepted + skipped)
    assert either.unchanged


def test_every_balance_is_explained(either):
    assert_audit_is_clean()


def is_product(one):
    return one["StockCode"] not in NO_PRODUCTS and not one["StockCode"].startswith("gift_")
