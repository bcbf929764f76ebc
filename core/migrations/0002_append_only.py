"""History is append-only: one trigger function, used by every table of facts."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION regulars_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END $$;
            CREATE TRIGGER core_auditrecord_append_only
                BEFORE UPDATE OR DELETE ON core_auditrecord
                FOR EACH ROW EXECUTE FUNCTION regulars_refuse_change();
            """,
            """
            DROP TRIGGER core_auditrecord_append_only ON core_auditrecord;
            DROP FUNCTION regulars_refuse_change();
            """,
        ),
    ]
