"""The docs say what the challenges of a program file are made of."""

import re
from pathlib import Path

from loyalty.challenge_document import ChallengePart
from loyalty.challenges.periods import PERIODS
from loyalty.challenges.targets import TARGETS
from tests.loyalty.test_program_docs import fields_of

DOCS = (Path(__file__).parents[3] / "docs/program-file.md").read_text()
UNFOLDED = ("target", "period", "conditions", "gifts")  # each has tables of its own


def test_every_field_of_a_challenge_is_documented_in_order():
    documented = re.findall(r"^\| `(challenges\[\][^`]+)` \|", DOCS, re.MULTILINE)
    spec = "challenges[].versions[].spec."
    fields = [
        path
        for path in fields_of(ChallengePart, "challenges[].")
        if not any(path.startswith(f"{spec}{name}.") for name in UNFOLDED)
        and not any(path.startswith(f"{spec}{name}[]") for name in UNFOLDED)
    ]

    assert documented == fields


def test_every_target_and_period_is_documented_in_its_own_words():
    rows = re.findall(r"^\| (target|period) \| `(\w+)` \| (.*?) \| (.*) \|$", DOCS, re.MULTILINE)
    kinds = [("target", TARGETS), ("period", PERIODS)]

    assert [
        (part, name, re.findall(r"`(\w+)`", fields), said) for part, name, fields, said in rows
    ] == [
        (
            part,
            name,
            [info.alias or key for key, info in kind.model_fields.items() if key != "type"],
            kind.meaning,
        )
        for part, table in kinds
        for name, kind in table.items()
    ]
