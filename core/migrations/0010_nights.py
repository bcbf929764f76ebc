import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0009_relayed_events")]

    operations = [
        migrations.CreateModel(
            name="Night",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("since", models.DateTimeField()),
                ("due", models.DateTimeField()),
                ("work", models.CharField(blank=True, max_length=40)),
                ("position", models.BigIntegerField(default=0)),
                ("skipped", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nights",
                        to="core.organization",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="night",
            constraint=models.UniqueConstraint(
                fields=("organization", "day"), name="night_of_a_day_is_one"
            ),
        ),
    ]
