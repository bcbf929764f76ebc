"""How the versions of a card follow one another, and which of those wanted are new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from django.utils.translation import gettext as _

from core.program_files import Fault
from loyalty.program_document import moment
from loyalty.rule_history import UNDATED, counting

SpecT = TypeVar("SpecT")
Spec_co = TypeVar("Spec_co", covariant=True)


class Wanted(Protocol[Spec_co]):
    """What a file wants to be said, and from when on, if it says so."""

    @property
    def effective_from(self) -> datetime | None:
        """Return that moment."""

    @property
    def spec(self) -> Spec_co:
        """Return what is to be said."""


@dataclass(frozen=True, slots=True)
class Said(Generic[SpecT]):
    """What a version says, and the moment from which it does."""

    effective_from: datetime
    spec: SpecT


@dataclass(frozen=True, slots=True)
class Past(Generic[SpecT]):
    """The versions that count at some time, oldest first; what ``has_given`` is fixed."""

    versions: Sequence[Said[SpecT]] = ()
    has_given: bool = False

    @classmethod
    def of(cls, every: Sequence[Said[SpecT]], *, has_given: bool) -> Past[SpecT]:
        """Leave out what was replaced before it ever counted."""
        return cls(counting(every), has_given)

    @property
    def last(self) -> Said[SpecT] | None:
        """Return what is said last."""
        return self.versions[-1] if self.versions else None

    @property
    def is_undated(self) -> bool:
        """Say whether what is said counts from no day yet."""
        return self.last is not None and self.last.effective_from == UNDATED

    def fresh(self, wanted: Sequence[Wanted[SpecT]], *, now: datetime) -> list[Said[SpecT]]:
        """Return those of the wanted versions that are not there yet."""
        return [
            Said(part.effective_from or now, part.spec)
            for part in wanted
            if not self._is_known(part)
        ]

    def fault_in(self, wanted: Sequence[Wanted[SpecT]], *, now: datetime) -> Fault | None:
        """Return why this cannot become what is wanted, when what was given must stay as it is."""
        fresh, index = self.fresh(wanted, now=now), len(wanted) - 1
        if not fresh:
            changed = self.last is not None and self.last.spec != wanted[-1].spec
            return _changed_since(self.last, index) if changed and self.last else None
        if wanted[-1].effective_from is None and any(
            part.effective_from and part.effective_from >= now for part in wanted[:-1]
        ):
            message = _("The version before it has not begun. Give this one a later date.")
            return _fault(index, "versions_out_of_order", message)
        begun = [said for said in self.versions if said.effective_from <= now]
        if self.has_given and begun and fresh[0].effective_from <= begun[-1].effective_from:
            return _too_early(begun[-1], len(wanted) - len(fresh))
        return None

    def _is_known(self, part: Wanted[SpecT]) -> bool:
        if part.effective_from is None:
            return self.last is not None and self.last.spec == part.spec
        return Said(part.effective_from, part.spec) in self.versions


def _changed_since(last: Said[SpecT], index: int) -> Fault:
    sentence = _(
        "This was changed later, from %(since)s on. Leave the date out to make this version"
        " count from now on."
    )
    return _fault(index, "changed_since", sentence % {"since": moment(last.effective_from)})


def _too_early(begun: Said[SpecT], index: int) -> Fault:
    sentence = _(
        "This has given something since %(since)s, so a new version must begin later. Leave the"
        " date out to make it count from now on."
    )
    return _fault(index, "version_too_early", sentence % {"since": moment(begun.effective_from)})


def _fault(index: int, code: str, message: str) -> Fault:
    return {"field": f"versions.{index}.effective_from", "code": code, "message": message}
