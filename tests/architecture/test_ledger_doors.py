"""Points move through one door, rows are locked in one place, and work is handed over by rows."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.sources import (
    called,
    calls,
    chain,
    imported,
    source,
    sources,
    texts,
    where,
    written_to,
)

LEDGER = "loyalty/services/ledger/"
GIFT_CARD_LEDGER = "rewards/services/gift_card_ledger.py"
ROWS = {"Consumption", "Entry", "Hold", "HoldLot", "Lot"}
WRITES = {"bulk_create", "bulk_update", "create", "delete", "get_or_create", "update"}
WRITES |= {"update_or_create"}
FIGURES = {"balance", "balance_after", "held", "remaining", "sequence"}
TABLE = r"loyalty_(?:account|consumption|entry|hold|holdlot|lot)"
TABLES = re.compile(  # in SQL, or as a name that is handed to whoever writes it
    rf"\b(?:update|insert into|delete from|copy|truncate)\s+{TABLE}\b|^{TABLE}$", re.IGNORECASE
)
LOCKING_SQL = re.compile(
    r"\bfor\s+(?:no\s+key\s+)?(?:update|share)\b|\block\s+table\b", re.IGNORECASE
)
BROKER = {"apply_async", "delay", "send_task"}
SECRETS = re.compile(r"secret|token|password|signature|\bpin\b|_pin\b")


def ledger_writes_in(one):
    """Every place that makes or changes a row of the ledger, or an account's figures."""
    made = [call for call in calls(one) if getattr(call.func, "id", "") in ROWS or is_fresh(call)]
    written = [
        call
        for call in calls(one)
        if called(call) in WRITES and {*ROWS, "Account"}.intersection(chain(call))
    ]
    opened = [call for call in written if chain(call) == ["Account", "objects", "bulk_create"]]
    figures = [node for node in written_to(one) if node.attr in FIGURES]
    sql = [one.path for text in texts(one) if TABLES.search(text)]
    found = [*made, *(call for call in written if call not in opened), *figures]
    return [where(one, node) for node in found] + sql


def is_fresh(call):
    """Say whether a call makes a row of the ledger past its constructor."""
    return called(call) == "fresh" and getattr(call.args[0], "id", "") in ROWS


def locks_in(one):
    """Every place that locks rows."""
    taken = [where(one, call) for call in calls(one) if called(call) == "select_for_update"]
    return taken + [one.path for text in texts(one) if LOCKING_SQL.search(text)]


def sums_of_locked_rows_in(one):
    """Every place that sums up what it locks: the sum would be of the rows before the wait."""
    return [
        where(one, call)
        for call in calls(one)
        if called(call) in {"aggregate", "count", "exists"} and "select_for_update" in chain(call)
    ]


def broker_calls_in(one):
    """Every place where a request would wait for the broker, or a partial hide what is run."""
    reached = [call for call in calls(one) if called(call) in BROKER]
    hidden = [
        call
        for call in calls(one)
        if called(call) == "on_commit"
        and any(isinstance(part, ast.Call) and called(part) == "partial" for part in call.args)
    ]
    return [where(one, call) for call in [*reached, *hidden]]


def leaky_comparisons_in(one):
    """Every comparison of a secret that takes longer the more of it is right."""
    return [
        where(one, node)
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Compare)
        and isinstance(node.ops[0], (ast.Eq, ast.NotEq))
        and any(SECRETS.search(".".join(chain(side))) for side in [node.left, *node.comparators])
    ]


def shells_in(one):
    """Every place where text could become a command, or markup that nobody escaped."""
    shell = [
        call
        for call in calls(one)
        for word in call.keywords
        if word.arg == "shell" and getattr(word.value, "value", None) is not False
    ]
    run = [call for call in calls(one) if chain(call)[-2:] in (["os", "system"], ["os", "popen"])]
    raw = [call for call in calls(one) if called(call) in {"eval", "exec", "mark_safe", "SafeText"}]
    return [where(one, call) for call in [*shell, *run, *raw]]


def test_only_the_ledger_service_writes_points():
    outside = [one for one in sources() if not one.path.startswith((LEDGER, GIFT_CARD_LEDGER))]

    assert [place for one in outside for place in ledger_writes_in(one)] == []


def test_only_their_own_ledger_writes_what_is_on_gift_cards():
    writing = {
        one.path
        for one in sources()
        for call in calls(one)
        if (
            chain(call)[:2] == ["GiftCardEntry", "objects"]
            and chain(call)[-1] in {"create", "bulk_create", "get_or_create", "update_or_create"}
        )
        or chain(call) == ["GiftCardEntry"]
    }

    assert writing == {GIFT_CARD_LEDGER}


def test_the_ledger_service_is_where_points_are_written():
    inside = [one for one in sources() if one.path.startswith(LEDGER)]

    assert any(ledger_writes_in(one) for one in inside)


@pytest.mark.parametrize(
    "text",
    [
        "Entry(points=1)",
        "fresh(Entry, points=1)",
        "Lot.objects.filter(pk=1).update(remaining=0)",
        "Account.objects.filter(pk=1).update(balance=0)",
        "account.balance += 1",
        "cursor.execute('UPDATE loyalty_account SET balance = 0')",
        "copy_rows('loyalty_entry', columns, rows)",
        "append_rows('loyalty_entry', columns, rows)",
    ],
)
def test_a_write_to_the_ledger_is_seen(text):
    assert len(ledger_writes_in(source(text))) == 1


def test_rows_are_locked_in_one_module():
    found = {one.path for one in sources() if locks_in(one)}

    assert found == {"core/locking.py"}
    assert locks_in(source("rows.select_for_update()")) == ["loyalty/made_up.py:1"]
    assert locks_in(source("sql = 'SELECT 1 FOR NO KEY UPDATE'")) == ["loyalty/made_up.py"]


def test_nothing_is_summed_up_that_is_being_locked():
    assert [place for one in sources() for place in sums_of_locked_rows_in(one)] == []
    assert sums_of_locked_rows_in(source("rows.select_for_update().filter(a=1).count()"))


def test_no_request_talks_to_the_broker():
    places = [place for one in sources() for place in broker_calls_in(one)]

    # The one place that does has a thread of its own, which no request waits for.
    assert [place.partition(":")[0] for place in places] == ["core/nudges.py"]
    assert broker_calls_in(source("expire.delay()")) == ["loyalty/made_up.py:1"]
    assert broker_calls_in(source("transaction.on_commit(partial(tell, 1))"))


def test_apps_announce_by_signals_of_their_own():
    found = [
        f"{one.path} imports {name}"
        for one in sources()
        for name in imported(one)
        if name.startswith(("django.db.models.signals", "django.db.models.ModelSignal"))
    ]

    assert found == []


def test_secrets_are_compared_in_constant_time():
    assert [place for one in sources() for place in leaky_comparisons_in(one)] == []
    assert leaky_comparisons_in(source("if token == kept: pass")) == ["loyalty/made_up.py:1"]


@pytest.mark.proves("input 77")
def test_text_never_becomes_a_command_or_markup():
    assert [place for one in sources() for place in shells_in(one)] == []
    assert len(shells_in(source("run(text, shell=True); os.system(text); mark_safe(text)"))) == 3
