"""What the office shows of benefits: the list, one benefit in words, and what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Organization
from loyalty.earning.wording import Wording
from loyalty.rule_history import UNDATED, counting
from loyalty.states import Step
from rewards.discount_rows import DiscountRow, told
from rewards.discounts.describe import describe
from rewards.discounts.reckoning import Discounted
from rewards.discounts.spec import parse_benefit
from rewards.models import Benefit, BenefitVersion
from rewards.services.benefit_reading import (
    NOTHING,
    Taken,
    benefit_versions,
    benefits_now,
    said_now,
    taken_off_by,
)

LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class BenefitRow:
    """A benefit in the list of them."""

    public_id: UUID
    name: str
    words: str
    state: str
    label: str
    taken: Taken


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What a benefit says or said, and from when on."""

    number: int
    words: str
    since: datetime | None
    state: str
    label: str


def benefit_rows(
    organization: Organization, benefits: Sequence[Benefit], now: datetime
) -> list[BenefitRow]:
    """Return benefits as a list of them shows them."""
    versions = benefit_versions(benefits)
    taken = taken_off_by(benefits, since=now - LATELY)
    return [
        BenefitRow(
            public_id=one.public_id,
            name=one.name,
            words=describe(said_now(versions[one.pk], now), organization.currency),
            state=one.status,
            label=one.get_status_display(),
            taken=taken.get(one.pk, NOTHING),
        )
        for one in benefits
    ]


def benefit_sentences(organization: Organization, now: datetime) -> list[tuple[str, str]]:
    """Return by name, in plain words, what is taken off by itself now."""
    return [
        (name, describe(spec, organization.currency))
        for name, spec in benefits_now(organization, now)
    ]


def version_rows(
    versions: Sequence[BenefitVersion], currency: str, now: datetime
) -> list[VersionRow]:
    """Return everything a benefit ever said, newest first."""
    every = counting(versions)
    begun = [version.pk for version in every if version.effective_from <= now][-1:]
    waiting = {version.pk for version in every if version.effective_from > now}
    rows = []
    for version in reversed(versions):
        state, label = _state_of(version, begun, waiting)
        since = None if version.effective_from == UNDATED else version.effective_from
        words = describe(parse_benefit(version.spec), currency)
        rows.append(VersionRow(version.number, words, since, state, label))
    return rows


def _state_of(version: BenefitVersion, now: Sequence[int], waiting: set[int]) -> tuple[str, str]:
    if version.pk in now:
        return "active", _("Counts now")
    if version.pk in waiting:
        if version.effective_from == UNDATED:
            return "draft", _("Draft")
        return "scheduled", _("To come")
    return "over", _("Over")


def tried_rows(done: Discounted, currency: str) -> list[DiscountRow]:
    """Return what a trial took off, and where it took nothing why not."""
    say = Wording.for_reader(currency)
    taken = [
        DiscountRow(one.source.name, told(one.why, currency), given=say.money(-one.amount))
        for one in done.discounts
    ]
    return [*taken, *(DiscountRow(one.source.name, told(one.why, currency)) for one in done.unused)]


def steps_of_benefit(benefit: Benefit, slug: str) -> list[Step]:
    """Return what may be done with a benefit now, and what that will do."""
    return [
        step.at(reverse("office:set_benefit_state", args=[slug, benefit.public_id, step.to]))
        for step in _STEPS.get(Benefit.Status(benefit.status), ())
    ]


_ON = Step(
    to="active",
    trigger=gettext_lazy("Switch on"),
    title=gettext_lazy("Switch this benefit on?"),
    text=gettext_lazy("From now on it is taken off every purchase it is about, by itself."),
    asks_moment=True,
)
_PAUSE = Step(
    to="paused",
    trigger=gettext_lazy("Pause"),
    title=gettext_lazy("Pause this benefit?"),
    text=gettext_lazy("It takes nothing off until you let it go on. What it took off stays."),
)
_GO_ON = Step(
    to="active",
    trigger=gettext_lazy("Go on"),
    title=gettext_lazy("Let this benefit go on?"),
    text=gettext_lazy("It is taken off purchases again from now on."),
)
_END = Step(
    to="ended",
    trigger=gettext_lazy("End"),
    title=gettext_lazy("End this benefit?"),
    text=gettext_lazy("It takes nothing off any more, and cannot be switched on again."),
    is_grave=True,
)
_STEPS = {
    Benefit.Status.DRAFT: (_ON, _END),
    Benefit.Status.ACTIVE: (_PAUSE, _END),
    Benefit.Status.PAUSED: (_GO_ON, _END),
}
DONE: Mapping[str, object] = {
    Benefit.Status.ACTIVE: gettext_lazy("The benefit is switched on."),
    Benefit.Status.PAUSED: gettext_lazy("The benefit is paused."),
    Benefit.Status.ENDED: gettext_lazy("The benefit has ended."),
}
