"""Drops the indexes of foreign keys by which a constraint's index begins anyway."""

from django.db import migrations, models

PROTECT = models.PROTECT


def without_index(
    model: str, name: str, to: str, related_name: str, **options: bool
) -> migrations.AlterField:
    """Return the change of one foreign key."""
    field = models.ForeignKey(to, PROTECT, related_name=related_name, db_index=False, **options)
    return migrations.AlterField(model_name=model, name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("members", "0001_initial"),
        ("loyalty", "0013_activations"),
    ]

    operations = [
        without_index("account", "program", "loyalty.program", "accounts"),
        without_index("accountholder", "program", "loyalty.program", "+"),
        without_index("entry", "account", "loyalty.account", "entries"),
        without_index("consumption", "entry", "loyalty.entry", "consumptions"),
        without_index("hold", "account", "loyalty.account", "holds"),
        without_index("holdlot", "hold", "loyalty.hold", "parts"),
        without_index("product", "organization", "core.organization", "products"),
        without_index("purchase", "organization", "core.organization", "purchases"),
        without_index("purchase", "member", "members.member", "purchases", null=True, blank=True),
        without_index("purchaseline", "purchase", "loyalty.purchase", "lines"),
        without_index("award", "purchase", "loyalty.purchase", "awards"),
    ]
