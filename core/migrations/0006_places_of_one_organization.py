"""A register is in a store of its own organization, and a shop system is bound to places of its own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0005_cache_table")]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE core_register
                ADD CONSTRAINT register_and_store_are_of_the_same_organization
                    FOREIGN KEY (organization_id, store_id)
                    REFERENCES core_store (organization_id, id);
            ALTER TABLE core_integration
                ADD CONSTRAINT integration_and_store_are_of_the_same_organization
                    FOREIGN KEY (organization_id, store_id)
                    REFERENCES core_store (organization_id, id),
                ADD CONSTRAINT integration_and_register_are_of_the_same_organization
                    FOREIGN KEY (organization_id, register_id)
                    REFERENCES core_register (organization_id, id);
            """,
            """
            ALTER TABLE core_integration
                DROP CONSTRAINT integration_and_register_are_of_the_same_organization,
                DROP CONSTRAINT integration_and_store_are_of_the_same_organization;
            ALTER TABLE core_register
                DROP CONSTRAINT register_and_store_are_of_the_same_organization;
            """,
        ),
    ]
