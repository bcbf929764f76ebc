"""A benefit in one sentence, for managers and members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from loyalty.earning.receipt import LineKind
from loyalty.earning.vocabulary.conditions import LineCondition
from loyalty.earning.wording import Names, Wording, chained
from rewards.discounts.spec import Audience

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewards.discounts.spec import BenefitSpec


def describe(spec: BenefitSpec, currency: str, names: Names | None = None) -> str:
    """Return the benefit as one sentence: "10% off on Coffee, Mondays, for members"."""
    say = Wording.for_reader(currency, names)
    on_lines = [part.words(say) for part in spec.conditions if isinstance(part, LineCondition)]
    others = [part.words(say) for part in spec.conditions if not isinstance(part, LineCondition)]
    effect = spec.effect.words(say)
    if on_lines:
        effect = _("%(points)s %(lines)s") % {"points": effect, "lines": chained(on_lines)}
    return chained([effect, *others, *_rest(spec, say)])


def _rest(spec: BenefitSpec, say: Wording) -> Iterator[str]:
    if spec.kinds != (LineKind.PRODUCT,):
        yield _("on %(kinds)s too") % {
            "kinds": say.every(_KINDS[kind]() for kind in spec.kinds if kind != LineKind.PRODUCT)
        }
    if spec.audience is Audience.EVERYONE:
        yield _("for everyone")
    if spec.audience is Audience.BEARER_CARD:
        yield _("for whoever shows a bearer card")
    if spec.is_combinable:
        yield _("also together with other discounts")
    if spec.ends_at is not None:
        yield _("until %(end)s") % {"end": say.end(spec.ends_at)}


_KINDS = {
    LineKind.SHIPPING: lambda: _("shipping"),
    LineKind.TIP: lambda: _("tips"),
    LineKind.FEE: lambda: _("fees"),
    LineKind.GIFT_CARD: lambda: _("gift cards"),
    LineKind.MEMBERSHIP: lambda: _("memberships"),
}
