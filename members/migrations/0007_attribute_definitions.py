"""What an organization notes about its members."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0012_regions"),
        ("members", "0006_groups"),
    ]

    operations = [
        migrations.CreateModel(
            name="AttributeDefinition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=50)),
                ("label", models.CharField(max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("number", "Number"),
                            ("yes_no", "Yes or no"),
                            ("date", "Date"),
                            ("choice", "One of a list"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=120),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[("managers", "Owners and managers"), ("office", "Analysts too")],
                        default="managers",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attributes",
                        to="core.organization",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="attributedefinition",
            constraint=models.UniqueConstraint(
                fields=("organization", "name"), name="attribute_name_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="attributedefinition",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "^[a-z][a-z0-9_]{0,49}$")),
                name="attribute_name_is_a_short_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="attributedefinition",
            constraint=models.CheckConstraint(
                condition=models.Q(("label", ""), _negated=True), name="attribute_has_a_label"
            ),
        ),
        migrations.AddConstraint(
            model_name="attributedefinition",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "choice"), ("choices", []), _connector="XOR"),
                name="only_choices_have_choices",
            ),
        ),
    ]
