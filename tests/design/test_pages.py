"""What holds for the HTML of every page, before a browser sees it."""

from __future__ import annotations

import re

import pytest

from tests.browser import gallery

OWN_STYLE_OR_SCRIPT = re.compile(
    r"<style|\sstyle=|\son\w+=|javascript:|<script(?!\s[^>]*(?:src=|type=\"application/json\"))"
)
# A link that a manager gave to who may follow it loads nothing and tells nobody where it stood.
LEADS_AWAY = re.compile(r"<a [^>]*rel=\"noopener noreferrer\"[^>]*>")
FOREIGN_ADDRESS = re.compile(r"(?:src|href|action)=\"(?:https?:)?//[^\"]*\"")


@pytest.mark.parametrize("name", gallery.pages())
def test_a_page_keeps_to_the_security_policy(name):
    html = gallery.drawn(name)

    assert OWN_STYLE_OR_SCRIPT.findall(html) == []
    assert FOREIGN_ADDRESS.findall(LEADS_AWAY.sub("", html)) == []


@pytest.mark.parametrize("name", gallery.pages())
def test_a_page_has_one_heading_and_each_id_once(name):
    html = gallery.drawn(name)

    ids = re.findall(r"\sid=\"([^\"]+)\"", html)
    assert sorted(ids) == sorted(set(ids))
    assert html.count("<h1") == (name != "quote")
