"""Sorts a program's rewards into categories, in the order of the shop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from core import audit
from core.actors import Actor
from core.codes import short_name_of
from core.errors import NameMissing, about
from core.locking import lock_one
from core.models import Organization
from core.text import clean_line
from loyalty.models import Program
from rewards.catalog_errors import CategoryUnknown
from rewards.category_document import NAME_LENGTH_MAX, read_categories
from rewards.models import RewardCategory


@transaction.atomic
def add_category(*, program_id: int, name: str, actor: Actor) -> RewardCategory:
    """Add a category behind the others; its code is made from the name, and stays."""
    program = _locked(program_id)
    called = _clean(name)
    known = _in_order(program_id)
    category = RewardCategory.objects.create(
        program=program,
        code=short_name_of(called, {one.code for one in known}, "category"),
        name=called,
        position=len(known),
    )
    _note("added", category, actor)
    return category


@transaction.atomic
def rename_category(*, category_id: int, name: str, actor: Actor) -> RewardCategory:
    """Call a category something else."""
    category = _found(category_id)
    called = _clean(name)
    if category.name != called:
        category.name = called
        category.save(update_fields=["name"])
        _note("changed", category, actor, ["name"])
    return category


@transaction.atomic
def move_category(*, category_id: int, steps: int, actor: Actor) -> RewardCategory:
    """Move a category so many places toward the end, or with a negative number to the front."""
    category = _found(category_id)
    others = [one for one in _in_order(category.program_id) if one.pk != category.pk]
    place = max(0, min(len(others), category.position + steps))
    others.insert(place, category)
    if _number(others):
        _note("changed", category, actor, ["position"])
    return category


@transaction.atomic
def remove_category(*, category_id: int, actor: Actor) -> None:
    """Take a category away; its rewards stay, without one."""
    category = _found(category_id)
    _note("removed", category, actor)
    program_id = category.program_id
    category.delete()
    _number(_in_order(program_id))


@transaction.atomic
def load_categories(program_id: int, data: Any, actor: Actor) -> list[str]:
    """Bring the categories that the data names to its names and order; leave others behind them."""
    program = _locked(program_id)
    known = {one.code: one for one in _in_order(program_id)}
    changed: list[str] = []
    named = []
    for part in read_categories(data):
        category = known.pop(part.code, None) or RewardCategory(program=program, code=part.code)
        if category.name != part.name:
            category.name = part.name
            category.save()
            changed.append(part.code)
            _note("loaded", category, actor, ["name"])
        named.append(category)
    for category in _number([*named, *known.values()]):
        if category.code not in changed:
            changed.append(category.code)
            _note("loaded", category, actor, ["position"])
    return [f"reward_categories.{code}" for code in changed]


def dump_categories(program_id: int) -> list[dict[str, Any]]:
    """Return the categories in their order."""
    return [{"code": one.code, "name": one.name} for one in _in_order(program_id)]


def _locked(program_id: int) -> Program:
    """Return the program; whoever sorts its rewards does so alone."""
    program = Program.objects.get(pk=program_id)
    lock_one(Organization, program.organization_id)
    return program


def _found(category_id: int) -> RewardCategory:
    known = RewardCategory.objects.filter(pk=category_id).first()
    if known is None:
        raise CategoryUnknown
    _locked(known.program_id)
    fresh = RewardCategory.objects.filter(pk=category_id).first()
    if fresh is None:
        raise CategoryUnknown
    return fresh


def _in_order(program_id: int) -> list[RewardCategory]:
    return list(RewardCategory.objects.filter(program_id=program_id).order_by("position", "pk"))


def _number(categories: Iterable[RewardCategory]) -> list[RewardCategory]:
    """Give each its place; return those that moved."""
    moved = [(place, one) for place, one in enumerate(categories) if one.position != place]
    for place, category in moved:
        category.position = place
        category.save(update_fields=["position"])
    return [category for _place, category in moved]


def _clean(name: str) -> str:
    with about("name"):
        called = clean_line(name, max_length=NAME_LENGTH_MAX)
        if not called:
            raise NameMissing
    return called


def _note(verb: str, category: RewardCategory, actor: Actor, fields: Iterable[str] = ()) -> None:
    organization_id = category.program.organization_id
    audit.record(verb, category, organization_id=organization_id, actor=actor, fields=fields)
