"""What the real database must look like, whatever the models say."""

from __future__ import annotations

import re

import pytest
from django.db import connection

from tests.architecture.sources import PROJECT

OURS = ("core_", "members_", "loyalty_", "rewards_")
TENANT = ("organization_id", "program_id", "account_id")
WITHOUT_ORGANIZATION = {"core_auditrecord": "what the operator does concerns no organization"}
MONEY = "rewards_giftcard"  # whose balances are amounts
FACTS = {
    "core_auditrecord",
    "loyalty_awardreversal",
    "loyalty_challengeversion",
    "loyalty_consumption",
    "loyalty_entry",
    "loyalty_ladderversion",
    "loyalty_payment",
    "loyalty_pointsputback",
    "loyalty_returnline",
    "loyalty_ruleversion",
    "loyalty_seal",
    "loyalty_stampcardversion",
    "loyalty_stampmove",
    "loyalty_tierchange",
    "loyalty_tiercount",
    "members_consent",
    "rewards_benefitversion",
    "rewards_purchasediscount",
    "rewards_giftcardentry",
    "rewards_drawsecret",
}

# Foreign keys between rows of one organization that the database alone does not compare.
TRUSTED = {
    "loyalty_activity": "written by one service from scoped rows; INV-11 compares",
    "loyalty_adjustmentrequest": "written by one service from scoped rows; INV-18 compares",
    "loyalty_purchase": "written by one service from scoped rows; INV-11 compares",
    "loyalty_receiptimport": "names the batch it made itself",
    "loyalty_receiptupload": "names the import that a worker began for it",
    "loyalty_return": "written by one service from scoped rows; INV-11 compares",
    "rewards_quote": "written by one service from scoped rows; INV-11 compares",
    "rewards_giftcard": "written by one service from scoped rows; INV-11 compares",
    "rewards_redemption": "written by one service from scoped rows; INV-11 compares",
    "rewards_voucher": "written by one service from scoped rows; INV-11 compares",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(db):
    def question(sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    return question


def columns(ask, kinds=""):
    rows = ask(
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_schema = 'public'"
    )
    return [row for row in rows if row[0].startswith(OURS) and (not kinds or row[2] in kinds)]


@pytest.mark.proves("L9", "INV-16")
def test_no_column_is_a_float(ask):
    inexact = columns(ask, {"real", "double precision", "money"})

    assert inexact == []
    assert len(columns(ask)) > 100


@pytest.mark.proves("INV-16")
def test_points_are_integers_wherever_they_stand(ask):
    names = re.compile(r"points|balance|debt|remaining|held$|awarded|desired|reversed|sequence")
    points = [row for row in columns(ask, {"numeric"}) if not row[0].startswith(MONEY)]
    fractions = [row for row in points if names.search(row[1])]
    whole = [row for row in columns(ask, {"bigint", "integer"}) if names.search(row[1])]

    assert fractions == []
    assert len(whole) > 10


@pytest.mark.proves("L9")
def test_no_row_is_without_its_tenant(ask):
    optional = {row[0] for row in columns(ask) if row[1] in TENANT and row[3] == "YES"}

    assert optional == set(WITHOUT_ORGANIZATION)


def test_facts_refuse_to_be_changed(ask):
    guarded = ask(
        "SELECT tgrelid::regclass::text FROM pg_trigger"
        " WHERE tgname LIKE '%append_only' AND tgenabled = 'O'"
    )

    assert {table for (table,) in guarded} == FACTS


@pytest.mark.proves("L9")
def test_configuration_and_membership_cannot_join_two_organizations(ask):
    joined = ask(
        """
        WITH owned AS (
            SELECT attrelid AS id FROM pg_attribute
            WHERE attname = 'organization_id' AND attnum > 0 AND NOT attisdropped
        )
        SELECT held.conrelid::regclass::text, array_agg(
            (SELECT attname::text FROM pg_attribute
             WHERE attrelid = held.conrelid AND attnum = held.conkey[cardinality(held.conkey)])
            || ' ' || cardinality(held.conkey)
        )
        FROM pg_constraint held
        WHERE contype = 'f' AND conrelid IN (SELECT id FROM owned)
            AND confrelid IN (SELECT id FROM owned)
        GROUP BY 1
        """
    )
    alone = {table for table, keys in joined if not compared(keys)}

    assert alone == set(TRUSTED)
    assert compared(["store_id 1", "store_id 2"])
    assert not compared(["store_id 1", "store_id 2", "register_id 1"])


def compared(keys):
    """Whether every plain key has a twin that carries the organization too."""
    plain = {key.split()[0] for key in keys if key.endswith(" 1")}
    return plain <= {key.split()[0] for key in keys if key.endswith(" 2")}


def test_the_page_on_the_ledger_names_a_guard_that_exists(ask):
    page = PROJECT.joinpath("docs", "ledger.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+){2,})`", page)) - {"audit_ledger"}
    known = {name for (name,) in ask("SELECT conname FROM pg_constraint")}
    known |= {name for (name,) in ask("SELECT indexname FROM pg_indexes")}

    assert named - known == set()
