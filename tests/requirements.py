"""Compare the files for plain pip with uv.lock: the same versions with the same hashes.

python -m tests.requirements
"""

import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)")
HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")

Pins = dict[tuple[str, str], set[str]]


def exported(path: Path) -> Pins:
    """Return what a requirements file pins."""
    pins: Pins = {}
    for line in path.read_text().splitlines():
        if pin := PIN.match(line):
            hashes = pins.setdefault((pin[1], pin[2]), set())
        elif found := HASH.search(line):
            hashes.add(found[1])
    return pins


def locked(*, dev: bool) -> Pins:
    """Return what uv.lock pins for the product, or for its developers too."""
    packages = defaultdict(list)
    for package in tomllib.loads((PROJECT / "uv.lock").read_text())["package"]:
        packages[package["name"]].append(package)
    [project] = packages["regulars"]
    ahead = [*project["dependencies"], *_all(project["optional-dependencies"])]
    ahead += _all(project["dev-dependencies"]) if dev else []
    return {
        (package["name"], package["version"]): _hashes(package)
        for package in _reached(packages, ahead)
    }


def _reached(packages, ahead):
    """Yield what the first wishes lead to, extras included."""
    seen = set()
    while ahead:
        wanted = ahead.pop()
        extras = tuple(wanted.get("extra", []))
        for package in packages[wanted["name"]]:
            visit = (wanted["name"], package["version"], extras)
            if (
                wanted.get("version", package["version"]) == package["version"]
                and visit not in seen
            ):
                seen.add(visit)
                yield package
                optional = package.get("optional-dependencies", {})
                ahead += package.get("dependencies", [])
                ahead += [each for extra in extras for each in optional.get(extra, [])]


def _all(groups):
    return [wanted for group in groups.values() for wanted in group]


def _hashes(package):
    files = [*package.get("wheels", []), package.get("sdist", {})]
    return {file["hash"] for file in files if file}


def differences() -> list[str]:
    """Return the names of packages whose pins differ, with the file."""
    found = []
    for name, dev in (("requirements.txt", False), ("requirements-dev.txt", True)):
        ours, theirs = exported(PROJECT / name), locked(dev=dev)
        keys = sorted(ours.keys() | theirs.keys())
        found += [f"{name}: {'=='.join(key)}" for key in keys if ours.get(key) != theirs.get(key)]
    return found


if __name__ == "__main__":
    if different := differences():
        sys.exit("\n".join(["Not as in uv.lock; run `make lock`:", *different]))
