"""How each account shops, worked out again every night for whoever wants to know."""

from __future__ import annotations

from django.db import models

from loyalty.models.ledger import Account


class Habit(models.Model):
    """Visits, spending and rhythm of an account; formulas and windows stand in ``loyalty.habits``.

    Nothing is decided by it that must be exact to the minute: rules ask the purchases themselves.
    How long somebody has been away is reckoned by who asks, because it changes with every hour.
    """

    account = models.OneToOneField(Account, models.PROTECT, related_name="habit")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    visits = models.PositiveIntegerField()
    spent = models.DecimalField(max_digits=16, decimal_places=3)
    visits_in_year = models.PositiveIntegerField()
    spent_in_year = models.DecimalField(max_digits=16, decimal_places=3)
    days_between = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    recency = models.PositiveSmallIntegerField(null=True, blank=True)
    frequency = models.PositiveSmallIntegerField(null=True, blank=True)
    monetary = models.PositiveSmallIntegerField(null=True, blank=True)
    as_of = models.DateTimeField()


class CategoryHabit(models.Model):
    """How often and for how much an account bought of one first-level category in a year."""

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="category_habits", db_index=False
    )
    category = models.CharField(max_length=120)
    visits = models.PositiveIntegerField()
    spent = models.DecimalField(max_digits=16, decimal_places=3)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "category"], name="habit_of_a_category_is_one"
            ),
        ]
        indexes = [models.Index(fields=["category", "visits"], name="habits_by_category")]
