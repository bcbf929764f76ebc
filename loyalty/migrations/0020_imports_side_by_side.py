"""Lanes in which a file is imported, what is recognized by its rows, and an index too many."""

import django.db.models.deletion
from django.db import migrations, models

PROTECT = django.db.models.deletion.PROTECT
ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("loyalty", "0019_habits"),
    ]

    operations = [
        migrations.AlterField(
            model_name="purchaseline",
            name="product",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=PROTECT,
                related_name="+",
                to="loyalty.product",
            ),
        ),
        migrations.CreateModel(
            name="ImportLane",
            fields=[
                ("id", ID),
                ("number", models.PositiveSmallIntegerField()),
                ("position", models.BigIntegerField(default=0)),
                ("report", models.JSONField(default=dict)),
                (
                    "parent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="lanes",
                        to="loyalty.receiptimport",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("parent", "number"), name="lane_of_an_import_is_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedReceipt",
            fields=[
                ("id", ID.clone()),
                ("fingerprint", models.UUIDField()),
                ("documents", models.PositiveSmallIntegerField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="+",
                        to="core.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "fingerprint"),
                        name="imported_receipt_is_noted_once",
                    )
                ],
            },
        ),
    ]
