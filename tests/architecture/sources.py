"""The project's own sources, read once, and the questions that the tests ask about them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

PROJECT = Path(settings.BASE_DIR)
APPS = ("config", "core", "members", "loyalty", "rewards", "insights")

PURE = {
    "core": {
        "actors",
        "canonical",
        "codes",
        "csv_text",
        "currencies",
        "errors",
        "invariants",
        "text",
    },
    "members": {"attributes", "birthdays", "cards", "emails", "errors", "names", "phones"}
    | {"references"},
    "loyalty": {"earning", "errors", "expiry", "importing", "invariants", "lots", "receipts"}
    | {"program_document", "program_settings", "rule_history", "sealing", "terms", "waiting"}
    | {"challenge_document", "challenges", "gifts", "habits"},
    "rewards": {"amounts", "answers", "catalog_document", "errors", "invariants", "pricing"}
    | {"gift_card_codes", "gift_card_errors", "gift_card_shares"}
    | {"voucher_codes"}
    | {"batch_errors", "draw_errors", "drawing"},
    "insights": {"charts", "errors", "figures"},
}
RECORDS = {"core": {"audit", "bulk", "idempotency", "locking", "outbox", "subscriptions"}}
DATABASE = {"models", "queries", "services", "tasks", "batch_queries"}


@dataclass(frozen=True, slots=True)
class Source:
    """One file, with the app and the room it stands in."""

    path: str
    tree: ast.Module
    lines: int

    @property
    def app(self) -> str:
        """Return the package it belongs to."""
        return self.path.split("/")[0]

    @property
    def room(self) -> str:
        """Return the room within its app."""
        return self.path.split("/")[1].removesuffix(".py")

    @property
    def is_pure(self) -> bool:
        """Say whether it may know neither database nor clock."""
        return self.room in PURE.get(self.app, set())

    @property
    def may_query(self) -> bool:
        """Say whether it may ask the database by itself."""
        return self.room in DATABASE or self.room in RECORDS.get(self.app, set())

    @property
    def is_domain(self) -> bool:
        """Say whether it stands below everything that knows of requests."""
        return self.is_pure or self.may_query


def source(text: str, path: str = "loyalty/made_up.py") -> Source:
    """Return a source that is not on disk, for a test to be tested with."""
    return Source(path, ast.parse(text), text.count("\n"))


@cache
def sources() -> list[Source]:
    """Return every Python file of the apps except migrations."""
    paths = [path for app in APPS for path in sorted((PROJECT / app).rglob("*.py"))]
    return [
        source(path.read_text(encoding="utf-8"), str(path.relative_to(PROJECT)))
        for path in paths
        if "migrations" not in path.parts
    ]


def imported(one: Source) -> Iterator[str]:
    """Yield every module and name that a file imports, dotted."""
    for node in ast.walk(one.tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def attributes(one: Source) -> Iterator[ast.Attribute]:
    """Yield every ``x.name`` of a file."""
    return (node for node in ast.walk(one.tree) if isinstance(node, ast.Attribute))


def calls(one: Source) -> Iterator[ast.Call]:
    """Yield every call of a file."""
    return (node for node in ast.walk(one.tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """Return the last name of what is called."""
    return getattr(call.func, "attr", None) or getattr(call.func, "id", "")


def chain(node: ast.AST) -> list[str]:
    """Return the names that lead to an expression: ``Lot.objects.filter(…).update`` as a list."""
    names: list[str] = []
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        names.append(node.id)
    return names[::-1]


def written_to(one: Source) -> Iterator[ast.Attribute]:
    """Yield every attribute that a file assigns, adds to or deletes."""
    return (node for node in attributes(one) if not isinstance(node.ctx, ast.Load))


def texts(one: Source) -> Iterator[str]:
    """Yield every text that stands in a file, docstrings and SQL included."""
    for node in ast.walk(one.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def where(one: Source, node: ast.expr | ast.stmt) -> str:
    """Return file and line, to be shown when a test fails."""
    return f"{one.path}:{node.lineno}"
