"""History cannot be rewritten by the role that the product connects as."""

import psycopg
import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection

from core.actors import SYSTEM
from core.services.grants import grant
from loyalty.services.adjustments import adjust_points
from tests.architecture.test_tables import FACTS
from tests.server import database_url_of_tests
from tests.shops import assert_audit_is_clean, open_shop

APP, READER = "regulars_app", "regulars_read"
MAKE = """
    DO $$ BEGIN CREATE ROLE {role} LOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
"""


@pytest.fixture
def roles(transactional_db):
    """The two roles, with what they are granted and nothing else."""
    with connection.cursor() as cursor:
        for role in (APP, READER):
            cursor.execute(MAKE.format(role=role))
    grant(app=APP, reader=READER)
    yield
    with connection.cursor() as cursor:
        for role in (APP, READER):
            cursor.execute(f"DROP OWNED BY {role}")


@pytest.fixture
def history(roles):
    """A shop in which points came and went, and a key was made."""
    shop = open_shop()
    member = shop.member()
    shop.buys(member, "10.00")
    adjust_points(
        program_id=shop.program.pk,
        member_id=member.pk,
        points=-3,
        reason="test",
        actor=SYSTEM,
        request_key="spend",
    )
    shop.api_key()
    return shop


def connected_as(role):
    used = connection.settings_dict
    return psycopg.connect(
        dbname=used["NAME"],
        host=used["HOST"] or None,
        port=used["PORT"] or None,
        password=used["PASSWORD"] or None,
        user=role,
        autocommit=True,
    )


def attempts(table):
    return [f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"]


def outcome(line, statement):
    try:
        line.execute(statement)
    except psycopg.Error as refused:
        return type(refused).__name__
    return "done"


@pytest.mark.proves("L2", "D5")
def test_the_product_has_no_right_to_change_a_fact(history):
    with connected_as(APP) as line:
        refused = {
            (table, outcome(line, statement)) for table in FACTS for statement in attempts(table)
        }
        read = {outcome(line, f"SELECT count(*) FROM {table}") for table in FACTS}

    assert refused == {(table, "InsufficientPrivilege") for table in FACTS}
    assert read == {"done"}


@pytest.mark.proves("L2", "D5")
def test_with_the_right_to_change_facts_the_trigger_still_refuses(history):
    tables = ("loyalty_entry", "loyalty_consumption", "core_auditrecord")
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT UPDATE, DELETE ON {', '.join(tables)} TO {APP}")
    before = counted(tables)

    with connected_as(APP) as line:
        refused = [outcome(line, statement) for table in tables for statement in attempts(table)]

    by_trigger = "IntegrityConstraintViolation"
    assert refused == [by_trigger, by_trigger, "InsufficientPrivilege"] * 3
    assert counted(tables) == before
    assert min(before) > 0


def counted(tables):
    with connection.cursor() as cursor:
        return [cursor.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


@pytest.mark.proves("L2")
def test_the_product_cannot_empty_any_table_nor_touch_what_was_migrated(history):
    with connected_as(APP) as line:
        emptied = outcome(line, "TRUNCATE core_outboxevent")
        migrated = outcome(line, "DELETE FROM django_migrations")
        guard = outcome(line, "ALTER TABLE loyalty_entry DISABLE TRIGGER ALL")
        role = outcome(line, "SET session_replication_role = replica")

    assert [emptied, migrated, guard, role] == ["InsufficientPrivilege"] * 4


def test_who_reads_along_can_do_nothing_else(history):
    with connected_as(READER) as line:
        read = outcome(line, "SELECT count(*) FROM loyalty_entry")
        written = outcome(line, "UPDATE core_store SET name = ''")

    assert (read, written) == ("done", "InsufficientPrivilege")


def test_migrating_as_the_owner_grants_the_product_its_rights(history, settings):
    owner = connection.settings_dict["USER"]
    settings.DATABASE_OWNER = {"USER": owner, "PASSWORD": connection.settings_dict["PASSWORD"]}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {APP}")
    connection.settings_dict["USER"] = APP

    try:
        call_command("migrate", verbosity=0)
    finally:
        connection.close()
        connection.settings_dict["USER"] = owner

    with connected_as(APP) as line:
        assert outcome(line, "INSERT INTO core_store SELECT * FROM core_store LIMIT 0") == "done"
        assert outcome(line, "DELETE FROM loyalty_entry") == "InsufficientPrivilege"
    assert database_url_of_tests().startswith(f"postgresql://{owner}")
    assert_audit_is_clean()


@pytest.mark.parametrize(("owner", "said"), [({}, ["regulars.W001"]), ({"USER": "o"}, [])])
def test_one_role_for_everything_is_warned_of(settings, owner, said):
    settings.DATABASE_OWNER = owner

    warned = [one.id for one in run_checks(include_deployment_checks=True)]

    assert [one for one in warned if one.startswith("regulars.")] == said
