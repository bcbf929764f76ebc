"""A sign-in link that was used stays used, whatever the code above thinks of it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0003_sign_in")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TRIGGER core_onetimelink_is_used_once
                BEFORE UPDATE ON core_onetimelink
                FOR EACH ROW WHEN (OLD.used_at IS NOT NULL)
                EXECUTE FUNCTION regulars_refuse_change();
            """,
            "DROP TRIGGER core_onetimelink_is_used_once ON core_onetimelink;",
        ),
    ]
