"""Reasons for what is no points, as they are said."""

from decimal import Decimal

ONE_STAMP = {"unit": "stamps", "count": 1, "target": "coffee"}
SAID = [
    ("stamps", {**ONE_STAMP, "units": Decimal(3)}, "1 stamp on card coffee per unit, for 3"),
    (
        "tier_credits",
        {"unit": "credits", "count": 5, "target": "", "activity": "review", "name": ""},
        "5 tier credits for a review",
    ),
    (
        "challenge_steps",
        {
            "unit": "steps",
            "count": 1,
            "target": "summer",
            "per": Decimal(10),
            "amount": Decimal("25.50"),
        },
        "1 step of the challenge summer per £10 on £25.50",
    ),
    (
        "voucher",
        {"unit": "vouchers", "count": 1, "target": "latte"},
        "1 voucher for latte for this purchase",
    ),
    (
        "draw_tickets",
        {"unit": "tickets", "count": 2, "target": "spring"},
        "2 tickets for the draw spring for this purchase",
    ),
    ("preferred_rule", {"rule": "Stamp"}, "Stamp counts instead"),
    ("not_open", {"unit": "steps", "code": "summer"}, "summer does not run now"),
    ("only_for", {"activity": "review", "name": ""}, "only for a review"),
    ("carried_before", {"amount": Decimal(30)}, "with £30 carried over from before"),
    (
        "carried_over",
        {"unit": "stamps", "amount": Decimal(20), "missing": Decimal(30)},
        "£20 carried over, £30 to the next stamp",
    ),
    ("whole_down", {}, "rounded down to a whole one"),
    ("whole_up", {}, "rounded up to a whole one"),
    ("whole_half_up", {}, "rounded to the nearest whole one"),
    ("whole_half_even", {}, "rounded to the nearest whole one, halves to even"),
]
