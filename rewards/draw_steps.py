"""What may be done with a draw in its state, and what that will do, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.templatetags.formats import number
from loyalty.states import Step
from rewards.models import Draw
from rewards.services.draw_reading import Standing

DONE: Mapping[str, str | Promise] = {
    "open": gettext_lazy("The draw is open. Members see it and get tickets."),
    "close": gettext_lazy("The draw is closed, and its list of tickets is published."),
    "draw": gettext_lazy("The winners are drawn and have their vouchers."),
    "cancel": gettext_lazy("The draw is canceled. Points that bought tickets go back."),
}


def steps_of_draw(draw: Draw, slug: str, standing: Standing) -> list[Step]:
    """Return what may be done with a draw now, and what that will do."""
    steps = _STEPS[draw.status](standing) if draw.status in _STEPS else []
    return [
        step.at(reverse("office:draw_step", args=[slug, draw.public_id, step.to])) for step in steps
    ]


def _of_draft(_standing: Standing) -> list[Step]:
    text = _(
        "Its seed is drawn and sealed: members see the seal, and nobody can change name, prizes or"
        " dates any more. From then on members get tickets."
    )
    return [
        Step(to="open", trigger=_("Open"), title=_("Open this draw?"), text=text, asks_moment=True),
        _cancel(_("It was never opened, and cannot be opened any more.")),
    ]


def _of_open(standing: Standing) -> list[Step]:
    counted = ngettext(
        "%(n)s ticket is in it. Nobody gets one any more, also for receipts that come in late, and"
        " the list of tickets is published.",
        "%(n)s tickets are in it. Nobody gets one any more, also for receipts that come in late,"
        " and the list of tickets is published.",
        standing.tickets,
    )
    text = counted % {"n": number(standing.tickets)}
    return [
        Step(to="close", trigger=_("Close now"), title=_("Close this draw now?"), text=text),
        _cancel(_worthless()),
    ]


def _of_closed(_standing: Standing) -> list[Step]:
    text = _(
        "The winners are drawn from the published list and get their vouchers at once. The seed is"
        " published, so that everybody can check the result. This can be done once, and not undone."
    )
    return [
        Step(
            to="draw",
            trigger=_("Draw the winners"),
            title=_("Draw the winners?"),
            text=text,
            asks_moment=True,
        ),
        _cancel(_worthless()),
    ]


def _cancel(text: str) -> Step:
    return Step(
        to="cancel",
        trigger=_("Cancel"),
        title=_("Cancel this draw?"),
        text=text,
        is_grave=True,
        asks_end=True,
    )


def _worthless() -> str:
    return _(
        "All tickets are worth nothing, and points that bought some go back to their members. It"
        " cannot be opened again."
    )


_STEPS = {
    Draw.Status.DRAFT.value: _of_draft,
    Draw.Status.OPEN.value: _of_open,
    Draw.Status.CLOSED.value: _of_closed,
}
