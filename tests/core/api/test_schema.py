import json
import os
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS
from schemathesis.generation import GenerationMode

from core.api.fields import MONEY, MONEY_ABOVE_ZERO, QUANTITY
from core.api.pages import field_codes, openapi, refusals
from core.wsgi import Handler
from tests.core.api.conftest import make_api

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "12"))
PROBLEMS = {"400", "401", "403", "404", "429", "503"}


def operation(path, method):
    return openapi()["paths"][f"/api/v1/{path}"][method]


def component(name):
    return openapi()["components"]["schemas"][name]


@pytest.mark.parametrize(
    ("path", "method", "answers", "more"),
    [
        ("ping/", "get", {"200"}, set()),
        ("probe/", "post", {"201"}, {"409", "411", "413", "415", "422"}),
        ("keyless/", "post", {"200"}, {"409", "411", "413", "415"}),
        ("keyless/", "delete", {"200"}, {"409"}),
    ],
)
def test_every_answer_and_every_problem_is_described(path, method, answers, more):
    described = operation(path, method)["responses"]

    assert described.keys() == answers | PROBLEMS | more
    for status in PROBLEMS | more:
        assert described[status]["content"].keys() == {"application/problem+json"}


def test_a_keyed_call_requires_its_header_and_a_question_does_not():
    keyed = operation("probe/", "post")["parameters"]

    assert [(each["name"], each["in"], each["required"]) for each in keyed] == [
        ("Idempotency-Key", "header", True)
    ]
    assert "parameters" not in operation("keyless/", "post")


def test_every_call_names_its_scope_and_asks_for_the_key():
    described = operation("probe/", "post")

    assert described["description"].endswith("Needs the scope `purchases:write`.")
    assert operation("ping/", "get")["description"].endswith("Needs any key.")
    assert described["security"] == [{"key": []}]
    assert openapi()["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_fields_are_described_as_strictly_as_they_are_read():
    probe, line = component("ProbeInputRequest"), component("ProbeLineRequest")

    fields = probe["properties"]
    assert probe["additionalProperties"] is False
    assert line["additionalProperties"] is False
    assert fields["amount"]["pattern"] == MONEY_ABOVE_ZERO
    assert line["properties"]["amount"]["pattern"] == MONEY
    assert line["properties"]["quantity"]["oneOf"][0]["pattern"] == QUANTITY
    assert (fields["points"]["minimum"], fields["points"]["maximum"]) == (-1000, 1000)
    assert (fields["note"]["maxLength"], fields["note"]["minLength"]) == (40, 1)
    assert (fields["lines"]["minItems"], fields["lines"]["maxItems"]) == (1, 3)
    assert fields["channel"]["enum"] == ["till", "web"]
    assert fields["occurred_at"]["format"] == "date-time"
    assert fields["id"]["format"] == "uuid"


def test_a_body_without_fields_is_still_a_body():
    body = operation("things/{thing}/act/", "post")["requestBody"]

    assert body["required"] is True
    assert body["content"]["application/json"]["schema"] == {
        "type": "object",
        "additionalProperties": False,
    }


def test_a_list_is_described_as_a_page():
    page = component("CounterPage")
    parameters = {each["name"]: each for each in operation("stores/", "get")["parameters"]}

    assert page["properties"].keys() == {"results", "next"}
    assert parameters.keys() == {"cursor", "limit"}
    assert parameters["limit"]["schema"]["maximum"] == 100


@pytest.fixture
def document():
    """What a stranger knows of the API, and the API itself."""
    described = schemathesis.openapi.from_dict(openapi())
    described.app = Handler()
    return described


@pytest.fixture
def quiet():
    """Checks that ask of a schema more than it can say, or of HTTP less than we do."""
    return [check for check in CHECKS.get_all() if check.__name__ == "positive_data_acceptance"]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_input_breaks_a_call_or_its_description(
    transactional_db, document, settings_free, mode, quiet
):
    api = make_api()
    tried = []

    for found in document.get_all_operations():
        described = found.ok()
        if "/faults/" in described.path:
            continue
        tried.append(described.label)

        @settings_free
        @given(case=described.as_strategy(generation_mode=mode))
        def call(case):
            case.call_and_validate(headers=api.headers({}), excluded_checks=quiet)

        call()

    assert "POST /api/v1/probe/" in tried


@pytest.fixture
def settings_free():
    return settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def test_the_reference_page_shows_every_call_and_code_under_the_strict_policy(client):
    answer = client.get("/api/docs/")

    page = answer.text
    anchors = set(re.findall(r'id="([\w-]+)"', page))
    operations = [method for path in openapi()["paths"].values() for method in path.values()]
    assert answer.status_code == 200
    assert {each["operationId"] for each in operations} <= anchors
    assert {kind.code for kind in refusals()} <= anchors
    assert all(f"<code>{code}</code>" in page for code in field_codes())
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page)
    assert not re.search(r"https?://(?!loyalty\.example)", page)


def test_the_schema_is_open_and_the_same_for_everyone(client, django_assert_num_queries, db):
    first = client.get("/api/v1/schema/")

    with django_assert_num_queries(0):
        second = client.get("/api/v1/schema/")

    assert first["Content-Type"] == "application/vnd.oai.openapi+json"
    assert json.loads(first.content)["openapi"].startswith("3.")
    assert second.content == first.content


def test_the_description_is_made_without_a_doubt(settings, capfd):
    settings.ROOT_URLCONF = "config.urls"

    openapi()

    assert "Warning" not in capfd.readouterr().err
