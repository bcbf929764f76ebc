from decimal import Decimal

import pytest

from loyalty.earning.receipt import LineKind
from loyalty.earning.vocabulary.limits import LimitKind, Room
from tests.loyalty.earning.making import (
    DOUBLE,
    ONE_PER_POUND,
    bonus,
    cake,
    coffee,
    earn,
    fixed,
    line,
    receipt,
    rule,
    why,
)

COFFEE_ONLY = {"type": "category", "categories": ["Coffee"]}
PER_UNIT = {"type": "points_per_unit", "points": 5}


@pytest.mark.proves("case 7")
@pytest.mark.parametrize(
    ("reason", "amount", "points", "per", "mode", "expected"),
    [
        ("fractions are dropped", "9.99", 1, "1", "down", 9),
        ("a tenth of a point is no point yet", "0.99", 1, "10", "down", 0),
        ("ten pence make the point exactly", "30.00", 1, "0.1", "down", 300),
        ("0.29 × 100 is 29 and not 28.999", "0.29", 100, "1", "down", 29),
        ("thirds that make a whole are whole", "9.00", 1, "3", "down", 3),
        ("any fraction is rounded up", "9.01", 1, "1", "up", 10),
        ("no fraction is nothing to round up", "9.00", 1, "1", "up", 9),
        ("half goes up", "9.50", 1, "1", "half_up", 10),
        ("less than half goes down", "9.49", 1, "1", "half_up", 9),
        ("half goes to the even neighbor below", "8.50", 1, "1", "half_even", 8),
        ("half goes to the even neighbor above", "9.50", 1, "1", "half_even", 10),
        ("more than half goes up", "8.51", 1, "1", "half_even", 9),
    ],
)
def test_a_rule_rounds_once_by_its_named_mode(reason, amount, points, per, mode, expected):
    effect = {"type": "points_per_amount", "points": points, "per": per}

    outcome = earn(receipt(line(amount)), rule(effect, rounding=mode))

    assert outcome.points == expected


@pytest.mark.proves("case 7")
def test_lines_are_added_before_anything_is_rounded():
    sold = receipt(line("0.50", number=1), line("0.50", number=2))

    assert earn(sold, rule()).points == 1


@pytest.mark.proves("case 1")
@pytest.mark.parametrize(
    ("reason", "policy", "points"),
    [
        ("the part paid with points earns nothing", {}, 80),
        ("unless the program says so", {"earn_on_part_paid_with_points": True}, 100),
    ],
)
def test_the_part_paid_with_points_follows_the_program(reason, policy, points):
    sold = receipt(line("100.00"), paid_without_earning="20.00")

    assert earn(sold, rule(), **policy).points == points


@pytest.mark.proves("case 1")
def test_the_part_paid_with_points_is_spread_over_all_lines_that_earn():
    sold = receipt(
        coffee("25.00", number=1),
        cake("75.00", number=2),
        line("50.00", number=3, kind=LineKind.SHIPPING),
        paid_without_earning="20.00",
    )

    award = earn(sold, rule(ONE_PER_POUND, COFFEE_ONLY)).awards[0]

    assert award.awarded == 20
    assert award.why[1] == ("part_paid", {"paid": Decimal("20.00"), "of": Decimal("100.00")})


@pytest.mark.parametrize(
    ("reason", "effect", "points"),
    [
        ("units shrink with the money", PER_UNIT, 8),
        ("a fixed sum does not", {"type": "fixed_points", "points": 50}, 50),
    ],
)
def test_other_effects_know_what_was_paid_with_points(reason, effect, points):
    sold = receipt(line("100.00", quantity="2"), paid_without_earning="20.00")

    assert earn(sold, rule(effect)).points == points


def test_a_purchase_paid_with_points_alone_earns_nothing_at_all():
    sold = receipt(line("10.00"), paid_without_earning="10.00")

    outcome = earn(sold, rule(), fixed(50), rule(DOUBLE))

    assert outcome.points == 0
    assert [why(rule) for rule in outcome.not_applied] == [["all_part_paid"]] * 3


