"""What the office shows of challenges: the list, one with its figures, and what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.models import Organization
from core.templatetags.formats import number
from loyalty.challenges.spec import ChallengeSpec
from loyalty.challenges.words import challenge_terms, describe_challenge
from loyalty.earning.wording import Wording
from loyalty.models import Challenge, ChallengeVersion
from loyalty.rule_history import UNDATED, counting
from loyalty.services.challenge_reading import (
    ChallengeFigures,
    challenge_figures,
    challenge_versions,
)
from loyalty.services.challenge_runs import compiled
from loyalty.states import Step
from rewards.queries import gift_names
from rewards.stamp_strips import wording_among

NOTHING = ChallengeFigures()


@dataclass(frozen=True, slots=True)
class ChallengeRow:
    """A challenge in the list of them."""

    public_id: UUID
    name: str
    words: str
    state: str
    label: str
    figures: ChallengeFigures


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What a challenge says or said, and from when on."""

    number: int
    words: str
    terms: Sequence[str]
    since: datetime | None
    state: str
    label: str


def challenge_rows(
    organization: Organization, challenges: Sequence[Challenge], now: datetime
) -> list[ChallengeRow]:
    """Return challenges as a list of them shows them."""
    versions = challenge_versions(challenges)
    figures = challenge_figures(challenges)
    names = gift_names(organization) if challenges else {}
    return [
        ChallengeRow(
            public_id=one.public_id,
            name=one.name,
            words=describe_challenge(
                said_now(versions[one.pk], now), wording_among(organization, names, one.program_id)
            ),
            state=one.status,
            label=one.get_status_display(),
            figures=figures.get(one.pk, NOTHING),
        )
        for one in challenges
    ]


def said_now(versions: Sequence[ChallengeVersion], now: datetime) -> ChallengeSpec:
    """Return what a challenge says now, or what it will say first."""
    every = counting(versions)
    begun = [version for version in every if version.effective_from <= now]
    return compiled((begun[-1] if begun else every[0]).pk).spec


def version_rows(
    versions: Sequence[ChallengeVersion], say: Wording, now: datetime
) -> list[VersionRow]:
    """Return everything a challenge ever said, newest first."""
    every = counting(versions)
    begun = [version.pk for version in every if version.effective_from <= now]
    waiting = {version.pk for version in every if version.effective_from > now}
    return [
        _version(version, say, _state_of(version, begun, waiting)) for version in versions[::-1]
    ]


def _version(version: ChallengeVersion, say: Wording, state: tuple[str, str]) -> VersionRow:
    spec = compiled(version.pk).spec
    return VersionRow(
        version.number,
        describe_challenge(spec, say),
        challenge_terms(spec),
        None if version.effective_from == UNDATED else version.effective_from,
        *state,
    )


def _state_of(
    version: ChallengeVersion, begun: Sequence[int], waiting: set[int]
) -> tuple[str, str]:
    if version.pk in begun[-1:]:
        return "active", _("Counts now")
    if version.pk in waiting:
        if version.effective_from == UNDATED:
            return "draft", _("Draft")
        return "scheduled", _("To come")
    return "over", _("Over")


def steps_of_challenge(challenge: Challenge, slug: str, figures: ChallengeFigures) -> list[Step]:
    """Return what may be done with a challenge now, and what that will do."""
    return [
        step.at(reverse("office:set_challenge_state", args=[slug, challenge.public_id, step.to]))
        for step in _STEPS.get(Challenge.Status(challenge.status), lambda _f: ())(figures)
    ]


def _of_draft(figures: ChallengeFigures) -> Sequence[Step]:
    on = Step(
        to="active",
        trigger=_("Start"),
        title=_("Start this challenge?"),
        text=_(
            "Members see it, and what they do from that moment on counts. Receipts of before do"
            " not, also when they come in late."
        ),
        asks_moment=True,
    )
    return (on, _end(figures))


def _of_active(figures: ChallengeFigures) -> Sequence[Step]:
    text = _("Nothing counts until you let it go on, also no receipts that come in late.")
    text = f"{text} {_('Periods run out all the same. What was given stays.')}"
    pause = Step(to="paused", trigger=_("Pause"), title=_("Pause this challenge?"), text=text)
    return (pause, _end(figures))


def _of_paused(figures: ChallengeFigures) -> Sequence[Step]:
    on = Step(
        to="active",
        trigger=_("Go on"),
        title=_("Let this challenge go on?"),
        text=_("What members do counts again from now on, on top of what they have reached."),
    )
    return (on, _end(figures))


def _end(figures: ChallengeFigures) -> Step:
    text = _("Nothing counts any more, and it cannot be started again.")
    running = figures.joined - figures.completed
    if running:
        lost = ngettext(
            "One try that is not complete stays as it is and gives nothing.",
            "%(n)s tries that are not complete stay as they are and give nothing.",
            running,
        )
        text = f"{text} {lost % {'n': number(running)}}"
    text = f"{text} {_('What was given stays with its members.')}"
    return Step(
        to="ended", trigger=_("End"), title=_("End this challenge?"), text=text, is_grave=True
    )


_STEPS = {
    Challenge.Status.DRAFT: _of_draft,
    Challenge.Status.ACTIVE: _of_active,
    Challenge.Status.PAUSED: _of_paused,
}
DONE: Mapping[str, object] = {
    Challenge.Status.ACTIVE: gettext_lazy("The challenge runs."),
    Challenge.Status.PAUSED: gettext_lazy("The challenge is paused."),
    Challenge.Status.ENDED: gettext_lazy("The challenge has ended."),
}
