"""Every way prize draws say no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput, Refusal


class DrawFrozen(Refusal):
    """What was promised when the draw opened stays; only a draft can be changed."""

    code = "draw_frozen"
    field = "status"
    sentence = _("This draw was opened. What it promises cannot be changed any more.")


class DrawNotOpen(Refusal):
    """The draw takes no tickets now, or takes none any more."""

    code = "draw_not_open"
    field = "draw"
    sentence = _("This draw takes no tickets now.")


class DrawNotClosed(Refusal):
    """A draw is drawn once it is closed; until then tickets can still be added."""

    code = "draw_not_closed"
    field = "status"
    sentence = _("Close the draw first. Until then its list of tickets is not complete.")


class DrawAlreadyDrawn(Refusal):
    """The winners stand; a draw is drawn once."""

    code = "draw_already_drawn"
    field = "status"
    sentence = _("This draw was drawn before. Its result stands.")


class DrawCanceled(Refusal):
    """The draw was canceled and its tickets are worth nothing."""

    code = "draw_canceled"
    field = "status"
    sentence = _("This draw was canceled.")


class DrawClosesTooEarly(InvalidInput):
    """A draw cannot open after the moment at which it closes."""

    code = "draw_closes_too_early"
    field = "closes_at"
    sentence = _("The draw would close before it opens. Choose a later moment.")


class DrawNamesUnknown(InvalidInput):
    """A draw names a group that there is not; ``group`` is in the data."""

    code = "draw_names_unknown"
    field = "groups_out"
    sentence = _("There is no such group.")


class TicketLimitReached(Refusal):
    """A member may have only so many tickets of a draw; ``left`` says how many more."""

    code = "ticket_limit_reached"
    field = "tickets"
    sentence = _("The member cannot have so many tickets of this draw.")


class PublicTextMissing(InvalidInput):
    """The draw promised to take a public text into the drawing, and none was given."""

    code = "public_text_missing"
    field = "public_text"
    sentence = _("Write the public text that was promised when the draw opened.")


class PublicTextNotPromised(InvalidInput):
    """A text nobody was told of beforehand would let somebody choose the result."""

    code = "public_text_not_promised"
    field = "public_text"
    sentence = _("This draw promised no public text, so none can be used.")


class NothingToPassOn(Refusal):
    """This pull brought no prize, or its prize was passed on before."""

    code = "nothing_to_pass_on"
    sentence = _("There is no prize to pass on here.")


class NoAlternateLeft(Refusal):
    """Every alternate has a prize already, or none was drawn."""

    code = "no_alternate_left"
    sentence = _("No alternate is left who could get this prize.")


class PrizeUsed(Refusal):
    """The winner used the voucher, so that the prize is nobody else's."""

    code = "prize_used"
    sentence = _("This prize was used already. It stays with the winner.")