@pytest.mark.proves("case 2", "L8")
@pytest.mark.parametrize(
    ("reason", "extra"),
    [
        ("a discount is no unit", line("-2.00", number=2)),
        ("a free line is no unit", line("0.00", number=2, quantity="4")),
        ("nothing of something is no unit", line("5.00", number=2, quantity="0")),
        ("a line ruled out by the shop is no unit", line("5.00", number=2, eligible=False)),
    ],
)
def test_only_what_was_sold_is_a_unit(reason, extra):
    sold = receipt(line("9.00", quantity="3"), extra)

    outcome = earn(sold, rule(PER_UNIT))

    assert outcome.points == 15
    assert outcome.awards[0].lines == ((1, 15),)


def test_a_discount_line_lowers_what_points_are_counted_on():
    sold = receipt(line("10.00", number=1), line("-2.50", number=2))

    award = earn(sold, rule()).awards[0]

    assert (award.awarded, award.lines) == (7, ((1, 7),))


def test_a_discount_as_large_as_the_purchase_leaves_nothing_to_earn_on():
    sold = receipt(line("10.00", number=1), line("-10.00", number=2))

    outcome = earn(sold, rule(PER_UNIT))

    assert why(outcome.not_applied[0]) == ["nothing_earns"]


@pytest.mark.proves("case 3")
def test_a_line_in_two_chosen_categories_counts_once():
    chosen = {"type": "category", "categories": ["Drinks", "Coffee", ["Drinks", "Coffee"]]}

    outcome = earn(receipt(coffee("10.00")), rule(ONE_PER_POUND, chosen))

    assert outcome.points == 10


@pytest.mark.proves("case 4", "L8")
@pytest.mark.parametrize("product_kinds_only", [True, False])
def test_selling_a_gift_card_never_earns(product_kinds_only):
    sold = receipt(line("50.00", kind=LineKind.GIFT_CARD))

    outcome = earn(sold, rule(), fixed(10), product_kinds_only=product_kinds_only)

    assert outcome.awards == ()
    assert [why(rule) for rule in outcome.not_applied] == [["nothing_earns"]] * 2


@pytest.mark.proves("L8")
@pytest.mark.parametrize("kind", ["shipping", "tip", "fee", "membership"])
@pytest.mark.parametrize(("product_kinds_only", "points"), [(True, 10), (False, 15)])
def test_other_kinds_of_line_earn_only_if_the_program_says_so(kind, product_kinds_only, points):
    sold = receipt(line("10.00", number=1), line("5.00", number=2, kind=LineKind(kind)))

    outcome = earn(sold, rule(), product_kinds_only=product_kinds_only)

    assert outcome.points == points


@pytest.mark.proves("L8")
@pytest.mark.parametrize(
    ("reason", "tax", "points"),
    [
        ("tax is left out when the program earns net", "2.00", 10),
        ("an unknown tax cannot be left out", None, 12),
    ],
)
def test_a_net_program_earns_on_the_price_before_tax(reason, tax, points):
    sold = receipt(line("12.00", tax=tax and Decimal(tax)))

    assert earn(sold, rule(), net_of_tax=True).points == points


def test_a_net_program_still_compares_a_minimum_with_what_the_member_pays():
    sold = receipt(line("12.00", tax=Decimal("2.00")))
    from_twelve = {"type": "minimum_amount", "amount": "12", "over": "matching_lines"}

    outcome = earn(sold, rule(ONE_PER_POUND, from_twelve), net_of_tax=True)

    assert outcome.points == 10


