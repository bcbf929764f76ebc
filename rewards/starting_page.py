"""What the set-up assistant shows: its steps, and the program so far in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.models import Organization
from core.templatetags.formats import money, number
from loyalty.chapters import Sentence
from loyalty.earning.units import Unit
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.terms import public_rule
from rewards.guide_page import guide_to
from rewards.services.starting import tried
from rewards.starting.answers import STEPS, Answers, Step, Tiers
from rewards.starting.document import CARD, document_of

LOOK = "look"
TITLES: dict[str, str | Promise] = {
    "about": gettext_lazy("The program"),
    "earning": gettext_lazy("Points"),
    "tiers": gettext_lazy("Tiers"),
    "stamps": gettext_lazy("Stamps"),
    "reward": gettext_lazy("First reward"),
    LOOK: gettext_lazy("Look and begin"),
}


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step on the way."""

    title: str | Promise
    url: str
    is_current: bool
    is_done: bool


def steps_shown(organization: Organization, current: str) -> list[StepShown]:
    """Return the way, with where somebody is on it."""
    names = [*STEPS, LOOK]
    here = names.index(current)
    return [
        StepShown(TITLES[name], address(organization, name), place == here, place < here)
        for place, name in enumerate(names)
    ]


def address(organization: Organization, step: str) -> str:
    """Return the address of a step."""
    return reverse("office:start_step", args=[organization.slug, step])


def step_after(step: str) -> str:
    """Return the name of the step that follows."""
    names = [*STEPS, LOOK]
    return names[names.index(step) + 1]


def answers_of(kept: Mapping[str, Any]) -> Answers:
    """Return what was answered so far."""
    return Answers.model_validate(kept)


def in_words(answers: Answers, organization: Organization) -> list[Sentence]:
    """Say what was answered so far as members will read it."""
    currency = organization.currency
    document = document_of(answers, slug="main", status="live")
    names = {(Unit.STAMPS.value, CARD): _("the card")}
    told = [
        Sentence(str(public_rule(parse_rule(version["spec"]), currency, names)["text"]))
        for rule in document["rules"]
        if rule["status"] == "active"
        for version in rule["versions"]
    ]
    return [*told, *_worth(answers, currency), *_tiers(answers, currency), *_gifts(answers)]


def _worth(answers: Answers, currency: str) -> list[Sentence]:
    earning = answers.earning
    if not (earning.gives_points and earning.point_value):
        return []
    back = earning.points * earning.point_value / earning.per * 100
    text = _("Members get back %(share)s%% of what they spend; a point is worth %(value)s")
    told = {
        "share": number(round(back, 2).normalize()),
        "value": money(earning.point_value, currency),
    }
    return [Sentence(text % told)]


def _step(step: Step, tiers: Tiers, currency: str) -> str:
    """Say what members have from so much spent on."""
    values = {"amount": money(step.threshold, currency), "tier": step.name}
    if tiers.is_scale:
        start = _("From %(amount)s spent in a year on") % values
    else:
        start = _("From %(amount)s in a year on, members are %(tier)s") % values
    gives = []
    if step.times > 1 and not tiers.is_scale:
        gives.append(_("%(times)s times the points") % {"times": number(step.times)})
    if step.percent:
        gives.append(_("%(percent)s%% off") % {"percent": number(step.percent)})
    return ": ".join([start, ", ".join(gives)] if gives else [start])


def _tiers(answers: Answers, currency: str) -> list[Sentence]:
    if not answers.tiers.has_tiers:
        return []
    told = [Sentence(_step(step, answers.tiers, currency)) for step in answers.tiers.steps]
    if answers.tiers.is_scale:
        return told
    if answers.tiers.member_name and answers.tiers.fee_sku:
        paid = ngettext(
            "Who buys %(sku)s is %(tier)s for %(n)s month",
            "Who buys %(sku)s is %(tier)s for %(n)s months",
            answers.tiers.fee_months,
        )
        told.append(
            Sentence(
                paid
                % {
                    "sku": answers.tiers.fee_sku,
                    "tier": answers.tiers.member_name,
                    "n": number(answers.tiers.fee_months),
                }
            )
        )
    return told


def _gifts(answers: Answers) -> list[Sentence]:
    told = []
    if answers.stamps.has_stamps and answers.stamps.gift:
        text = ngettext(
            "%(n)s stamp gives: %(gift)s", "%(n)s stamps give: %(gift)s", answers.stamps.size
        )
        told.append(
            Sentence(text % {"n": number(answers.stamps.size), "gift": answers.stamps.gift})
        )
    if answers.reward.has_reward and answers.earning.gives_points:
        text = ngettext(
            "%(n)s point buys: %(reward)s", "%(n)s points buy: %(reward)s", answers.reward.points
        )
        told.append(
            Sentence(text % {"n": number(answers.reward.points), "reward": answers.reward.name})
        )
    return told


def looked_at(organization: Organization, answers: Answers) -> dict[str, Any]:
    """Return what the last step shows: what changes, and how members would read it.

    Raises ``ProgramInvalid`` when it could not be set up.
    """
    with tried(organization=organization, answers=answers) as loaded:
        guide = guide_to(loaded.program)
    return {"guide": guide, "name": answers.about.name, "is_new": bool(loaded.changes)}
