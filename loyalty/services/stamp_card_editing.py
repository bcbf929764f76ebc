"""What the office does to one stamp card; it goes the way of a program file, with its faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import Missing, Unavailable
from core.locking import try_advisory_lock
from core.program_files import Fault
from loyalty.errors import (
    ProgramInvalid,
    RuleInvalid,
    StampCardChanged,
    StampCardInvalid,
    StateChangeRefused,
)
from loyalty.models import Program, Rule, StampCard
from loyalty.program_document import moment
from loyalty.rule_history import UNDATED
from loyalty.services.programs import lock_name
from loyalty.services.rule_editing import RuleWish, add_rule, set_rule_status
from loyalty.services.stamp_cards import SECTION, load_cards, past_of
from loyalty.stamp_document import card_faults
from loyalty.stamps.spec import dump_card

CODE_LENGTH_MAX = 40
Status = StampCard.Status
LEADS_TO = {
    Status.DRAFT: {Status.ACTIVE, Status.ENDED},
    Status.ACTIVE: {Status.PAUSED, Status.ENDED},
    Status.PAUSED: {Status.ACTIVE, Status.ENDED},
    Status.ENDED: set[StampCard.Status](),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWish:
    """What somebody wants a card to be called, to ask for and to give, and from when on.

    ``earned_by`` is the effect of the rule that gives its stamps, without the card, and the
    conditions of that; ``seen`` is the number of the newest version they had before their eyes.
    """

    name: str
    spec: dict[str, Any]
    counts_from: datetime | None = None
    earned_by: EarnedBy | None = None
    seen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnedBy:
    """What a stamp is given for: a visit, so much money spent, or an article of categories."""

    per: str = "purchase"
    amount: str | None = None
    categories: Sequence[str | Sequence[str]] = ()

    def spec(self, code: str) -> dict[str, Any]:
        """Return the rule that gives such stamps; money that is too little counts next time."""
        effect = {"type": "stamps", "card": code, "per": self.per}
        rule: dict[str, Any] = {"trigger": {"type": "purchase"}, "effect": effect}
        if self.amount is not None:
            effect["amount"] = self.amount
            rule["carry"] = True
        if self.categories:
            named = {"type": "category", "categories": list(self.categories)}
            rule["conditions"] = [named]
        return rule


@transaction.atomic
def add_card(*, program_id: int, wish: CardWish, actor: Actor) -> StampCard:
    """Write a new card down as a draft, with a rule that will give its stamps if that is wished.

    Neither gives anything until the card is switched on.
    """
    program = _program(program_id)
    code = _code(program_id, wish.name)
    version = {"effective_from": moment(UNDATED), "spec": wish.spec}
    _load(program, {"code": code, "name": wish.name, "versions": [version]}, actor)
    if wish.earned_by is not None:
        rule = RuleWish(name=wish.name, spec=wish.earned_by.spec(code))
        try:
            add_rule(program_id=program_id, wish=rule, actor=actor)
        except RuleInvalid as refusal:
            raise StampCardInvalid(errors=_of_the_rule(refusal.data["errors"])) from refusal
    return StampCard.objects.get(program=program, code=code)


@transaction.atomic
def change_card(*, card_id: int, wish: CardWish, actor: Actor) -> StampCard:
    """Let a card ask for and give something else from now or a later moment on.

    Sheets that were begun before keep what they were begun with. A draft is simply rewritten.
    """
    card = _card(card_id)
    newest = card.versions.order_by("-number").values_list("number", flat=True).first()
    if wish.seen != (newest or 0):
        raise StampCardChanged
    if card.status == Status.ENDED:
        raise StateChangeRefused
    version: dict[str, Any] = {"spec": wish.spec}
    if card.status == Status.DRAFT:
        version["effective_from"] = moment(UNDATED)
    elif wish.counts_from is not None:
        version["effective_from"] = moment(_to_come(wish.counts_from))
    _load(card.program, {"code": card.code, "name": wish.name, "versions": [version]}, actor)
    card.refresh_from_db()
    return card


@transaction.atomic
def set_card_status(*, card_id: int, status: StampCard.Status, actor: Actor) -> StampCard:
    """Switch a card on, with the rules that wait for it, let it rest, or end it.

    Sheets stay as they are in every case; without being switched on a card takes no stamps.
    """
    card = _card(card_id)
    if status not in LEADS_TO[Status(card.status)]:
        raise StateChangeRefused
    was_draft = card.status == Status.DRAFT
    last = past_of(card).last
    assert last is not None, "a card says something"
    version: dict[str, Any] = {"spec": dump_card(last.spec)}
    if status == Status.ENDED or not was_draft:
        version["effective_from"] = moment(last.effective_from)
    part = {"code": card.code, "name": card.name, "status": status, "versions": [version]}
    _load(card.program, part, actor)
    if was_draft and status == Status.ACTIVE:
        for rule in rules_of_card(card).filter(status=Rule.Status.DRAFT):
            set_rule_status(rule_id=rule.pk, status=Rule.Status.ACTIVE, actor=actor)
    card.refresh_from_db()
    return card


def rules_of_card(card: StampCard) -> Any:
    """Return the rules of which some version gives stamps on the card."""
    effect = {"effect": {"type": "stamps", "card": card.code}}
    rules = Rule.objects.filter(program=card.program_id, versions__spec__contains=effect)
    return rules.distinct().order_by("pk")


def _to_come(counts_from: datetime) -> datetime:
    if counts_from < timezone.now():
        message = _("Choose a moment that is still to come, or leave it empty.")
        raise StampCardInvalid(
            errors=[{"field": "counts_from", "code": "version_too_early", "message": message}]
        )
    return counts_from


def _load(program: Program, part: dict[str, Any], actor: Actor) -> None:
    """Bring one card to what is wanted, or refuse it with every fault of its own fields."""
    faults = card_faults([part])
    if not faults:
        try:
            load_cards(program.pk, [part], actor)
        except ProgramInvalid as refusal:
            faults = [_without(fault, f"{SECTION}.") for fault in refusal.data["errors"]]
    if faults:
        raise StampCardInvalid(errors=[_as_field(_without(fault, "0.")) for fault in faults])


def _of_the_rule(faults: Sequence[Fault]) -> list[Fault]:
    """Name the fields of the rule as whoever writes the card calls them."""
    return [{**fault, "field": _in_card(fault["field"])} for fault in faults]


def _in_card(field: str) -> str:
    names = {"effect.amount": "amount", "conditions.0.categories": "categories"}
    return next((name for path, name in names.items() if field.startswith(path)), "per")


def _without(fault: Fault, prefix: str) -> Fault:
    return {**fault, "field": fault["field"].removeprefix(prefix)}


def _as_field(fault: Fault) -> Fault:
    """Name the field as whoever edits one version calls it."""
    field = fault["field"].removeprefix("versions.0.").removeprefix("spec.")
    return {**fault, "field": "counts_from" if field == "effective_from" else field}


def _program(program_id: int) -> Program:
    program = Program.objects.filter(pk=program_id).first()
    if program is None:
        raise Missing
    _alone(program)
    return program


def _card(card_id: int) -> StampCard:
    """Return the card, and keep everybody else from changing its program until it is done."""
    card = StampCard.objects.select_related("program").filter(pk=card_id).first()
    if card is None:
        raise Missing
    _alone(card.program)
    card.refresh_from_db(fields=["name", "status"])
    return card


def _alone(program: Program) -> None:
    if not try_advisory_lock(lock_name(program.organization_id)):
        raise Unavailable(retry_after=1)


def _code(program_id: int, name: str) -> str:
    """Make a short name that no card of the program has."""
    stem = slugify(name)[:CODE_LENGTH_MAX].strip("-_") or "card"
    taken = set(StampCard.objects.filter(program_id=program_id).values_list("code", flat=True))
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(code for code in (stem, *numbered) if code not in taken)
