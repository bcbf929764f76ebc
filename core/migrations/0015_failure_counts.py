"""Counts of failures per window of time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0014_pictures")]

    operations = [
        migrations.CreateModel(
            "FailureCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(max_length=128, unique=True)),
                ("failures", models.PositiveIntegerField()),
                ("ends_at", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
