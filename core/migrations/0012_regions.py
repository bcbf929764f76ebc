"""Regions, which are sets of stores."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0011_no_index_twice"),
    ]

    operations = [
        migrations.CreateModel(
            name="Region",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField()),
                ("name", models.CharField(max_length=80)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="regions",
                        to="core.organization",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RegionStore",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.organization",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="core.region",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="regions",
                        to="core.store",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="region",
            name="lying",
            field=models.ManyToManyField(
                related_name="+", through="core.RegionStore", to="core.store"
            ),
        ),
        migrations.AddConstraint(
            model_name="region",
            constraint=models.UniqueConstraint(
                fields=("organization", "code"), name="region_code_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="region",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="region_belongs_to_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="region",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="region_has_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="regionstore",
            constraint=models.UniqueConstraint(
                fields=("region", "store"), name="store_is_once_in_a_region"
            ),
        ),
        migrations.RunSQL(
            """
            ALTER TABLE core_regionstore
                ADD CONSTRAINT region_is_of_the_same_organization
                    FOREIGN KEY (organization_id, region_id)
                    REFERENCES core_region (organization_id, id),
                ADD CONSTRAINT store_of_region_is_of_the_same_organization
                    FOREIGN KEY (organization_id, store_id)
                    REFERENCES core_store (organization_id, id);
            """,
            """
            ALTER TABLE core_regionstore
                DROP CONSTRAINT region_is_of_the_same_organization,
                DROP CONSTRAINT store_of_region_is_of_the_same_organization;
            """,
        ),
    ]
