import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0012_what_points_had_stood_for")]

    operations = [
        migrations.CreateModel(
            name="Activation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("points", models.BigIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activations",
                        to="loyalty.account",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="activation",
            constraint=models.UniqueConstraint(
                fields=("account", "day"), name="account_is_activated_once_a_day"
            ),
        ),
        migrations.AddIndex(
            model_name="lot",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["available_at"], name="lots_by_availability"
            ),
        ),
    ]
