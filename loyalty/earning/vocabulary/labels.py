"""What forms call the parts of a rule and of a program's terms; one line for each of them.

A condition brings its own words along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from loyalty.earning.vocabulary.rule import CONDITIONS

if TYPE_CHECKING:
    from django.utils.functional import Promise

Words = dict[str, "str | Promise"]

# Conditions, effects, expiry and waiting, by their type.
TYPES: Words = {
    **{name: kind.label for name, kind in CONDITIONS.items()},
    "points_per_amount": _("Points per amount"),
    "points_per_unit": _("Points per unit"),
    "fixed_points": _("Points once per purchase"),
    "multiplier": _("Times the points"),
    "stamps": _("Stamps on a card"),
    "tier_credits": _("Credits toward a tier"),
    "challenge_steps": _("Steps of a challenge"),
    "voucher": _("A voucher for a reward"),
    "draw_tickets": _("Tickets for a prize draw"),
    "purchase": _("At a purchase"),
    "activity": _("At something else that members do"),
    "never": _("They stay until they are spent"),
    "after": _("So long after they can be spent"),
    "inactive": _("So long after the last purchase or reward"),
    "on": _("Until a certain day"),
    "date": _("From a certain day on"),
    "event": _("Once the purchase is settled"),
}

FIELDS: Words = {
    **{
        f"{name}.{field}": words
        for name, kind in CONDITIONS.items()
        for field, words in kind.labels.items()
        if "." not in field
    },
    "points_per_amount.points": _("Points"),
    "points_per_amount.per": _("For every"),
    "points_per_unit.points": _("Points"),
    "fixed_points.points": _("Points"),
    "multiplier.times": _("Times"),
    "stamps.card": _("Card"),
    "stamps.stamps": _("Stamps"),
    "stamps.per": _("Counted by"),
    "stamps.amount": _("For every"),
    "tier_credits.credits": _("Credits"),
    "tier_credits.per": _("Counted by"),
    "tier_credits.amount": _("For every"),
    "challenge_steps.challenge": _("Challenge"),
    "challenge_steps.steps": _("Steps"),
    "challenge_steps.per": _("Counted by"),
    "challenge_steps.amount": _("For every"),
    "voucher.reward": _("Reward"),
    "voucher.count": _("How many"),
    "draw_tickets.draw": _("Draw"),
    "draw_tickets.tickets": _("Tickets"),
    "draw_tickets.per": _("Counted by"),
    "draw_tickets.amount": _("For every"),
    "activity.kind": _("What they do"),
    "activity.name": _("Name, when it is one of your own"),
    "rule.carry": _("What is left over of an amount counts at the next purchase"),
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
    "rule.ends_at": _("Counts until"),
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
    "settings.vouchers_on_return": _("When everything comes back that a voucher was used on"),
    "settings.debt": _("When the points of a return are spent already"),
    "settings.goodwill_days": _("Days more for points of a canceled reward that have ended"),
    "settings.return_without_sale": _("A return whose sale is not known"),
    "settings.hold_seconds": _("Seconds for which points are set aside for a reward"),
    "settings.proof_points_from": _("Points from which on a member proves to be at the till"),
    "settings.receipt_age_days_max": _("Oldest receipt that is taken, in days"),
    "settings.adjustment_points_max": _("Most points one person may give or take by hand"),
    "settings.adjustment_points_per_day_max": _("The same for a whole day of theirs"),
    "settings.levels": _("Levels"),
    "target_visits.number": _("Visits"),
    "target_visits.once_a_day": _("Only one a day counts"),
    "target_amount.amount": _("Amount"),
    "target_items.number": _("Articles"),
    "target_distinct_categories.number": _("Categories"),
    "target_distinct_categories.depth": _("Told apart by"),
    "target_week_streak.weeks": _("Weeks in a row"),
    "target_activities.kind": _("What they do"),
    "target_activities.name": _("Name, when it is one of your own"),
    "target_activities.number": _("How often"),
    "target_steps.number": _("Steps"),
    "period_fixed.from": _("First day"),
    "period_fixed.until": _("Last day"),
    "period_each.unit": _("Anew in each"),
    "period_after_joining.days": _("Days"),
    "settings.goal": _("The program has a goal"),
    "goal.kind": _("What it should bring"),
    "goal.target": _("How much of it"),
    "settings.margin_share_max": _("Most of the margin a rule should give away, in percent"),
    "settings.claim_days": _("Days in which a receipt without a member can be claimed"),
}

# Values to choose from, by their field where one word would not do for all.
VALUES: Words = {
    **{
        value: words
        for kind in CONDITIONS.values()
        for value, words in kind.labels.items()
        if "." in value
    },
    "rounding.down": _("are dropped"),
    "rounding.up": _("make a whole point"),
    "rounding.half_up": _("are rounded to the nearest point"),
    "rounding.half_even": _("are rounded to the nearest point, halves to even"),
    "per.purchase": _("purchase"),
    "per.unit": _("unit sold"),
    "per.amount": _("amount spent"),
    "depth.first": _("what they are called at the top, such as Drinks"),
    "depth.last": _("what they are called at the end, such as Coffee"),
    "unit.week": _("week"),
    "unit.month": _("month"),
    "unit.quarter": _("quarter"),
    "kind.joined": _("Join"),
    "kind.birthday": _("Have their birthday"),
    "kind.join_anniversary": _("Have been members for another year"),
    "kind.review": _("Write a review"),
    "kind.check_in": _("Come by without buying"),
    "kind.survey": _("Answer a survey"),
    "kind.referral": _("Bring a friend"),
    "kind.social_share": _("Share in public"),
    "kind.app_install": _("Install the app"),
    "kind.custom": _("Something of your own"),
    "stage.base": _("First, as points of the purchase"),
    "stage.multiplier": _("Then, as a multiple of those"),
    "stage.bonus": _("Last, on top"),
    "round_up.month": _("the month"),
    "round_up.quarter": _("the quarter"),
    "round_up.year": _("the year"),
    "kind.member_sales": _("percent of sales with a member"),
    "kind.active_members": _("members who buy in a month"),
    "kind.new_members": _("new members in a month"),
    "vouchers_on_return.released": _("The voucher can be used again"),
    "vouchers_on_return.kept": _("The voucher stays used"),
    "debt.negative": _("The member owes them"),
    "debt.floor": _("They are let go"),
    "debt.deduct": _("Their worth is kept back from the refund"),
    "points_paid_back.pro_rata": _("Points and money go back by their shares"),
    "points_paid_back.cash_first": _("Money goes back first, then points"),
    "points_paid_back.kept": _("The points stay spent"),
    "return_without_sale.refuse": _("is refused"),
    "return_without_sale.match_sku": _("takes what the member earned on the article"),
}


def value_label(field: str, value: str) -> str | Promise:
    """Return what a form calls one of the values of a field."""
    return VALUES[f"{field}.{value}"]
