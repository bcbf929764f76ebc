"""What expired is not taken again by a return; a file is imported by one at a time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_cache_table"),
        ("loyalty", "0003_guards"),
    ]

    operations = [
        migrations.AddField(
            model_name="awardreversal",
            name="expired",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="awardreversal",
            constraint=models.CheckConstraint(
                condition=models.Q(("expired__gte", 0), ("expired__lte", models.F("points"))),
                name="reversal_spares_what_expired_at_most",
            ),
        ),
        migrations.AddConstraint(
            model_name="receiptimport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "running")),
                fields=("organization", "file_digest"),
                name="file_is_imported_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="receiptimport",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["running", "finished"])),
                name="import_status_is_known",
            ),
        ),
    ]
