"""How accounts shop."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0018_challenges"),
    ]

    operations = [
        migrations.CreateModel(
            name="Habit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("visits", models.PositiveIntegerField()),
                ("spent", models.DecimalField(decimal_places=3, max_digits=16)),
                ("visits_in_year", models.PositiveIntegerField()),
                ("spent_in_year", models.DecimalField(decimal_places=3, max_digits=16)),
                (
                    "days_between",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True),
                ),
                ("recency", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("frequency", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("monetary", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("as_of", models.DateTimeField()),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="habit",
                        to="loyalty.account",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CategoryHabit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("category", models.CharField(max_length=120)),
                ("visits", models.PositiveIntegerField()),
                ("spent", models.DecimalField(decimal_places=3, max_digits=16)),
                ("last_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="category_habits",
                        to="loyalty.account",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["category", "visits"], name="habits_by_category")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "category"), name="habit_of_a_category_is_one"
                    )
                ],
            },
        ),
    ]
