"""What holds for every template, without looking at it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_says_what_it_is_for(template):
    head = template.read_text().split("{% block")[0]

    assert re.search(r"\{# .+ #\}", head), "tell what it shows and which context it expects"
