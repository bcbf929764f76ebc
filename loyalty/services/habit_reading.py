"""How one member shops, as the last night worked it out."""

from __future__ import annotations

from loyalty.models import CategoryHabit, Habit
from members.models import Member

CATEGORIES = 3


def habit_of(member: Member) -> Habit | None:
    """Return the habits of a member's account in their first program, if there are any yet."""
    held = Habit.objects.filter(account__holders__member=member)
    return held.order_by("account__program_id").first()


def favorites_of(habit: Habit) -> list[CategoryHabit]:
    """Return the categories that are bought most often, in the order of their visits."""
    bought = CategoryHabit.objects.filter(account=habit.account_id)
    return list(bought.order_by("-visits", "-spent", "category")[:CATEGORIES])
