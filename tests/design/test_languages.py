"""What holds for every language: it says everything, and says it so that it can be shown."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import translation

from tests.catalogs import catalogs, idle, missing, words

PLACES = re.compile(r"%\(\w+\)[sd]|%%|<[^>]+>")
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]


def places_in(text):
    return sorted(PLACES.findall(text))


def kept(code):
    return next(catalog for path, catalog in catalogs() if path.parts[-3] == code)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_has_every_word_and_no_other(code):
    catalog, template = kept(code), words()

    assert missing(catalog, template) == []
    assert idle(catalog, template) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_translation_leaves_room_for_the_same_things(code):
    plain = [one for one in kept(code) if one.id and not one.pluralizable]
    counted = [one for one in kept(code) if one.id and one.pluralizable]

    assert [one.id for one in plain if places_in(one.id) != places_in(one.string)] == []
    assert [one.id for one in counted if places_in(one.id[-1]) != places_in(one.string[-1])] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_names_itself(code):
    call_command("compile_catalogs")

    assert translation.get_language_info(code)["name_local"]
    assert translation.check_for_language(code)


@pytest.mark.parametrize("code", ["fa", "hy", "am"])
def test_a_language_is_written_in_its_own_script(code):
    latin = re.compile(r"[a-z]{4,}")
    own = [one for one in kept(code) if one.id and not one.pluralizable]
    borrowed = [one.id for one in own if not re.search(r"[^\x00-\u024f\u2000-\u206f]", one.string)]

    assert [text for text in borrowed if latin.search(re.sub(PLACES, "", text))] == ["Regulars"]
