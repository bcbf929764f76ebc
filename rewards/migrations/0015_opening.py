"""What can be used later than it was taken."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rewards", "0014_delivery")]

    operations = [
        migrations.AddField(
            model_name="reward",
            name="opens_after_days",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="reward",
            name="opens_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("opens_after_days__isnull", True),
                    models.Q(
                        ("opens_after_days__gte", 1),
                        ("opens_after_days__lte", 365),
                        ("opens_on__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="reward_opens_after_days_or_on_a_date",
            ),
        ),
        migrations.AddField(
            model_name="redemption",
            name="opens_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="Opening",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("done", "Done"),
                            ("canceled", "Canceled"),
                            ("failed", "Could not be done"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=64)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "redemption",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opening",
                        to="rewards.redemption",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "waiting")),
                        fields=["due_at"],
                        name="openings_that_are_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("status", "waiting")),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("status__in", ["done", "canceled", "failed"]),
                            ),
                            _connector="OR",
                        ),
                        name="opening_waits_or_says_when_it_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status", "failed"), ("why", ""), _connector="XOR"),
                        name="failed_opening_says_why",
                    ),
                ],
            },
        ),
    ]
