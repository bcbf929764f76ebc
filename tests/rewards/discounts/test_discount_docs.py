"""The page on benefits says what the code does."""

import re
from pathlib import Path

from rewards.discounts.effects import EFFECTS
from rewards.discounts.spec import BenefitSpec

PAGE = (Path(__file__).parents[3] / "docs/benefits.md").read_text(encoding="utf-8")


def test_every_effect_is_told_in_its_own_words():
    rows = re.findall(r"^\| `(\w+)` \| (.*?) ?\| (.*) \|$", PAGE, re.MULTILINE)
    told = {name: (tuple(re.findall(r"`(\w+)`", fields)), text) for name, fields, text in rows}

    for name, kind in EFFECTS.items():
        assert told[name] == (
            tuple(key for key in kind.model_fields if key != "type"),
            kind.meaning,
        )


def test_every_field_of_a_benefit_is_told():
    told = re.findall(r"^\| `(\w+)` \| .* \| .* \|$", PAGE.partition("| effect |")[0], re.MULTILINE)

    assert told == list(BenefitSpec.model_fields)
