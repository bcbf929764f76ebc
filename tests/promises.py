"""Which tests prove which promise: ``python -m tests.promises`` lists them, ``--check`` judges."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parent
CATALOGUE = TESTS.parent / "docs" / "promises.md"
ROW = re.compile(r"^\| `([^`]+)` \| (.+) \|$", re.MULTILINE)


def promised() -> dict[str, str]:
    """Return every promise of the catalogue, by id."""
    return dict(ROW.findall(CATALOGUE.read_text(encoding="utf-8")))


def proofs() -> dict[str, list[str]]:
    """Return for each id that tests name the tests that name it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        where = path.relative_to(TESTS.parent)
        for name, test in proofs_in(path.read_text(encoding="utf-8")):
            found[name].append(f"{where}::{test}")
    return found


def proofs_in(source: str) -> Iterator[tuple[str, str]]:
    """Yield id and test for every mark on a test, a class of tests or one of its parameters."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            for decorator in node.decorator_list:
                yield from ((name, node.name) for name in _named(decorator))
        elif isinstance(node, ast.Assign) and _is_module_mark(node):
            yield from ((name, "every test") for name in _named(node.value))


def unknown(found: dict[str, list[str]]) -> list[str]:
    """Return a sentence for every id that is not in the catalogue, and for marks on no test."""
    known = promised()
    idle = sorted({test for tests in found.values() for test in tests if not _is_run(test)})
    return [f"{test} is marked, but is no test" for test in idle] + [
        f"{test} names {name!r}, which docs/promises.md does not list"
        for name, tests in sorted(found.items())
        if name not in known
        for test in tests
    ]


def report(found: dict[str, list[str]]) -> Iterator[str]:
    """Yield one line per promise and test, and one for each promise that is still open."""
    for name, words in promised().items():
        for test in found.get(name, ["open"]):
            yield f"{name:10} {words:62} {test}"


def _is_run(test: str) -> bool:
    return test.partition("::")[2].startswith(("test_", "Test", "every test"))


def _is_module_mark(node: ast.Assign) -> bool:
    return any(
        isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
    )


def _named(node: ast.AST) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "proves":
            yield from (_told(part) for part in call.args)


def _told(part: ast.expr) -> str:
    """Return the id; one that is put together is shown as it stands, and so is unknown."""
    return str(part.value) if isinstance(part, ast.Constant) else ast.unparse(part)


def main(arguments: list[str]) -> int:
    """List the promises, or say what is wrong with the marks."""
    found = proofs()
    wrong = unknown(found)
    if "--check" in arguments:
        print("\n".join(wrong) if wrong else f"{len(found)} promises are named by tests")
        return 1 if wrong else 0
    print("\n".join(report(found)))
    open_ = [name for name in promised() if name not in found]
    print(f"\n{len(promised())} promises, {len(open_)} open")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
