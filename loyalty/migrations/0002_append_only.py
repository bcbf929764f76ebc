"""Entries, consumptions, rule versions and reversals are never changed or deleted."""

from django.db import migrations

TABLES = [
    "loyalty_entry",
    "loyalty_consumption",
    "loyalty_ruleversion",
    "loyalty_awardreversal",
    "loyalty_returnline",
    "loyalty_payment",
]

CREATE = "\n".join(
    f"""
    CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION regulars_refuse_change();"""
    for table in TABLES
)
DROP = "\n".join(f"DROP TRIGGER {table}_append_only ON {table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
