"""Keeps the languages complete: `python -m tests.catalogs` brings every catalog up to date.

With ``--check`` it changes nothing and fails when a language lacks words, or has words that are
no longer used.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from babel.messages.catalog import Catalog  # noqa: E402
from babel.messages.extract import extract  # noqa: E402
from babel.messages.pofile import read_po, write_po  # noqa: E402
from django.conf import settings  # noqa: E402
from django.utils.translation.template import templatize  # noqa: E402

ROOT = Path(settings.BASE_DIR)
APPS = ("config", *(app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()))
READ_IN_ENGLISH = (ROOT / "templates" / "api",)  # by people who write programs
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def words() -> Catalog:
    """Return what the product says to people, in the order of the files that say it."""
    catalog = Catalog(charset="utf-8")
    for path in _sources():
        found = extract("python", BytesIO(_as_python(path)), KEYWORDS, strip_comment_tags=True)
        for _line, message, _comments, context in found:
            catalog.add(message, context=context)
    return catalog


def catalogs() -> Iterator[tuple[Path, Catalog]]:
    """Return the catalog of each language but English, with the file it is kept in."""
    for code, _name in settings.LANGUAGES:
        if code != "en":
            path = ROOT / "locale" / code / "LC_MESSAGES" / "django.po"
            with path.open("rb") as file:
                yield path, read_po(file, locale=code)


def missing(catalog: Catalog, template: Catalog) -> list[str]:
    """Return the words that a language lacks."""
    known = {_key(message) for message in catalog if message.id and _is_told(message.string)}
    return [str(message.id) for message in template if message.id and _key(message) not in known]


def idle(catalog: Catalog, template: Catalog) -> list[str]:
    """Return the words that a language has and nobody says."""
    said = {_key(message) for message in template}
    return [str(message.id) for message in catalog if message.id and _key(message) not in said]


def _key(message) -> tuple[str, str | None]:
    first = message.id[0] if message.pluralizable else message.id
    return first, message.context


def _is_told(text) -> bool:
    return all(text) if isinstance(text, (list, tuple)) else bool(text)


def _sources() -> list[Path]:
    python = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    pages = sorted((ROOT / "templates").rglob("*.html"))
    english = [page for page in pages if any(one in page.parents for one in READ_IN_ENGLISH)]
    return [*(page for page in pages if page not in english), *python]


def _as_python(path: Path) -> bytes:
    text = path.read_text("utf-8")
    if path.suffix == ".html":
        said = templatize(text, origin=str(path))
        text = "\n".join(line.lstrip() for line in said.splitlines())
    return text.encode()


def _bring_up_to_date(path: Path, catalog: Catalog, template: Catalog) -> None:
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.header_comment = f"# What Regulars says in {catalog.locale.english_name}."
    with path.open("wb") as file:
        write_po(file, catalog, no_location=True, width=100, ignore_obsolete=True, sort_output=True)


def main(arguments: list[str]) -> int:
    """Write the catalogs, or say what is wrong with them."""
    template, faults = words(), 0
    for path, catalog in catalogs():
        if "--check" not in arguments:
            _bring_up_to_date(path, catalog, template)
        lacking, unused = missing(catalog, template), idle(catalog, template)
        faults += len(lacking) + len(unused)
        fate = f"{len(lacking)} missing, {len(unused)} unused"
        sys.stdout.write(f"{path.relative_to(ROOT)}: {fate}\n")
    return 1 if faults and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
