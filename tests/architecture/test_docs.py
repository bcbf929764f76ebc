"""Docs that list things are compared with the things."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings

from core.api.problems import status_of
from core.assembly import modules_named
from core.errors import Refusal
from core.locking import ORDER
from tests import promises
from tests.architecture.sources import APPS, PROJECT, called, calls, chain, source, sources

DOCS = PROJECT / "docs"
PAGES = [*sorted(PROJECT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
INTERNAL = {"DJANGO_SETTINGS_MODULE"}  # set by ourselves, read by Django


def table(page, first=r"[^`]+"):
    """Return the cells of each row whose first cell is code."""
    text = DOCS.joinpath(page).read_text(encoding="utf-8")
    rows = re.findall(rf"^\| (`{first}`.*) \|$", text, re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in rows]


def refusals(kind=Refusal):
    yield kind
    for narrower in kind.__subclasses__():
        yield from refusals(narrower)


def environment_in(one):
    """Return the names of the variables that a file reads."""
    names = set()
    for call in calls(one):
        reads = chain(call)[:1] == ["env"] or chain(call)[-2:] == ["environ", "get"]
        if reads and call.args and isinstance(getattr(call.args[0], "value", None), str):
            names.add(call.args[0].value)
    return names


def test_the_list_of_refusals_is_complete():
    for one in sources():
        if one.path.endswith("errors.py"):
            import_module(one.path.removesuffix(".py").replace("/", "."))
    known = {(kind.code, str(status_of(kind))) for kind in refusals()}

    written = [(code.strip("`"), status) for code, status, _when in table("errors.md")]

    assert written == sorted(known)


def test_every_setting_of_the_environment_is_told():
    read = set().union(*map(environment_in, sources()))
    told = [name for row in table("running.md") for name in re.findall(r"`([A-Z_]{5,})`", row[0])]

    assert sorted(told) == sorted(read - INTERNAL)
    assert environment_in(source("os.environ.get('A'); env.bool('B', default=False)")) == {"A", "B"}


def test_every_periodic_task_is_told():
    told = {row[0].strip("`"): row[1] for row in table("architecture.md", r"[a-z]+\.[a-z_-]+")}
    tasks = settings.CELERY_BEAT_SCHEDULE.values()

    assert told == {one["task"]: f"{one['schedule']:.0f} s" for one in tasks}


def test_the_order_of_locks_is_told():
    text = DOCS.joinpath("locking.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| `([\w.]+)` \|", text, re.MULTILINE)

    assert rows == [(str(step), label) for step, label in enumerate(ORDER, start=1)]


def test_what_has_a_place_in_the_order_is_locked_somewhere():
    locked = {
        getattr(call.args[0], "id", "")
        for one in sources()
        for call in calls(one)
        if called(call) in {"lock_all", "lock_one", "lock_those"} and call.args
    }

    inserted = {"core.IdempotentRequest"}  # the insert is the lock
    assert {label.partition(".")[2] for label in {*ORDER} - inserted} == locked - {"model"}


def test_every_invariant_is_told_and_promised():
    held = {one.name for module in modules_named("invariants") for one in all_of(module)}
    text = DOCS.joinpath("ledger.md").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^\| (INV-\w+) \|", text, re.MULTILINE)) == sorted(held)
    assert [name for name in held if name not in promises.promised()] == []


def all_of(module):
    return getattr(module, "INVARIANTS", [])


def test_the_glossary_is_sorted():
    text = DOCS.joinpath("glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| (\w[\w -]*) \| ", text, re.MULTILINE)[1:]

    assert words == sorted(words)
    assert len(words) > 20


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_what_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    folders = "|".join([*APPS, "docs", "static", "templates", "tests"])
    named = re.findall(rf"`((?:{folders})/[\w/.-]*)`", text)

    gone = [link for link in links if not (page.parent / link).exists()]
    gone += [name for name in named if not PROJECT.joinpath(name).exists()]
    assert gone == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_command_that_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", Path(PROJECT, "Makefile").read_text(), re.MULTILINE))
    commands = {path.stem for path in PROJECT.rglob("management/commands/*.py")}
    commands |= {"check", "collectstatic", "migrate"}

    asked = set(re.findall(r"(?:^ {4}|`)make ([a-z]+)", text, re.MULTILINE))
    called_for = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert asked - targets == set()
    assert called_for - commands == set()


def test_decisions_are_numbered_without_a_gap_and_fit_on_a_page():
    records = sorted(DOCS.joinpath("adr").glob("*.md"))
    heads = [path.read_text(encoding="utf-8").splitlines()[0] for path in records]

    assert [int(path.name[:4]) for path in records] == [*range(1, len(records) + 1)]
    assert [int(head[2:].partition(".")[0]) for head in heads] == [*range(1, len(records) + 1)]
    assert max(len(path.read_text(encoding="utf-8").splitlines()) for path in records) <= 60


def test_a_mark_is_found_wherever_it_stands():
    marked = """
pytestmark = pytest.mark.proves("A1")

@pytest.mark.proves("A2", "A3")
@pytest.mark.parametrize("one", [pytest.param(1, marks=pytest.mark.proves("A4"))])
def test_this(one): ...
"""

    found = {name for name, _test in promises.proofs_in(marked)}

    assert found == {"A1", "A2", "A3", "A4"}
    assert len(promises.unknown({"no such promise": ["tests/test_a.py::test_this"]})) == 1
    assert len(promises.unknown({"L1": ["tests/test_a.py::make_something"]})) == 1


def test_a_promise_is_said_in_a_few_words():
    rows = promises.ROW.findall(DOCS.joinpath("promises.md").read_text(encoding="utf-8"))

    assert len(rows) == len({name for name, _words in rows})
    assert [words for _name, words in rows if len(words.split()) > 12] == []
