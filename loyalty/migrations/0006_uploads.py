"""Files of receipts are sent by a browser too, and imports have a page of their own."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_places_of_one_organization"),
        ("loyalty", "0005_purchases_by_number"),
    ]

    operations = [
        migrations.AddField(
            model_name="receiptimport",
            name="public_id",
            field=models.UUIDField(null=True, editable=False),
        ),
        migrations.RunSQL(
            "UPDATE loyalty_receiptimport SET public_id = gen_random_uuid()",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="receiptimport",
            name="public_id",
            field=models.UUIDField(default=uuid.uuid4, unique=True, editable=False),
        ),
        migrations.CreateModel(
            name="ReceiptUpload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("file_name", models.CharField(max_length=120)),
                ("mapping", models.JSONField()),
                ("store_code", models.CharField(blank=True, max_length=32)),
                ("rows", models.BigIntegerField(blank=True, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("ready", "Uploaded"),
                            ("checking", "Being checked"),
                            ("checked", "Checked"),
                            ("importing", "Being imported"),
                            ("finished", "Finished"),
                            ("failed", "Not possible"),
                            ("removed", "Removed"),
                        ],
                        default="ready",
                        max_length=10,
                    ),
                ),
                ("trial", models.JSONField(default=dict)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("uploaded_by", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="core.organization",
                    ),
                ),
                (
                    "receipt_import",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="loyalty.receiptimport",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "ready",
                                    "checking",
                                    "checked",
                                    "importing",
                                    "finished",
                                    "failed",
                                    "removed",
                                ],
                            )
                        ),
                        name="upload_status_is_known",
                    )
                ],
            },
        ),
    ]
