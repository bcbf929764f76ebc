from decimal import Decimal

import pytest

from loyalty.earning.receipt import Fact, LineKind
from loyalty.tiers.spec import parse_ladder
from rewards.discounts.sources import Shopper, of_tier
from rewards.discounts.spans import CalendarYear
from tests.loyalty.earning.making import cake, coffee, line, receipt
from tests.rewards.discounts.making import (
    CAKE,
    COFFEE,
    GUEST,
    amount_off,
    benefit,
    by_source,
    free,
    left,
    member,
    money,
    off,
    prices,
    voucher,
    why,
)

YEAR = CalendarYear(type="calendar_year")
SCALE = {
    "type": "scale",
    "steps": [{"spent": "100", "percent": "5"}, {"spent": "500", "percent": "10"}],
}


def test_a_percentage_comes_off_the_lines_it_is_about():
    done = off(receipt(coffee("4.00"), cake("6.00", number=2)), benefit(10, COFFEE))
    assert left(done) == money("3.60", "6.00")
    assert by_source(done) == {"benefit": Decimal("0.40")}
    assert done.total == Decimal("9.60")


def test_a_percentage_is_rounded_once_over_all_lines():
    sold = receipt(*(line("0.33", number=number) for number in (1, 2, 3)))
    done = off(sold, benefit(50))
    assert done.taken_off == Decimal("0.50")  # half of 0.99, and not three times 0.17
    assert sorted(left(done)) == money("0.16", "0.16", "0.17")


@pytest.mark.proves("case 31")
def test_everything_off_leaves_no_residual_cent_and_no_tax():
    sold = receipt(line("33.33", tax=Decimal("4.35")), line("0.01", number=2, tax=Decimal("0.00")))
    done = off(sold, benefit(100))
    assert done.total == 0
    assert [one.tax for one in done.lines] == [0, 0]


def test_the_tax_in_a_line_shrinks_with_it():
    [one] = off(receipt(line("115.00", tax=Decimal("15.00"))), benefit(10)).lines
    assert (one.amount, one.tax) == (Decimal("103.50"), Decimal("13.50"))


def test_of_two_percentages_the_better_one_counts_line_by_line():
    sold = receipt(coffee("10.00"), cake("10.00", number=2))
    done = off(sold, benefit(10, key="all"), benefit(30, COFFEE, key="coffee"))
    assert by_source(done) == {"all": Decimal("1.00"), "coffee": Decimal("3.00")}


def test_a_percentage_that_is_beaten_everywhere_says_by_whom():
    done = off(receipt(coffee("10.00")), benefit(10, key="small"), benefit(20, key="big"))
    [unused] = done.unused
    assert (unused.source.id.key, why(done)["small"]) == ("small", ["better_discount"])
    assert unused.why[0].params == {"instead": ["big"]}


def test_what_may_be_combined_takes_its_part_of_what_is_left():
    sold = receipt(line("100.00"))
    done = off(sold, benefit(10, key="one"), benefit(20, key="more", is_combinable=True))
    assert done.total == Decimal("72.00")


def test_a_member_price_is_for_each_unit_and_raises_none():
    sold = receipt(line("9.00", sku="A", quantity="3"), line("1.00", sku="B", number=2))
    done = off(sold, benefit(prices(A="2.50", B="2.00")))
    assert left(done) == money("7.50", "1.00")


def test_a_percentage_competes_with_a_member_price():
    sold = receipt(line("10.00", sku="A"))
    dear = off(sold, benefit(prices(A="9.50"), key="price"), benefit(10, key="ten"))
    cheap = off(sold, benefit(prices(A="8.50"), key="price"), benefit(10, key="ten"))
    assert (set(by_source(dear)), set(by_source(cheap))) == ({"ten"}, {"price"})


@pytest.mark.parametrize(
    ("spent", "total"),
    [("0", "10.00"), ("99.99", "10.00"), ("100", "9.50"), ("499", "9.50"), ("500", "9.00")],
)
def test_a_scale_grows_with_what_was_spent_before(spent, total):
    shopper = Shopper(is_member=True, spent={YEAR: Decimal(spent)})
    done = off(receipt(line("10.00")), benefit(SCALE), shopper=shopper)
    assert done.total == Decimal(total)


