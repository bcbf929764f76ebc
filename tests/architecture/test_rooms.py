"""What may stand in which room of an app; who may import whom is import-linter's to judge."""

from __future__ import annotations

import ast

import pytest
from django.apps import apps

from tests.architecture.sources import (
    APPS,
    PROJECT,
    attributes,
    chain,
    imported,
    source,
    sources,
    where,
)

LINES_MAX = 400
WITHOUT_A_SUBJECT = {"base", "common", "helpers", "manager", "misc", "tools", "utils"}
NAMED_BY_DJANGO = ["core/postgresql/base.py"]  # where it looks for a database backend
WEB = ("django.http", "django.shortcuts", "django.template", "django.views", "rest_framework")
OUTSIDE_WORLD = ("django.db", "django.conf", "django.utils.timezone", "time", "random", "os")
CLOCKS = {"now", "today", "localdate", "localtime"}

# Questions that cannot name an organization, because their answer is what tells it.
UNSCOPED = {
    "core.queries.device_known_as": "the secret of a register's cookie names the device",
    "core.queries.events_not_sent": "the operator looks after the outbox of the whole installation",
    "core.queries.is_without_organizations": "asked once, before there is any",
    "core.queries.link_behind": "the secret of a link names the person",
    "core.queries.link_digest": "computes, and asks nothing",
    "core.queries.newest_messages": "the outbox of a machine from which nothing is really sent",
    "core.queries.only_organization": "the front page shows the way into the one club there is",
    "core.queries.organization_named": "the operator's command line names the organization",
    "core.queries.picture_known_as": "the digest in the address names the picture",
    "core.queries.roles_of": "the lobby asks somebody for which organization they come",
    "core.queries.staff_in": "the door that turns an address and a person into a role",
    "members.queries.club_at": "the address of a sign-in page says whose it is",
    "members.queries.member_in": "the door that turns an address and a person into a member",
}
SCOPED = {model.__name__ for app in APPS[1:] for model in apps.get_app_config(app).get_models()}
SCOPED |= {"Returned"}  # what was just taken back, with its row
SCOPED -= {"User"}  # a person, who may work for several


def managers_in(one):
    """Every place that reaches for a table."""
    names = ("objects", "_default_manager", "_base_manager")
    return [where(one, node) for node in attributes(one) if node.attr in names]


def brought_in(one, modules):
    return [
        name
        for name in imported(one)
        for module in modules
        if name == module or name.startswith(f"{module}.")
    ]


def clocks_in(one):
    """Every place that asks for the time."""
    return [
        where(one, node)
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Call)
        and len(chain(node)) > 1
        and chain(node)[-1] in CLOCKS
        and chain(node)[0] in {"date", "datetime", "timezone"}
    ]


def unscoped_in(one):
    """Every public function whose arguments name no organization and nothing within one."""
    module = one.path.removesuffix(".py").replace("/", ".")
    return [
        f"{module}.{node.name}"
        for node in one.tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and not (annotated(node) & SCOPED)
    ]


def annotated(function):
    """The names in the annotations of a function's arguments."""
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    kinds = [argument.annotation for argument in arguments if argument.annotation]
    names = [part.id for kind in kinds for part in ast.walk(kind) if isinstance(part, ast.Name)]
    return set(names)


def test_only_the_lower_rooms_ask_the_database():
    found = [place for one in sources() if not one.may_query for place in managers_in(one)]

    assert found == []
    assert managers_in(source("Member.objects.all()")) == ["loyalty/made_up.py:1"]


def test_the_domain_does_not_know_http():
    found = {one.path: brought_in(one, WEB) for one in sources() if one.is_domain}

    assert {path: names for path, names in found.items() if names} == {}
    assert brought_in(source("from django.http import Http404"), WEB) == ["django.http.Http404"]


def test_pure_modules_know_neither_database_nor_settings_nor_clock():
    pure = [one for one in sources() if one.is_pure]
    found = {one.path: brought_in(one, OUTSIDE_WORLD) + clocks_in(one) for one in pure}

    assert {path: names for path, names in found.items() if names} == {}
    assert brought_in(source("import time"), OUTSIDE_WORLD) == ["time"]
    assert clocks_in(source("at = timezone.now()")) == ["loyalty/made_up.py:1"]


@pytest.mark.proves("X4")
def test_every_question_names_its_organization_or_a_row_within_one():
    asked = [name for one in sources() if one.room == "queries" for name in unscoped_in(one)]

    assert sorted(asked) == sorted(UNSCOPED)
    assert unscoped_in(source("def lots(now: datetime) -> list[Lot]: ...")) == [
        "loyalty.made_up.lots"
    ]
    assert unscoped_in(source("def lots(account: Account) -> list[Lot]: ...")) == []


def test_a_module_is_named_after_its_subject():
    named = {one.path: one.path.rpartition("/")[2].removesuffix(".py") for one in sources()}
    folders = [path.name for app in APPS for path in (PROJECT / app).rglob("*") if path.is_dir()]

    assert [path for path, name in named.items() if name in WITHOUT_A_SUBJECT] == NAMED_BY_DJANGO
    assert WITHOUT_A_SUBJECT.intersection(folders) == set()


def test_a_file_can_be_read_in_one_sitting():
    lengths = {one.path: one.lines for one in sources()}
    for path in (PROJECT / "tests").rglob("*.py"):
        lengths[str(path.relative_to(PROJECT))] = path.read_text("utf-8").count("\n")

    assert {path: lines for path, lines in lengths.items() if lines > LINES_MAX} == {}


def test_nothing_is_imported_inside_a_function():
    found = [
        where(one, inner)
        for one in sources()
        for node in ast.walk(one.tree)
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]

    assert found == []
