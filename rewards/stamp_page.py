"""What the office shows of stamp cards: the list, one card with its figures, what may be done."""

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
from loyalty.earning.wording import Wording
from loyalty.models import StampCard, StampCardVersion
from loyalty.rule_history import UNDATED, counting
from loyalty.services.stamp_reading import CardFigures, card_figures, card_versions
from loyalty.services.stamp_strips import spec_of
from loyalty.stamps.spec import StampCardSpec
from loyalty.stamps.words import card_terms, describe_card
from loyalty.states import Step
from rewards.queries import gift_names
from rewards.stamp_strips import StripView, strip_of, wording_among

NOTHING = CardFigures()


@dataclass(frozen=True, slots=True)
class CardRow:
    """A stamp card in the list of them."""

    public_id: UUID
    name: str
    words: str
    state: str
    label: str
    figures: CardFigures


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What a card says or said, and from when on."""

    number: int
    words: str
    terms: Sequence[str]
    since: datetime | None
    written_at: datetime
    state: str
    label: str


def card_rows(
    organization: Organization, cards: Sequence[StampCard], now: datetime
) -> list[CardRow]:
    """Return cards as a list of them shows them."""
    versions = card_versions(cards)
    figures = card_figures(cards, now)
    names = gift_names(organization) if cards else {}
    return [
        CardRow(
            public_id=card.public_id,
            name=card.name,
            words=describe_card(
                said_now(versions[card.pk], now),
                wording_among(organization, names, card.program_id),
            ),
            state=card.status,
            label=card.get_status_display(),
            figures=figures.get(card.pk, NOTHING),
        )
        for card in cards
    ]


def said_now(versions: Sequence[StampCardVersion], now: datetime) -> StampCardSpec:
    """Return what a card says now, or what it will say first."""
    every = counting(versions)
    begun = [version for version in every if version.effective_from <= now]
    return spec_of((begun[-1] if begun else every[0]).pk)


def version_rows(
    versions: Sequence[StampCardVersion], say: Wording, now: datetime
) -> list[VersionRow]:
    """Return everything a card ever said, newest first."""
    every = counting(versions)
    begun = [version.pk for version in every if version.effective_from <= now]
    waiting = {version.pk for version in every if version.effective_from > now}
    rows = []
    for version in reversed(versions):
        spec = spec_of(version.pk)
        state, label = _state_of(version, begun[-1:], waiting)
        rows.append(
            VersionRow(
                number=version.number,
                words=describe_card(spec, say),
                terms=card_terms(spec, say),
                since=None if version.effective_from == UNDATED else version.effective_from,
                written_at=version.created_at,
                state=state,
                label=label,
            )
        )
    return rows


def _state_of(version: StampCardVersion, now: Sequence[int], waiting: set[int]) -> tuple[str, str]:
    if version.pk in now:
        return "active", _("Counts now")
    if version.pk in waiting:
        if version.effective_from == UNDATED:
            return "draft", _("Draft")
        return "scheduled", _("To come")
    return "over", _("Over")


def example_strip(name: str, spec: StampCardSpec, say: Wording) -> StripView:
    """Return the card as a member sees it who has filled a good half of it."""
    return strip_of(name, spec, (spec.size + 1) // 2, say)


def steps_of_card(card: StampCard, slug: str, figures: CardFigures, waiting: int) -> list[Step]:
    """Return what may be done with a card now, and what that will do; rules may wait for it."""
    return [
        step.at(reverse("office:set_stamp_card_state", args=[slug, card.public_id, step.to]))
        for step in _STEPS.get(StampCard.Status(card.status), lambda _f, _w: ())(figures, waiting)
    ]


def _of_draft(figures: CardFigures, waiting: int) -> Sequence[Step]:
    text = _("Purchases made from that moment on can bring stamps.")
    if waiting:
        rules = ngettext(
            "The rule that was written for it is switched on with it.",
            "The %(n)s rules that were written for it are switched on with it.",
            waiting,
        )
        text = f"{text} {rules % {'n': number(waiting)}}"
    on = Step(
        to="active",
        trigger=_("Switch on"),
        title=_("Switch this card on?"),
        text=text,
        asks_moment=True,
    )
    return (on, _end(figures))


def _of_active(figures: CardFigures, _waiting: int) -> Sequence[Step]:
    text = "{} {}".format(
        _("It takes no stamps until you let it go on, also for receipts that come in late."),
        _kept(figures),
    )
    pause = Step(to="paused", trigger=_("Pause"), title=_("Pause this card?"), text=text)
    return (pause, _end(figures))


def _of_paused(figures: CardFigures, _waiting: int) -> Sequence[Step]:
    on = Step(
        to="active",
        trigger=_("Go on"),
        title=_("Let this card go on?"),
        text=_("It takes stamps again from now on, onto the cards that members have."),
    )
    return (on, _end(figures))


def _kept(figures: CardFigures) -> str:
    sentence = ngettext(
        "The card that one member is filling stays as it is, and so does the day on which its"
        " stamps lapse.",
        "The cards that %(n)s members are filling stay as they are, and so do the days on which"
        " their stamps lapse.",
        figures.filling,
    )
    return sentence % {"n": number(figures.filling)} if figures.filling else ""


def _end(figures: CardFigures) -> Step:
    text = _("It takes no more stamps, and cannot be switched on again.")
    if figures.filling:
        lost = ngettext(
            "The stamps of one member whose card is not full are worth nothing then.",
            "The stamps of %(n)s members whose cards are not full are worth nothing then.",
            figures.filling,
        )
        text = f"{text} {lost % {'n': number(figures.filling)}}"
    text = f"{text} {_('What full cards gave stays with their members.')}"
    return Step(to="ended", trigger=_("End"), title=_("End this card?"), text=text, is_grave=True)


_STEPS = {
    StampCard.Status.DRAFT: _of_draft,
    StampCard.Status.ACTIVE: _of_active,
    StampCard.Status.PAUSED: _of_paused,
}
DONE: Mapping[str, object] = {
    StampCard.Status.ACTIVE: gettext_lazy("The stamp card is switched on."),
    StampCard.Status.PAUSED: gettext_lazy("The stamp card is paused."),
    StampCard.Status.ENDED: gettext_lazy("The stamp card has ended."),
}