def test_a_scale_says_how_much_is_missing():
    shopper = Shopper(is_member=True, spent={YEAR: Decimal(60)})
    [unused] = off(receipt(line("10.00")), benefit(SCALE), shopper=shopper).unused
    assert unused.why[0].code == "scale_not_reached"
    assert unused.why[0].params["missing"] == 40


def test_free_shipping_takes_the_shipping_when_the_conditions_hold():
    minimum = {"type": "minimum_amount", "amount": "20"}
    ship = line("4.90", number=2, kind=LineKind.SHIPPING)
    rule = benefit({"type": "free_shipping"}, minimum)
    assert left(off(receipt(line("25.00"), ship), rule)) == money("25.00", "0.00")
    assert left(off(receipt(line("15.00"), ship), rule)) == money("15.00", "4.90")


def test_the_cheapest_units_are_free():
    sold = receipt(coffee("3.00"), coffee("8.00", number=2, quantity="4"), cake("1", number=3))
    done = off(sold, benefit(free(quantity=2), COFFEE))
    assert left(done) == money("3.00", "4.00", "1.00")


def test_an_article_is_free_with_others():
    rule = benefit(free("CUP"), {"type": "minimum_amount", "amount": "20"}, COFFEE)
    cup = line("5.00", number=2, sku="CUP")
    assert left(off(receipt(coffee("20.00"), cup), rule)) == money("20.00", "0.00")
    assert left(off(receipt(cake("20.00"), cup), rule)) == money("20.00", "5.00")


def test_a_weight_below_one_unit_is_free_as_a_whole():
    sold = receipt(line("2.40", quantity="0.350"))
    assert off(sold, benefit(free())).total == 0


def test_amounts_come_after_percentages():
    done = off(receipt(line("100.00")), benefit(10), voucher(amount_off(5)))
    assert done.total == Decimal("85.00")


def test_an_amount_is_spread_by_what_is_left_to_pay():
    sold = receipt(line("10.00"), line("20.00", number=2))
    assert left(off(sold, voucher(amount_off(10)))) == money("6.67", "13.33")


def test_nothing_falls_below_zero_and_the_voucher_says_so():
    done = off(receipt(line("4.00")), voucher(amount_off(10)))
    assert done.total == 0
    assert done.discounts[0].why[0].code == "part_of_amount_off"


def test_amounts_make_room_for_one_another():
    sold = receipt(coffee("10.00"), cake("10.00", number=2))
    wide, narrow = voucher(amount_off(10), key="wide"), voucher(amount_off(10), COFFEE, key="n")
    assert off(sold, wide, narrow).total == 0


def test_amounts_are_moved_where_spreading_left_no_room():
    sold = receipt(coffee("10.00"), cake("10.00", number=2), line("10.00", number=3, sku="TEA"))
    first = voucher(amount_off(10), {"type": "sku", "skus": ["TEA"], "match": "none"}, key="a")
    second = voucher(
        amount_off(20), {"type": "category", "categories": ["Coffee"], "match": "none"}, key="b"
    )
    assert off(sold, first, second).total == 0


@pytest.mark.proves("case 32")
@pytest.mark.parametrize(
    ("sources", "kept"),
    [
        ((benefit(100), voucher(amount_off(5))), "voucher"),
        ((benefit(20), voucher(10)), "voucher"),
        ((benefit(10), voucher(10)), "voucher"),
        ((voucher(amount_off(5), key="small"), voucher(amount_off(50), key="large")), "large"),
        ((benefit(amount_off(10)), voucher(20)), "voucher"),
    ],
    ids=["nothing left", "beaten", "as good", "one is enough", "covered by an amount"],
)
def test_a_voucher_that_changes_nothing_is_not_used(sources, kept):
    done = off(receipt(line("5.00")), *sources)
    assert kept not in by_source(done)
    assert why(done)[kept] == ["no_effect"]


