"""What holds for every template, without looking at it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
READ_IN_ENGLISH = ROOT / "templates" / "api"  # by people who write programs
CALL = re.compile(r"\b(?:n?gettext|_)\(u?((['\"])(?:\\.|(?!\2).)*\2)", re.DOTALL)


def words_of(template: Path) -> set[str]:
    """Return what a template asks to have translated."""
    source = templatize(template.read_text(), origin=str(template))
    return {ast.literal_eval(literal) for literal, _quote in CALL.findall(source)}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_says_what_it_is_for(template):
    head = template.read_text().split("{% block")[0]

    assert re.search(r"\{# .+ #\}", head), "tell what it shows and which context it expects"


def test_persian_has_every_word_of_the_templates():
    with (ROOT / "locale/fa/LC_MESSAGES/django.po").open("rb") as file:
        catalog = read_po(file)
    pages = [path for path in TEMPLATES if READ_IN_ENGLISH not in path.parents]
    asked = set().union(*map(words_of, pages))

    known = {(m.id[0] if m.pluralizable else m.id) for m in catalog if m.id and all(m.string)}

    assert asked - known == set()
    assert list(catalog.check()) == []
