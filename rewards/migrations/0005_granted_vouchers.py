"""Vouchers that loyalty gives: their redemption costs nothing, holds nothing and has a grant."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0015_activities_and_grants"),
        ("rewards", "0004_vouchers_of_before"),
    ]

    operations = [
        migrations.AddField(
            model_name="redemption",
            name="grant",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redemption",
                to="loyalty.grant",
            ),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="hold",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redemption",
                to="loyalty.hold",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="redemption", name="issued_redemption_has_its_entry"
        ),
        migrations.RemoveConstraint(model_name="redemption", name="redemption_costs_points"),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "issued"), _negated=True),
                    ("entry__isnull", False),
                    ("grant__isnull", False),
                    _connector="OR",
                ),
                name="issued_redemption_has_its_entry",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("grant__isnull", True), ("hold__isnull", False), ("points__gt", 0)),
                    models.Q(
                        ("entry__isnull", True),
                        ("grant__isnull", False),
                        ("hold__isnull", True),
                        ("points", 0),
                        ("status__in", ["issued", "canceled"]),
                    ),
                    _connector="OR",
                ),
                name="redemption_costs_points_or_was_granted",
            ),
        ),
    ]
