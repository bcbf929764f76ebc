"""Drops the index of a foreign key by which a constraint's index begins anyway."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0010_nights")]

    operations = [
        migrations.AlterField(
            model_name="idempotentrequest",
            name="organization",
            field=models.ForeignKey(
                "core.organization", models.PROTECT, related_name="+", db_index=False
            ),
        ),
    ]