@pytest.mark.proves("case 30")
def test_two_vouchers_are_used_where_both_take_something():
    sold = receipt(coffee("10.00"), cake("10.00", number=2))
    done = off(sold, voucher(20, COFFEE, key="a"), voucher(50, CAKE, key="b"))
    assert by_source(done) == {"a": Decimal(2), "b": Decimal(5)}


@pytest.mark.parametrize("kind", ["tip", "fee", "gift_card", "membership", "shipping"])
def test_what_is_no_product_is_discounted_only_where_it_is_named(kind):
    sold = receipt(line("10.00", kind=LineKind(kind)), line("10.00", number=2))
    assert left(off(sold, benefit(10))) == money("10.00", "9.00")
    assert left(off(sold, benefit(10, kinds=["product", kind]))) == money("9.00", "9.00")


def test_what_is_for_members_is_not_for_guests():
    sold = receipt(line("10.00"))
    assert why(off(sold, benefit(10), shopper=GUEST)) == {"benefit": ["members_only"]}
    assert off(sold, benefit(10, audience="everyone"), shopper=GUEST).total == 9


def test_what_is_for_bearer_cards_asks_for_one():
    sold, rule = receipt(line("10.00")), benefit(10, audience="bearer_card")
    assert why(off(sold, rule)) == {"benefit": ["bearer_card_needed"]}
    assert off(sold, rule, shopper=Shopper(shows_bearer_card=True)).total == 9


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"type": "store", "stores": ["harbor"]}, "other_store"),
        ({"type": "channel", "channels": ["online"]}, "other_channel"),
        ({"type": "weekdays_and_hours", "weekdays": ["tuesday"]}, "outside_hours"),
        ({"type": "dates", "until": "2026-07-05"}, "outside_dates"),
        ({"type": "minimum_amount", "amount": "11"}, "below_minimum"),
        ({"type": "minimum_quantity", "quantity": "2"}, "too_few_units"),
        ({"type": "tier", "tiers": ["gold"]}, "other_tier"),
        ({"type": "group", "groups": ["staff"]}, "other_group"),
        ({"type": "nth_purchase", "number": 1}, "other_purchase"),
        ({"type": "visits", "at_least": 2, "days": 7}, "too_few_visits"),
        ({"type": "birthday"}, "not_the_birthday"),
        ({"type": "attribute", "name": "size", "values": ["L"]}, "attribute_differs"),
        ({"type": "payment_method", "methods": ["card"]}, "other_payment"),
        (COFFEE, "no_line_in_category"),
        ({"type": "brand", "brands": ["Acme"]}, "no_line_of_brand"),
        ({"type": "sku", "skus": ["A"]}, "no_line_with_sku"),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_every_condition_of_rules_is_one_of_benefits_too(condition, code):
    done = off(receipt(line("10.00")), benefit(10, condition), shopper=member(tier="silver"))
    assert why(done) == {"benefit": [code]}


def test_a_benefit_asks_for_the_facts_its_conditions_need():
    made = benefit(10, {"type": "tier", "tiers": ["gold"]}, {"type": "birthday"})
    assert made.conditions.asks == {Fact.TIER, Fact.PERSON}


def test_a_tier_takes_off_what_it_promises_by_itself():
    ladder = parse_ladder(
        {
            "tiers": [
                {
                    "code": "gold",
                    "name": "Gold",
                    "threshold": "100",
                    "benefits": {"percent_off": "5", "free_shipping": True},
                }
            ]
        }
    )
    ship = line("4.00", number=2, kind=LineKind.SHIPPING)
    done = off(receipt(line("10.00"), ship), *of_tier(ladder.tiers[0]))
    assert left(done) == money("9.50", "0.00")


def test_a_currency_without_decimals_is_counted_in_whole_units():
    sold = receipt(line("999"), line("1001", number=2))
    assert off(sold, benefit("3.5"), decimals=0).taken_off == 70
