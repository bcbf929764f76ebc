"""What two versions of a rule say differently, part by part and in words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.earning.describe import expiry_words, waiting_words
from loyalty.earning.vocabulary.labels import FIELDS, VALUES
from loyalty.earning.vocabulary.limits import limit_words
from loyalty.earning.vocabulary.triggers import ActivityTrigger
from loyalty.earning.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from django.utils.functional import Promise

    from loyalty.earning.vocabulary.conditions import Condition
    from loyalty.earning.vocabulary.rule import RuleVersionSpec

_ONCE: dict[str, Promise] = {
    "trigger": gettext_lazy("What for"),
    "effect": gettext_lazy("Gives"),
    "limits": gettext_lazy("At most"),
    "spent": gettext_lazy("When the points can be spent"),
    "expires": gettext_lazy("How long the points last"),
    "ends_at": gettext_lazy("Counts until"),
}
_TOLD_APART = frozenset({"pending_days", "waits_for", "expires", "ends_at"})


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a rule that is another, new, or gone; what is not there is blank."""

    part: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """Say whether the part was added, removed or changed."""
        if not self.before:
            return "added"
        return "changed" if self.after else "removed"


def changes(before: RuleVersionSpec, after: RuleVersionSpec, currency: str) -> list[Change]:
    """Return what the later version says otherwise, in the order in which a rule is read."""
    say = Wording.for_reader(currency)
    return [
        *_compared(dict(_once(before, say)), dict(_once(after, say))),
        *_conditions_compared(before, after, say),
        *_compared(dict(_rest(before, say)), dict(_rest(after, say))),
    ]


Parts = dict[str, tuple[str, str]]


def _compared(before: Parts, after: Parts) -> Iterator[Change]:
    for key in [*before, *(key for key in after if key not in before)]:
        title, old = before.get(key) or (after[key][0], "")
        new = after[key][1] if key in after else ""
        if old != new:
            yield Change(title, old, new)


def _once(spec: RuleVersionSpec, say: Wording) -> Iterator[tuple[str, tuple[str, str]]]:
    asked = (
        spec.trigger.words() if isinstance(spec.trigger, ActivityTrigger) else _("for purchases")
    )
    yield "trigger", (str(_ONCE["trigger"]), asked)
    yield "effect", (str(_ONCE["effect"]), spec.effect.words(say))


def _rest(spec: RuleVersionSpec, say: Wording) -> Iterator[tuple[str, tuple[str, str]]]:
    unit = spec.effect.goal.unit
    for kind, cap in spec.limits.by_kind.items():
        yield f"limits.{kind}", (str(_ONCE["limits"]), limit_words(kind, say.short(unit, cap)))
    yield "spent", (str(_ONCE["spent"]), _spent(spec, say))
    lasting = expiry_words(spec.expires, say) if spec.expires else _("as the program says")
    yield "expires", (str(_ONCE["expires"]), lasting)
    if spec.ends_at is not None:
        yield "ends_at", (str(_ONCE["ends_at"]), _until(spec.ends_at, say))
    yield from _fields(spec.stacking, "stacking", {"stage": spec.stage})
    yield from _fields(spec, "rule", {})


def _until(ends_at: datetime, say: Wording) -> str:
    return _("until %(end)s") % {"end": say.end(ends_at)}


def _spent(spec: RuleVersionSpec, say: Wording) -> str:
    if spec.waits_for is not None:
        return waiting_words(spec.waits_for, say)
    if spec.pending_days is None:
        return _("as the program says")
    return _("after %(days)s days") % {"days": say.number(spec.pending_days)}


def _fields(part: Any, scope: str, values: dict[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Tell the plain fields of a part by the words that forms have for them."""
    for name in type(part).model_fields:
        label = FIELDS.get(f"{scope}.{name}")
        value = values.get(name, getattr(part, name))
        if label is not None and name not in _TOLD_APART and value is not None:
            yield f"{scope}.{name}", (str(label), _value(name, value))


def _value(field: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(VALUES.get(f"{field}.{value}", value))


def _conditions_compared(
    before: RuleVersionSpec, after: RuleVersionSpec, say: Wording
) -> Iterator[Change]:
    """Compare conditions with those of their own type, the same ones first."""
    old, new = _by_type(before, say), _by_type(after, say)
    for kind in [*old, *(kind for kind in new if kind not in old)]:
        gone = _without(old.get(kind, []), new.get(kind, []))
        come = _without(new.get(kind, []), old.get(kind, []))
        for was, now in zip_longest(gone, come, fillvalue=""):
            yield Change(str(kind.label), was, now)


def _by_type(spec: RuleVersionSpec, say: Wording) -> dict[type[Condition], list[str]]:
    found: dict[type[Condition], list[str]] = {}
    for part in spec.conditions:
        found.setdefault(type(part), []).append(part.words(say))
    return found


def _without(these: Sequence[str], those: Sequence[str]) -> list[str]:
    """Leave out what the others have too, each as often as they have it."""
    left = list(those)
    kept: list[str] = []
    for one in these:
        if one in left:
            left.remove(one)
        else:
            kept.append(one)
    return kept
