"""Turns answers into a program file, which is loaded, tried and explained as any other one is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from loyalty.earning.exact import plain
from loyalty.program_document import FORMAT
from rewards.starting.answers import Answers, Stamps, Step, Tiers

Data = dict[str, Any]

POINTS_RULE, STAMPS_RULE, SCALE = "base", "stamps", "scale"
CARD, REWARD, STAMP_GIFT = "stamp-card", "first-reward", "full-card"


def document_of(answers: Answers, *, slug: str, status: str) -> Data:
    """Return the program that was described, as a file; what was not wanted is not in it."""
    found: Data = {
        "format": FORMAT,
        "program": {
            "slug": slug,
            "name": answers.about.name,
            "status": status,
            "settings": _settings(answers),
        },
        "rules": _rules(answers),
        "rewards": _rewards(answers),
    }
    if answers.stamps.has_stamps:
        found["stamp_cards"] = [_card(answers.stamps)]
    if answers.tiers.has_tiers and answers.tiers.is_scale:
        found["benefits"] = [_scale(answers.tiers)]
    elif answers.tiers.has_tiers:
        found["tiers"] = _ladder(answers.tiers)
    return found


def _settings(answers: Answers) -> Data:
    months, value = answers.earning.lasts_months, answers.earning.point_value
    about = answers.about
    goal = {"kind": about.goal, "target": about.target} if about.goal and about.target else None
    return {
        "expiry": {"type": "after", "months": months, "round_up": "month"}
        if months
        else {"type": "never"},
        "point_value": plain(value) if value else None,
        "goal": goal,
    }


def _rules(answers: Answers) -> list[Data]:
    points = {
        "type": "points_per_amount",
        "points": answers.earning.points,
        "per": plain(answers.earning.per),
    }
    found = [_rule(POINTS_RULE, points, is_on=answers.earning.gives_points)]
    if answers.stamps.has_stamps:
        found.append(_stamps_rule(answers.stamps))
    return found


def _stamps_rule(stamps: Stamps) -> Data:
    effect: Data = {"type": "stamps", "card": CARD, "stamps": 1, "per": stamps.per}
    if stamps.per == "amount":
        effect |= {"amount": plain(stamps.amount or Decimal(1)), "carry": True}
    conditions = (
        [{"type": "category", "categories": [stamps.category]}]
        if stamps.per == "unit" and stamps.category
        else []
    )
    return _rule(STAMPS_RULE, effect, conditions)


def _rule(code: str, effect: Data, conditions: Any = (), *, is_on: bool = True) -> Data:
    spec = {"trigger": {"type": "purchase"}, "effect": effect, "conditions": list(conditions)}
    return {
        "code": code,
        "name": NAMES[code],
        "status": "active" if is_on else "paused",
        "versions": [{"spec": spec}],
    }


NAMES = {POINTS_RULE: "Points", STAMPS_RULE: "Stamps", SCALE: "Discount"}


def _rewards(answers: Answers) -> list[Data]:
    found: list[Data] = []
    if answers.reward.has_reward and answers.earning.gives_points:
        found.append(
            _reward(REWARD, answers.reward.name, answers.reward.points, answers.reward.amount)
        )
    if answers.stamps.has_stamps and answers.stamps.gift:
        gift = _reward(STAMP_GIFT, answers.stamps.gift, 1, None)
        found.append({**gift, "is_for_points": False})
    return found


def _reward(code: str, name: str, points: int, amount: Decimal | None) -> Data:
    told: Data = {"code": code, "name": name, "points": points, "status": "active"}
    if amount is not None:
        told |= {"kind": "amount_off", "amount": plain(amount)}
    return told


def _card(stamps: Stamps) -> Data:
    gifts = [{"type": "voucher", "reward": STAMP_GIFT}]
    return {
        "code": CARD,
        "name": stamps.gift or "",
        "status": "active",
        "versions": [{"spec": {"size": stamps.size, "gifts": gifts}}],
    }


def _ladder(tiers: Tiers) -> Data:
    earned = [_tier(step, place) for place, step in enumerate(tiers.steps, start=1)]
    return {"versions": [{"spec": {"tiers": [*earned, *_paid(tiers)]}}]}


def _tier(step: Step, place: int) -> Data:
    return {
        "code": f"tier-{place}",
        "name": step.name,
        "threshold": plain(step.threshold),
        "benefits": _times(step.times) | _percent(step),
    }


def _percent(step: Step) -> Data:
    return {"percent_off": plain(step.percent)} if step.percent else {}


def _scale(tiers: Tiers) -> Data:
    steps = [
        {"spent": plain(step.threshold), "percent": plain(step.percent)}
        for step in tiers.steps
        if step.percent
    ]
    effect = {"type": "scale", "steps": steps, "window": {"type": "calendar_year"}}
    return {
        "code": SCALE,
        "name": NAMES[SCALE],
        "status": "active",
        "versions": [{"spec": {"effect": effect}}],
    }


def _paid(tiers: Tiers) -> list[Data]:
    if not (tiers.member_name and tiers.fee_sku):
        return []
    membership = {
        "code": "membership",
        "name": tiers.member_name,
        "kind": "paid",
        "sku": tiers.fee_sku,
        "months": tiers.fee_months,
        "benefits": _times(tiers.fee_times),
    }
    return [membership]


def _times(times: Decimal) -> Data:
    return {"multiplier": plain(times)} if times > 1 else {}
