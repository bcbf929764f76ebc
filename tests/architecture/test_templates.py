"""Templates show what they are given: they ask nothing, escape everything and hold no code."""

from __future__ import annotations

import re

import pytest

from tests.architecture.sources import PROJECT

FORBIDDEN = {
    "markup that nobody escaped": r"\|\s*safe(?:seq)?\b|autoescape\s+off",
    "a style of its own": r"<style\b|\sstyle\s*=",
    "a script of its own": r"<script\b(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*[\"']|javascript:",
    "a question to the database": r"\.(?:objects|all|filter|exclude|count|exists)\b",
    "something from elsewhere": r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//",
}
TEMPLATES = sorted(PROJECT.joinpath("templates").rglob("*.html"))
USED_BY_NAME = re.compile(r"""["']([\w/-]+\.(?:html|txt))["']""")
CALLED_BY_OTHERS = ("account/", "allauth/", "mfa/")  # the sign-in package asks for these names
CALLED_BY_STATUS = re.compile(r"^(?:4\d\d\w*|500|503)\.html$")


def faults_in(text):
    return [why for why, pattern in FORBIDDEN.items() if re.search(pattern, text)]


@pytest.mark.proves("input 74")
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_template_only_shows(template):
    assert faults_in(template.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ name|safe }}", "markup that nobody escaped"),
        ('<p style="color: red">', "a style of its own"),
        ("<script>go()</script>", "a script of its own"),
        ('<p onclick="go()">', "a script of its own"),
        ("{% for one in member.cards.all %}", "a question to the database"),
        ('<img src="//example.com/a.png">', "something from elsewhere"),
    ],
)
def test_a_template_that_does_more_is_seen(text, why):
    assert faults_in(text) == [why]


def test_every_template_is_used():
    places = [
        path
        for app in ("core", "insights", "loyalty", "members", "rewards", "templates")
        for path in PROJECT.joinpath(app).rglob("*")
        if path.suffix in {".py", ".html"}
    ]
    used = {name for path in places for name in USED_BY_NAME.findall(path.read_text("utf-8"))}
    names = [str(path.relative_to(PROJECT / "templates")) for path in TEMPLATES]

    ours = [one for one in names if not one.startswith(CALLED_BY_OTHERS)]
    assert [one for one in ours if one not in used and not CALLED_BY_STATUS.match(one)] == []
