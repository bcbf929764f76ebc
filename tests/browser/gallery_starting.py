"""The set-up assistant, step by step, with believable answers."""

from __future__ import annotations

from typing import Any

from core.keyed_forms import KeyForm
from loyalty.chapters import Sentence
from rewards.starting.examples import EXAMPLES
from rewards.starting_forms import FORMS
from rewards.starting_page import LOOK, TITLES, StepShown
from tests.browser.gallery_guide import guide

Pages = dict[str, tuple[str, dict[str, Any]]]
SENTENCES = [
    Sentence("1 point per £1"),
    Sentence("Members get back 1% of what they spend; a point is worth £0.01"),
    Sentence("500 points buy: 5 off your purchase"),
]
WRONG = {"has_tiers": "on", "name_1": "Gold", "threshold_1": "500", "name_2": "Silver"}


def _way(current: str) -> list[StepShown]:
    names = list(TITLES)
    here = names.index(current)
    return [
        StepShown(TITLES[name], "#main", is_current=place == here, is_done=place < here)
        for place, name in enumerate(names)
    ]


def _step(name: str, data: Any = None) -> dict[str, Any]:
    answers = EXAMPLES["fashion"].answers("Bean & Leaf").model_dump(mode="json")
    form = FORMS[name](data, answered=answers[name])
    form.is_valid()
    return {
        "steps": _way(name),
        "step": name,
        "form": form,
        "name": "Bean & Leaf Club",
        "sentences": SENTENCES,
    }


def starting_pages(office: dict[str, Any]) -> Pages:
    """Return each page by name: its template and what it shows."""
    look = {"steps": _way(LOOK), "form": KeyForm(initial={"request_key": "k"})}
    begin = {"examples": EXAMPLES.values(), "is_under_way": True}
    fault = {"faults": [{"field": "tiers", "message": "This reward is not known."}]}
    pages: Pages = {
        f"office-start-{name}": (f"office/starting/{name}.html", office | _step(name))
        for name in FORMS
    }
    return pages | {
        "office-start": ("office/starting/begin.html", office | begin),
        "office-start-wrong": ("office/starting/tiers.html", office | _step("tiers", WRONG)),
        "office-start-look": ("office/starting/look.html", office | look | {"guide": guide()}),
        "office-start-faults": ("office/starting/look.html", office | look | fault),
    }
