"""Entries are sealed in blocks, and blocks are as unchangeable as entries."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_places_of_one_organization"),
        ("loyalty", "0006_uploads"),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("first_entry", models.BigIntegerField()),
                ("last_entry", models.BigIntegerField()),
                ("entries", models.IntegerField()),
                (
                    "entry_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                ("digests", models.BinaryField()),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seals",
                        to="core.organization",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["-last_entry"], name="seals_by_last_entry")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "number"), name="block_number_is_unique"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "previous_hash"),
                        name="chain_of_blocks_does_not_fork",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("entries__gt", 0)), name="block_has_entries"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            """
            CREATE TRIGGER loyalty_seal_append_only BEFORE UPDATE OR DELETE ON loyalty_seal
                FOR EACH ROW EXECUTE FUNCTION regulars_refuse_change();
            """,
            "DROP TRIGGER loyalty_seal_append_only ON loyalty_seal;",
        ),
    ]
