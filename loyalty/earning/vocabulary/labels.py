"""What forms call the parts of a rule and of a program's terms; one line for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from loyalty.earning.wording import WEEKDAY_NAMES

if TYPE_CHECKING:
    from django.utils.functional import Promise

Words = dict[str, "str | Promise"]

# Effects, conditions, expiry and waiting, by their type.
TYPES: Words = {
    "points_per_amount": _("Points per amount"),
    "points_per_unit": _("Points per unit"),
    "fixed_points": _("Points once per purchase"),
    "multiplier": _("Times the points"),
    "store": _("In certain stores"),
    "channel": _("Through certain channels"),
    "category": _("Only certain categories"),
    "brand": _("Only certain brands"),
    "sku": _("Only certain articles"),
    "minimum_amount": _("From an amount on"),
    "dates": _("Between two days"),
    "weekdays_and_hours": _("On weekdays and hours"),
    "never": _("They stay until they are spent"),
    "after": _("So long after they can be spent"),
    "inactive": _("So long after the last purchase or reward"),
    "on": _("Until a certain day"),
    "date": _("From a certain day on"),
    "event": _("Once the purchase is settled"),
}

FIELDS: Words = {
    "points_per_amount.points": _("Points"),
    "points_per_amount.per": _("For every"),
    "points_per_unit.points": _("Points"),
    "fixed_points.points": _("Points"),
    "multiplier.times": _("Times"),
    "store.stores": _("Stores"),
    "channel.channels": _("Channels"),
    "category.match": _("Which lines count"),
    "category.categories": _("Categories"),
    "brand.match": _("Which lines count"),
    "brand.brands": _("Brands"),
    "sku.match": _("Which lines count"),
    "sku.skus": _("Article numbers"),
    "minimum_amount.amount": _("At least"),
    "minimum_amount.over": _("Counted over"),
    "dates.from": _("First day"),
    "dates.until": _("Last day"),
    "weekdays_and_hours.weekdays": _("Weekdays"),
    "weekdays_and_hours.from": _("From"),
    "weekdays_and_hours.to": _("To just before"),
    "after.months": _("Months"),
    "after.days": _("Or days"),
    "after.round_up": _("Rounded up to the end of"),
    "inactive.months": _("Months"),
    "inactive.days": _("Or days"),
    "inactive.round_up": _("Rounded up to the end of"),
    "on.date": _("Last day"),
    "date.date": _("First day"),
    "event.deadline_days": _("Days after which they are canceled without it"),
    "rule.rounding": _("Fractions of a point"),
    "rule.pending_days": _("Days before these points can be spent"),
    "rule.label": _("Name for members, when it is not the rule's own"),
    "limits.per_purchase": _("For one purchase"),
    "limits.per_member.day": _("For one member in a day"),
    "limits.per_member.week": _("For one member in a week"),
    "limits.per_member.month": _("For one member in a month"),
    "limits.per_member.year": _("For one member in a year"),
    "limits.per_member.ever": _("For one member ever"),
    "limits.budget": _("For all members together"),
    "stacking.stage": _("When it counts"),
    "stacking.exclusive_group": _("Group of rules of which one counts"),
    "stacking.priority": _("Priority when two give the same"),
    "settings.pending_days": _("Days before points can be spent"),
    "settings.earns_on_products_only": _("Shipping, tips, fees and memberships earn nothing"),
    "settings.earns_net_of_tax": _("Count points without the tax"),
    "settings.earns_on_part_paid_with_points": _(
        "What is paid with points or a gift card earns too"
    ),
    "settings.point_value": _("What one point is worth in money"),
    "settings.pay_with_points": _("Points can pay for purchases"),
    "pay_with_points.minimum": _("Fewest points for one purchase"),
    "pay_with_points.step": _("In steps of so many points"),
    "pay_with_points.share_max": _("Most of a purchase they can pay, in percent"),
    "pay_with_points.points_max": _("Most points for one purchase"),
    "settings.points_paid_back": _("When goods come back that points had paid for"),
    "settings.debt": _("When the points of a return are spent already"),
    "settings.goodwill_days": _("Days more for points of a canceled reward that have ended"),
    "settings.return_without_sale": _("A return whose sale is not known"),
    "settings.hold_seconds": _("Seconds for which points are set aside for a reward"),
    "settings.receipt_age_days_max": _("Oldest receipt that is taken, in days"),
    "settings.adjustment_points_max": _("Most points one person may give or take by hand"),
    "settings.adjustment_points_per_day_max": _("The same for a whole day of theirs"),
    "settings.claim_days": _("Days in which a receipt without a member can be claimed"),
}

# Values to choose from, by their field where one word would not do for all.
VALUES: Words = {
    "rounding.down": _("are dropped"),
    "rounding.up": _("make a whole point"),
    "rounding.half_up": _("are rounded to the nearest point"),
    "rounding.half_even": _("are rounded to the nearest point, halves to even"),
    "match.any": _("Lines of any of these"),
    "match.all": _("Only when all of these are bought"),
    "match.none": _("Everything but these"),
    "over.receipt": _("the whole receipt"),
    "over.matching_lines": _("the lines this rule is about"),
    "stage.base": _("First, as points of the purchase"),
    "stage.multiplier": _("Then, as a multiple of those"),
    "stage.bonus": _("Last, on top"),
    "round_up.month": _("the month"),
    "round_up.quarter": _("the quarter"),
    "round_up.year": _("the year"),
    "debt.negative": _("The member owes them"),
    "debt.floor": _("They are let go"),
    "debt.deduct": _("Their worth is kept back from the refund"),
    "points_paid_back.pro_rata": _("Points and money go back by their shares"),
    "points_paid_back.cash_first": _("Money goes back first, then points"),
    "points_paid_back.kept": _("The points stay spent"),
    "return_without_sale.refuse": _("is refused"),
    "return_without_sale.match_sku": _("takes what the member earned on the article"),
    **{f"weekdays.{day}": name for day, name in WEEKDAY_NAMES.items()},
}


def value_label(field: str, value: str) -> str | Promise:
    """Return what a form calls one of the values of a field."""
    return VALUES[f"{field}.{value}"]
