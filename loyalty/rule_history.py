"""How the versions of a rule follow one another, and which of a file's versions are new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from django.utils.translation import gettext as _

from core.program_files import Fault
from loyalty.earning.vocabulary.rule import RuleVersionSpec
from loyalty.program_document import VersionPart, moment

# What a draft says counts from no day yet; it gets one when the rule is switched on.
UNDATED = datetime(9999, 1, 1, tzinfo=UTC)
# What counts for every receipt, also for those from before the program was there.
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)


class HasDate(Protocol):
    """Whatever counts from a moment on."""

    @property
    def effective_from(self) -> datetime:
        """Return that moment."""


DatedT = TypeVar("DatedT", bound=HasDate)


@dataclass(frozen=True, slots=True)
class Dated:
    """What a rule says, and the moment from which it does."""

    effective_from: datetime
    spec: RuleVersionSpec


@dataclass(frozen=True, slots=True)
class History:
    """The versions of a rule that count at some time, oldest first.

    ``has_given`` says whether any of them has given points, which fixes what has begun.
    """

    versions: Sequence[Dated]
    has_given: bool = False

    @property
    def is_undated(self) -> bool:
        """Say whether what the rule says counts from no day yet."""
        return bool(self.versions) and self.versions[-1].effective_from == UNDATED


def is_over(ends_at: datetime | None, moment: datetime) -> bool:
    """Say whether what ends at some moment, if ever, counts no more."""
    return ends_at is not None and ends_at <= moment


def end_in(data: Mapping[str, Any]) -> datetime | None:
    """Return when a version ends, from what is stored of it."""
    ends_at = data.get("ends_at")
    return None if ends_at is None else datetime.fromisoformat(ends_at)


def counting(versions: Sequence[DatedT]) -> list[DatedT]:
    """Leave out what a later version has replaced before it ever counted; newest number last."""
    kept: list[DatedT] = []
    for version in reversed(versions):
        if not kept or version.effective_from < kept[-1].effective_from:
            kept.append(version)
    return kept[::-1]


def new_versions(history: History, wanted: Sequence[VersionPart], *, now: datetime) -> list[Dated]:
    """Return those of the wanted versions that the rule does not have yet."""
    return [
        Dated(part.effective_from or now, part.spec)
        for part in wanted
        if not _is_known(history, part)
    ]


def fault_in(history: History, wanted: Sequence[VersionPart], *, now: datetime) -> Fault | None:
    """Return why the rule cannot become what is wanted, when what was given must stay as it is."""
    fresh = new_versions(history, wanted, now=now)
    last = history.versions[-1] if history.versions else None
    if not fresh:
        was_changed_since = last is not None and last.spec != wanted[-1].spec
        return _changed_since(last, len(wanted) - 1) if was_changed_since and last else None
    if wanted[-1].effective_from is None and _waits(wanted[:-1], now):
        return _out_of_order(len(wanted) - 1)
    ended = _ended_before(fresh, len(wanted) - len(fresh))
    if ended is not None:
        return ended
    begun = [version for version in history.versions if version.effective_from <= now]
    if history.has_given and begun and fresh[0].effective_from <= begun[-1].effective_from:
        return _too_early(begun[-1], len(wanted) - len(fresh))
    return None


def _ended_before(fresh: Sequence[Dated], first: int) -> Fault | None:
    """Return the fault of a version that is to end before it begins; a draft begins nowhere yet."""
    for index, version in enumerate(fresh, start=first):
        begins = version.effective_from
        if begins != UNDATED and is_over(version.spec.ends_at, begins):
            message = _("This is over before it begins. Choose a later end, or none.")
            field = f"versions.{index}.spec.ends_at"
            return {"field": field, "code": "ends_before_start", "message": message}
    return None


def _is_known(history: History, part: VersionPart) -> bool:
    if part.effective_from is None:
        return bool(history.versions) and history.versions[-1].spec == part.spec
    return Dated(part.effective_from, part.spec) in history.versions


def _waits(earlier: Sequence[VersionPart], now: datetime) -> bool:
    return any(part.effective_from and part.effective_from >= now for part in earlier)


def _out_of_order(index: int) -> Fault:
    message = _("The version before it has not begun. Give this one a later date.")
    return _fault(index, "versions_out_of_order", message)


def _changed_since(last: Dated, index: int) -> Fault:
    sentence = _(
        "The rule was changed later, from %(since)s on. Leave the date out to make this version"
        " count from now on."
    )
    message = sentence % {"since": moment(last.effective_from)}
    return _fault(index, "changed_since", message)


def _too_early(begun: Dated, index: int) -> Fault:
    sentence = _(
        "The rule has given points since %(since)s, so a new version must begin later. Leave the"
        " date out to make it count from now on."
    )
    message = sentence % {"since": moment(begun.effective_from)}
    return _fault(index, "version_too_early", message)


def _fault(index: int, code: str, message: str) -> Fault:
    return {"field": f"versions.{index}.effective_from", "code": code, "message": message}
