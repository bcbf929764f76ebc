"""Every way a reward that opens later says no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput, Refusal


class OpeningNotToCome(InvalidInput):
    """A date from which a reward can be used is to come, and not too far away; ``until`` is."""

    code = "opening_not_to_come"
    field = "opens_on"
    sentence = _("Choose a date that is still to come, in the next five years.")


class OpensAfterDraw(Refusal):
    """The tickets would come when the draw is closed; ``opens_at`` and ``closes_at`` say so."""

    code = "opens_after_draw"
    field = "reward"
    sentence = _("The draw closes before these tickets can be used.")
