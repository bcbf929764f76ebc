"""A challenge in words: what is asked for, when, what it gives, and what is missing still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from loyalty.challenges.targets import AmountTarget
from loyalty.earning.vocabulary.conditions import LineCondition
from loyalty.earning.wording import chained
from loyalty.gifts import gift_words

if TYPE_CHECKING:
    from decimal import Decimal

    from loyalty.challenges.spec import ChallengeSpec
    from loyalty.earning.wording import Wording


def describe_challenge(spec: ChallengeSpec, say: Wording) -> str:
    """Return the challenge as one sentence: "5 visits, in each month: 100 points"."""
    asked = chained([asked_words(spec, say), spec.period.words(say)])
    if not spec.gifts:
        return asked
    return _("%(asked)s: %(gifts)s") % {"asked": asked, "gifts": gift_words(spec.gifts, say)}


def asked_words(spec: ChallengeSpec, say: Wording) -> str:
    """Return what is asked for, with its conditions: "5 visits on Coffee, Mondays"."""
    on_lines = [part.words(say) for part in spec.conditions if isinstance(part, LineCondition)]
    others = [part.words(say) for part in spec.conditions if not isinstance(part, LineCondition)]
    target = spec.target.words(say)
    if on_lines:
        target = _("%(target)s %(lines)s") % {"target": target, "lines": chained(on_lines)}
    return chained([target, *others])


def progress_words(spec: ChallengeSpec, progress: Decimal, say: Wording) -> str:
    """Return how far somebody has come: "3 of 5", "£12.50 of £50"."""
    goal = spec.target.goal
    reached = min(progress, goal)
    if isinstance(spec.target, AmountTarget):
        values = {"progress": say.price(reached), "goal": say.price(goal)}
    else:
        values = {"progress": say.number(reached.normalize()), "goal": say.number(goal)}
    return _("%(progress)s of %(goal)s") % values


def challenge_terms(spec: ChallengeSpec) -> list[str]:
    """Return what else holds for those who take part, each in one sentence."""
    joining = [_("members take part once they join it")] if spec.is_opt_in else []
    return [*joining, returns_words(spec)]


def returns_words(spec: ChallengeSpec) -> str:
    """Return what comes of it when goods are brought back."""
    if spec.returns == "keep":
        return _("what is brought back still counts")
    return _("what is brought back counts no more, and takes a gift back that was not used")
