"""The database's own guards: consents are append-only and rows stay in one organization."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial"), ("core", "0002_append_only")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TRIGGER members_consent_append_only
                BEFORE UPDATE OR DELETE ON members_consent
                FOR EACH ROW EXECUTE FUNCTION regulars_refuse_change();
            """,
            "DROP TRIGGER members_consent_append_only ON members_consent;",
        ),
        migrations.RunSQL(
            """
            ALTER TABLE members_member
                ADD CONSTRAINT home_store_is_of_the_same_organization
                    FOREIGN KEY (organization_id, home_store_id)
                    REFERENCES core_store (organization_id, id),
                ADD CONSTRAINT survivor_is_of_the_same_organization
                    FOREIGN KEY (organization_id, merged_into_id)
                    REFERENCES members_member (organization_id, id);
            ALTER TABLE members_card
                ADD CONSTRAINT card_and_member_are_of_the_same_organization
                    FOREIGN KEY (organization_id, member_id)
                    REFERENCES members_member (organization_id, id);
            """,
            """
            ALTER TABLE members_card
                DROP CONSTRAINT card_and_member_are_of_the_same_organization;
            ALTER TABLE members_member
                DROP CONSTRAINT survivor_is_of_the_same_organization,
                DROP CONSTRAINT home_store_is_of_the_same_organization;
            """,
        ),
    ]
