"""A rule in one sentence, and the vocabulary as a table for the docs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty.earning.vocabulary.conditions import LineCondition
from loyalty.earning.vocabulary.expiry import ExpiresOn, ExpiresWhenInactive, Lasting
from loyalty.earning.vocabulary.rule import CONDITIONS, EFFECTS
from loyalty.earning.vocabulary.triggers import ActivityTrigger
from loyalty.earning.vocabulary.waiting import WaitsUntilDate
from loyalty.earning.wording import Names, Wording, chained

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pydantic import BaseModel

    from loyalty.earning.vocabulary.expiry import Expiry
    from loyalty.earning.vocabulary.rule import RuleVersionSpec
    from loyalty.earning.vocabulary.waiting import Waiting


def describe(spec: RuleVersionSpec, currency: str, names: Names | None = None) -> str:
    """Return the rule as one sentence: "2 points per £1 on coffee, Mondays 7:00–10:00".

    ``names`` are those of the cards, challenges and rewards that it may speak of.
    """
    say = Wording.for_reader(currency, names)
    on_lines = [part.words(say) for part in spec.conditions if isinstance(part, LineCondition)]
    others = [part.words(say) for part in spec.conditions if not isinstance(part, LineCondition)]
    effect = spec.effect.words(say)
    if on_lines:
        effect = _("%(points)s %(lines)s") % {"points": effect, "lines": chained(on_lines)}
    if isinstance(spec.trigger, ActivityTrigger):
        effect = _("%(things)s %(what)s") % {"things": effect, "what": spec.trigger.words()}
    limits = spec.limits.words(say, spec.effect.goal.unit)
    return chained([effect, *_carried(spec), *others, *limits, *_life(spec, say)])


def _carried(spec: RuleVersionSpec) -> Iterator[str]:
    if spec.carry:
        yield _("what is left over counts next time")


def describe_conditions(spec: RuleVersionSpec, currency: str) -> str:
    """Return what must hold for a rule as one phrase: "on coffee, Mondays 7:00–10:00"."""
    say = Wording.for_reader(currency)
    return chained(part.words(say) for part in spec.conditions)


def _life(spec: RuleVersionSpec, say: Wording) -> Iterator[str]:
    if spec.waits_for is not None:
        yield waiting_words(spec.waits_for, say)
    elif spec.pending_days:
        sentence = ngettext(
            "usable after %(days)s day", "usable after %(days)s days", spec.pending_days
        )
        yield sentence % {"days": say.number(spec.pending_days)}
    if spec.expires is not None:
        yield expiry_words(spec.expires, say)
    if spec.ends_at is not None:
        yield end_words(spec.ends_at, say)


def end_words(ends_at: datetime, say: Wording) -> str:
    """Write "given until the end of 31 Dec 2026"."""
    return _("given until %(end)s") % {"end": say.end(ends_at)}


def waiting_words(waits_for: Waiting, say: Wording) -> str:
    """Write "usable once the purchase is settled, within 14 days"."""
    if isinstance(waits_for, WaitsUntilDate):
        return _("usable from %(day)s on") % {"day": say.day(waits_for.date)}
    days = waits_for.deadline_days
    sentence = ngettext(
        "usable once the purchase is settled, within %(days)s day",
        "usable once the purchase is settled, within %(days)s days",
        days,
    )
    return sentence % {"days": say.number(days)}


def expiry_words(expires: Expiry, say: Wording) -> str:
    """Write "usable for 12 months, to the end of that month"."""
    if isinstance(expires, ExpiresOn):
        return _("usable until %(day)s") % {"day": say.day(expires.date)}
    if not isinstance(expires, Lasting):
        return _("usable without end")
    usable = _since_activity if isinstance(expires, ExpiresWhenInactive) else _since_available
    return _lasting(expires, usable(expires), say)


def _since_available(expires: Lasting) -> str:
    count = expires.months or expires.days or 0
    if expires.months is not None:
        return ngettext("usable for %(count)s month", "usable for %(count)s months", count)
    return ngettext("usable for %(count)s day", "usable for %(count)s days", count)


def _since_activity(expires: Lasting) -> str:
    count = expires.months or expires.days or 0
    if expires.months is not None:
        return ngettext(
            "usable until %(count)s month after the last purchase or reward",
            "usable until %(count)s months after the last purchase or reward",
            count,
        )
    return ngettext(
        "usable until %(count)s day after the last purchase or reward",
        "usable until %(count)s days after the last purchase or reward",
        count,
    )


def _lasting(expires: Lasting, sentence: str, say: Wording) -> str:
    count = expires.months or expires.days or 0
    return {
        None: "%(usable)s",
        "month": _("%(usable)s, to the end of that month"),
        "quarter": _("%(usable)s, to the end of that quarter"),
        "year": _("%(usable)s, to the end of that year"),
    }[expires.round_up] % {"usable": sentence % {"count": say.number(count)}}


class VocabularyRow(NamedTuple):
    """One line of the vocabulary's table: a part of speech, its name, fields and meaning."""

    part: str
    type: str
    fields: tuple[str, ...]
    meaning: str


def vocabulary_table() -> list[VocabularyRow]:
    """Return every condition and effect a rule can be written in."""
    return [
        *(_row("condition", name, kind, kind.meaning) for name, kind in CONDITIONS.items()),
        *(_row("effect", name, kind, kind.meaning) for name, kind in EFFECTS.items()),
    ]


def _row(part: str, name: str, kind: type[BaseModel], meaning: str) -> VocabularyRow:
    fields = (field.alias or key for key, field in kind.model_fields.items() if key != "type")
    return VocabularyRow(part, name, tuple(fields), meaning)
