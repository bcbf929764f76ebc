"""The page that tells how a condition is added shows one as it really stands."""

import inspect
import re
from pathlib import Path

import pytest

from loyalty.earning.vocabulary import conditions, earner
from loyalty.earning.vocabulary.labels import FIELDS, TYPES, VALUES
from loyalty.earning.vocabulary.rule import CONDITIONS
from tests.loyalty.earning import test_condition_words

PROJECT = Path(__file__).parents[3]
PAGE = (PROJECT / "docs/adding-a-condition.md").read_text()


def test_the_example_stands_in_the_code_word_by_word():
    [example] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    assert example == inspect.getsource(earner.GroupCondition)


def test_the_page_names_what_there_is():
    bases = re.findall(r"^- `(\w+)`: ", PAGE, re.MULTILINE)
    parts = "label|meaning|unmet|words|why_not|asks"
    members = re.findall(rf"^\| .* \|.*?`({parts})`", PAGE, re.MULTILINE)
    files = re.findall(r"`((?:loyalty|tests)/[\w/]+\.py)`", PAGE)

    assert all(hasattr(conditions, name) or hasattr(earner, name) for name in bases)
    assert set(members) == set(parts.split("|"))
    assert [path for path in files if not (PROJECT / path).exists()] == []
    assert test_condition_words.IN_WORDS
    assert test_condition_words.CONDITIONS_SAID


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_condition_brings_its_own_words(name):
    kind = CONDITIONS[name]
    fields = [info.alias or key for key, info in kind.model_fields.items() if key != "type"]

    assert TYPES[name] == kind.label
    assert [FIELDS[f"{name}.{field}"] for field in fields] == [
        kind.labels[field] for field in fields
    ]
    assert {key for key in kind.labels if "." in key} <= VALUES.keys()
