"""Whoever holds an account does so in the account's own program and organization."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0002_append_only"),
        ("members", "0002_guards"),
    ]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE loyalty_accountholder
                ADD CONSTRAINT account_is_held_in_its_own_program
                    FOREIGN KEY (program_id, account_id)
                    REFERENCES loyalty_account (program_id, id);
            """,
            """
            ALTER TABLE loyalty_accountholder
                DROP CONSTRAINT account_is_held_in_its_own_program;
            """,
        ),
        # Neither table repeats its organization in the row between them, so no key can compare.
        migrations.RunSQL(
            """
            CREATE FUNCTION loyalty_refuse_foreign_holder() RETURNS trigger AS $$
            BEGIN
                IF (SELECT organization_id FROM members_member WHERE id = NEW.member_id)
                    IS DISTINCT FROM
                    (SELECT organization_id FROM loyalty_program WHERE id = NEW.program_id)
                THEN
                    RAISE EXCEPTION 'member and program are of different organizations'
                        USING ERRCODE = 'foreign_key_violation',
                            CONSTRAINT = 'account_is_held_in_its_own_organization';
                END IF;
                RETURN NEW;
            END
            $$ LANGUAGE plpgsql;
            CREATE TRIGGER account_is_held_in_its_own_organization
                BEFORE INSERT OR UPDATE ON loyalty_accountholder
                FOR EACH ROW EXECUTE FUNCTION loyalty_refuse_foreign_holder();
            """,
            """
            DROP TRIGGER account_is_held_in_its_own_organization ON loyalty_accountholder;
            DROP FUNCTION loyalty_refuse_foreign_holder();
            """,
        ),
    ]
