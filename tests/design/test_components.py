"""The page of all components, which developers look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from core.specimens import SPECIMENS
from core.views.components import LOOKS

PAGE = "/office/components/"
COMPONENTS = sorted(Path(settings.BASE_DIR, "templates", "components").glob("*.html"))


def test_every_component_is_shown():
    assert sorted(SPECIMENS) == [path.stem for path in COMPONENTS]


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_is_shown_as_it_is_named(client, db, look):
    page = client.get(PAGE, {"look": look}).content.decode()

    theme, direction = look.split("-")
    assert f'dir="{direction}" data-bs-theme="{theme}"' in page


def test_there_is_no_look_but_these(client, db):
    assert client.get(PAGE, {"look": "sepia"}).status_code == 404


def test_production_has_no_such_page(client, db, settings):
    settings.PRODUCTION = True

    assert client.get(PAGE).status_code == 404