@pytest.mark.proves("case 5")
@pytest.mark.parametrize(
    ("reason", "limits", "room", "awarded", "because"),
    [
        ("no limit", {}, None, 50, None),
        ("as much as is left", {}, Room(50, LimitKind.DAY), 50, None),
        ("less is left", {}, Room(30, LimitKind.DAY), 30, "day"),
        ("nothing is left", {}, Room(0, LimitKind.BUDGET), 0, "budget"),
        ("overdrawn is nothing left", {}, Room(-5, LimitKind.BUDGET), 0, "budget"),
        ("a cap per purchase", {"per_purchase": 40}, None, 40, "purchase"),
        ("the tighter: room", {"per_purchase": 40}, Room(30, LimitKind.WEEK), 30, "week"),
        ("the tighter: cap", {"per_purchase": 20}, Room(30, LimitKind.WEEK), 20, "purchase"),
    ],
)
def test_a_limit_caps_the_award_and_keeps_what_was_due(reason, limits, room, awarded, because):
    limited = rule(limits=limits)

    award = earn(receipt(line("50.00")), limited, room={"rule": room}).awards[0]

    assert (award.desired, award.awarded) == (50, awarded)
    assert [said.params["limit"] for said in award.why if said.code == "capped"] == (
        [because] if because else []
    )


@pytest.mark.proves("case 10")
def test_a_multiplier_without_base_points_gives_nothing_and_says_so():
    outcome = earn(receipt(cake("10.00")), rule(ONE_PER_POUND, COFFEE_ONLY), rule(DOUBLE))

    assert outcome.points == 0
    assert [why(rule) for rule in outcome.not_applied] == [
        ["no_line_in_category"],
        ["no_base_points"],
    ]


@pytest.mark.proves("case 10")
def test_a_bonus_needs_no_base_points():
    assert earn(receipt(line("10.00")), bonus(50)).points == 50


@pytest.mark.parametrize(
    ("reason", "times", "conditions", "points"),
    [
        ("twice adds the base once more", "2", [], 14 + 14),
        ("on some lines it works on their part", "3", [COFFEE_ONLY], 14 + 2 * 4),
        ("a fraction is rounded once", "1.5", [COFFEE_ONLY], 14 + 2),
    ],
)
def test_a_multiplier_works_on_the_base_of_its_lines(reason, times, conditions, points):
    sold = receipt(coffee("4.00", number=1), cake("10.00", number=2))
    multiplier = rule({"type": "multiplier", "times": times}, *conditions, key="more")

    assert earn(sold, rule(), multiplier).points == points


def test_multipliers_add_up_and_leave_a_bonus_alone():
    sold = receipt(line("10.00"))

    outcome = earn(sold, bonus(5), rule(DOUBLE, key="a"), rule(DOUBLE, key="b"), rule())

    assert outcome.points == 10 + 10 + 10 + 5
    assert [award.rule for award in outcome.awards] == ["rule", "bonus", "a", "b"]


def test_a_multiplier_works_on_what_the_base_was_given_and_not_on_what_was_due():
    capped = rule(limits={"per_purchase": 30})

    assert earn(receipt(line("50.00")), capped, rule(DOUBLE, key="double")).points == 60


def test_a_multiplier_adds_up_thirds_of_several_base_rules_exactly():
    sold = receipt(*[coffee("1.00", number=1), cake("1.00", number=2), line("1.00", number=3)])
    base = [fixed(1, key=name) for name in "abc"]

    outcome = earn(sold, *base, rule(DOUBLE, COFFEE_ONLY, key="double"))

    assert outcome.awards[-1].awarded == 1


def test_points_lie_on_the_lines_they_were_earned_on():
    sold = receipt(
        coffee("3.33", number=4), cake("3.33", number=7), line("3.34", number=9, brand="Acme")
    )

    award = earn(sold, rule()).awards[0]

    assert award.lines == ((4, 3), (7, 3), (9, 4))


def test_an_award_carries_its_version_and_how_long_its_points_wait_and_last():
    held = rule(pending_days=14, expires={"type": "after", "months": 12})

    award = earn(receipt(line("10.00")), held).awards[0]

    assert (award.rule, award.version_key, award.version, award.name) == (
        "rule",
        "rule/1",
        1,
        "rule",
    )
    assert (award.pending_days, award.expires.months) == (14, 12)


def test_a_receipt_without_lines_earns_nothing():
    assert why(earn(receipt(), fixed(5)).not_applied[0]) == ["nothing_earns"]
