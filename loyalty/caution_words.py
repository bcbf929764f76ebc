"""What to look at in a set of rules, in plain words, each with what would mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.templatetags.formats import percent
from loyalty.earning.cautions import Caution
from loyalty.earning.wording import Wording

NAMED_MAX = 5


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to look at: what is so, how it is mended, and where."""

    text: str
    action: str
    url: str


_TOLD: dict[str, Promise] = {
    "dates_over": gettext_lazy("Gives nothing any more: its last day was %(until)s."),
    "dates_apart": gettext_lazy("Can never apply: its days exclude one another."),
    "hours_apart": gettext_lazy("Can never apply: its weekdays and hours exclude one another."),
    "no_such_day": gettext_lazy("Can never apply: none of its weekdays lies between its days."),
    "stores_gone": gettext_lazy("Can never apply: there is no store %(stores)s."),
    "regions_empty": gettext_lazy("Can never apply: no store lies in region %(regions)s."),
    "stores_apart": gettext_lazy("Can never apply: no store meets all that it asks of one."),
    "groups_gone": gettext_lazy("Can never apply: there is no group %(groups)s."),
    "tiers_apart": gettext_lazy("Can never apply: nobody has two tiers at once."),
    "purchases_apart": gettext_lazy("Can never apply: no purchase is both the numbers it asks."),
    "channels_apart": gettext_lazy("Can never apply: no purchase comes through two channels."),
    "brands_apart": gettext_lazy("Can never apply: no brand is on all of its lists."),
    "skus_apart": gettext_lazy("Can never apply: no article is on all of its lists."),
    "categories_apart": gettext_lazy("Can never apply: no category is on all of its lists."),
    "no_base": gettext_lazy(
        "Can never apply: it multiplies the points of the purchase, and no rule gives any."
    ),
    "base_apart": gettext_lazy(
        "Can never apply: where it counts, %(rules)s give nothing that it could multiply."
    ),
    "budget_spent": gettext_lazy("Gives nothing any more: its budget is spent."),
    "overlap": gettext_lazy(
        "Gives together with %(rules)s: one line can earn by several of them. Put them into one "
        "group of rules when only the best is to count."
    ),
    "margin": gettext_lazy(
        "Gives away %(share)s of the margin of what it gave for, more than the %(most)s that you "
        "set. Counted over the last %(days)s days, as far as costs are known."
    ),
    "no_margin": gettext_lazy(
        "Gives points for what is sold without any margin. Counted over the last %(days)s days, "
        "as far as costs are known."
    ),
}


def advice_of(caution: Caution, say: Wording, url: str) -> Advice:
    """Say one caution in the reader's language, with the way to the form that mends it."""
    values = {name: _plain(name, value, say) for name, value in caution.params.items()}
    return Advice(str(_TOLD[caution.code]) % values, _action(caution.code), url)


def codes() -> Iterable[str]:
    """Return every caution that has words."""
    return _TOLD.keys()


def _named(rules: Sequence[str], say: Wording) -> str:
    """Name a few rules, and say how many more there are."""
    named, more = list(rules[:NAMED_MAX]), len(rules) - NAMED_MAX
    if more > 0:
        sentence = ngettext("%(count)s other", "%(count)s others", more)
        named.append(sentence % {"count": say.number(more)})
    return say.every(named)


def _action(code: str) -> str:
    if code in ("dates_over", "budget_spent"):
        return _("Let it go on, or end it")
    return _("Set a limit") if code in ("margin", "no_margin") else _("Change it")


def _plain(name: str, value: Any, say: Wording) -> str:
    formats: Mapping[str, Any] = {
        "until": say.day,
        "stores": say.either,
        "regions": say.either,
        "groups": say.either,
        "rules": lambda names: _named(names, say),
        "days": say.number,
        "share": percent,
        "most": percent,
    }
    return str(formats[name](value))
