"""What may be done with a program or rule in its state, and what that will do, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loyalty.models import Program, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A way from one state to another: its button, and what it says before it is done."""

    to: str
    trigger: str | Promise
    title: str | Promise
    text: str | Promise
    url: str = ""
    is_grave: bool = False
    asks_moment: bool = False
    asks_end: bool = False

    def at(self, url: str) -> Step:
        """Return the step with the address it is sent to."""
        return Step(
            to=self.to,
            trigger=self.trigger,
            title=self.title,
            text=self.text,
            url=url,
            is_grave=self.is_grave,
            asks_moment=self.asks_moment,
            asks_end=self.asks_end,
        )


_END_DRAFT = Step(
    to="ended",
    trigger=_("End"),
    title=_("End this rule?"),
    text=_("It was never switched on, gave nothing, and will not be one to switch on any more."),
    is_grave=True,
)
_END_RULE = Step(
    to="ended",
    trigger=_("End"),
    title=_("End this rule?"),
    text=_(
        "Without a moment it gives nothing from now on, also for receipts that come in late, and "
        "cannot be switched on again. With one it goes on until then, and you may still change "
        "your mind. What it gave stays, and returns take back what they would have taken."
    ),
    is_grave=True,
    asks_end=True,
)
RULE_STEPS: Mapping[str, tuple[Step, ...]] = {
    Rule.Status.DRAFT: (
        Step(
            to="active",
            trigger=_("Switch on"),
            title=_("Switch this rule on?"),
            text=_(
                "Purchases made from that moment on earn by it. Receipts of before do not, "
                "also when they come in late."
            ),
            asks_moment=True,
        ),
        _END_DRAFT,
    ),
    Rule.Status.ACTIVE: (
        Step(
            to="paused",
            trigger=_("Pause"),
            title=_("Pause this rule?"),
            text=_(
                "It gives nothing until you let it go on, also for receipts that come in late. "
                "What it gave stays."
            ),
        ),
        _END_RULE,
    ),
    Rule.Status.PAUSED: (
        Step(
            to="active",
            trigger=_("Go on"),
            title=_("Let this rule go on?"),
            text=_("Purchases earn by it again from now on, as they did before it was paused."),
        ),
        _END_RULE,
    ),
}

_END_PROGRAM = Step(
    to="ended",
    trigger=_("End"),
    title=_("End this program for good?"),
    text=_(
        "Purchases earn nothing from now on, and the program cannot be opened again. Members "
        "keep the points they have."
    ),
    is_grave=True,
)
PROGRAM_STEPS: Mapping[str, tuple[Step, ...]] = {
    Program.Status.DRAFT: (
        Step(
            to="live",
            trigger=_("Open the program"),
            title=_("Open this program?"),
            text=_("From now on every purchase of a member earns points by its active rules."),
        ),
        _END_PROGRAM,
    ),
    Program.Status.LIVE: (
        Step(
            to="paused",
            trigger=_("Pause"),
            title=_("Pause this program?"),
            text=_(
                "Purchases earn nothing until you open it again. Members keep the points they have."
            ),
        ),
        _END_PROGRAM,
    ),
    Program.Status.PAUSED: (
        Step(
            to="live",
            trigger=_("Go on"),
            title=_("Open this program again?"),
            text=_("From now on purchases earn points again. Those of the pause earn nothing."),
        ),
        _END_PROGRAM,
    ),
}


def steps_of_rule(rule: Rule, slug: str) -> list[Step]:
    """Return what may be done with a rule now."""
    return [
        step.at(reverse("office:set_rule_state", args=[slug, rule.public_id, step.to]))
        for step in RULE_STEPS.get(rule.status, ())
    ]


def steps_of_program(program: Program, slug: str) -> list[Step]:
    """Return what may be done with a program now."""
    return [
        step.at(reverse("office:set_program_state", args=[slug, program.slug, step.to]))
        for step in PROGRAM_STEPS.get(program.status, ())
    ]
