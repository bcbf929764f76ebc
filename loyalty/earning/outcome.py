"""What the engine answers: who gave how much on which lines, and who did not and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from loyalty.earning.vocabulary.effects import POINTS

if TYPE_CHECKING:
    from decimal import Decimal

    from loyalty.earning.compiled import Key
    from loyalty.earning.reasons import Reason
    from loyalty.earning.units import Goal
    from loyalty.earning.vocabulary.expiry import Expiry
    from loyalty.earning.vocabulary.waiting import Waiting


class LineShare(NamedTuple):
    """The part of an award that lies on one line, and goes back when the line does."""

    number: int
    points: int


class RuleAward(NamedTuple):
    """What one rule version gave: ``desired`` was due, ``awarded`` is what the limits left."""

    rule: Key
    version_key: Key
    version: int
    name: str
    desired: int
    awarded: int
    lines: tuple[LineShare, ...]
    pending_days: int | None
    waits_for: Waiting | None
    expires: Expiry | None
    why: tuple[Reason, ...]
    goal: Goal = POINTS


class CarriedOver(NamedTuple):
    """The money that counted in one purchase by a rule that keeps what is left over.

    ``counted`` lies on the lines in millionths, and each ``per`` of it makes one: so many were
    ``given``, before any multiple, and ``forgone`` because of a limit.
    """

    rule: Key
    version_key: Key
    counted: Decimal
    per: Decimal
    lines: tuple[LineShare, ...]
    given: int
    forgone: int


class NotApplied(NamedTuple):
    """A rule that gave nothing, and why."""

    rule: Key
    version_key: Key
    version: int
    name: str
    why: tuple[Reason, ...]


class Outcome(NamedTuple):
    """The whole answer for one purchase; ``points`` is the sum of the points awarded."""

    awards: tuple[RuleAward, ...]
    not_applied: tuple[NotApplied, ...]
    points: int
    carried: tuple[CarriedOver, ...] = ()
