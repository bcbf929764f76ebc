import uuid

import pytest
from django.urls import reverse
from rest_framework import serializers
from rest_framework.views import APIView

from core.api.serializers import StrictSerializer
from core.api.views import TenantAPIView
from core.models.access import Scope
from tests.core.api.conftest import KEY
from tests.core.api.urls import Probe, ProbeAnswer, ProbeInput

ANSWERS = {"get": {200: ProbeAnswer}}
THING = uuid.UUID("6f1c9f5e-8d5b-4a3e-9d1a-2f6f0c2b7a10")


def get(self, request):
    """Do nothing."""


def post(self, request):
    """Do nothing."""


@pytest.mark.proves("X7")
@pytest.mark.parametrize(
    ("why", "parts", "named"),
    [
        ("no scopes", {"get": get, "answers": ANSWERS}, "scopes"),
        ("no answers", {"get": get, "scopes": {"get": None}}, "answers"),
        (
            "a scope too many",
            {"get": get, "answers": ANSWERS, "scopes": {"get": None, "post": None}},
            "scopes",
        ),
        (
            "no body",
            {
                "post": post,
                "scopes": {"post": Scope.ADMIN},
                "answers": {"post": {200: ProbeAnswer}},
            },
            "bodies",
        ),
        (
            "a query of no method",
            {
                "get": get,
                "scopes": {"get": None},
                "answers": ANSWERS,
                "queries": {"post": ProbeInput},
            },
            "queries",
        ),
        (
            "a key where none belongs",
            {
                "get": get,
                "scopes": {"get": None},
                "answers": ANSWERS,
                "keyless": frozenset({"get"}),
            },
            "keyless",
        ),
    ],
)
def test_a_view_that_forgets_to_declare_cannot_be_made(why, parts, named):
    with pytest.raises(TypeError, match=f"Forgetful.{named} must declare"):
        type("Forgetful", (TenantAPIView,), parts)


@pytest.mark.proves("X7")
def test_a_view_outside_the_house_is_shut(api, rf):
    class Stranger(APIView):
        get = post

    answer = Stranger.as_view()(rf.get("/", headers=api.headers({})))

    assert answer.status_code == 403


@pytest.mark.proves("input 70")
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "probe/", None),
        ("TRACE", "probe/", None),
        ("CONNECT", "probe/", None),
        ("PROPFIND", "probe/", None),
        ("OPTIONS", "probe/", "GET, HEAD, POST"),
        ("DELETE", "probe/", "GET, HEAD, POST"),
        ("HEAD", "keyless/", "DELETE, PATCH, POST"),
        ("GET", "keyless/", "DELETE, PATCH, POST"),
        ("POST", "ping/", "GET, HEAD"),
    ],
)
def test_only_declared_methods_are_answered(api, method, path, allowed):
    answer = api.send(method, path)

    assert answer.status_code == 405
    assert answer["Allow"] == (allowed or "GET, HEAD, OPTIONS, POST, PATCH, DELETE")
    if method != "HEAD":
        assert answer.json()["code"] == "method_not_allowed"


@pytest.mark.proves("input 70")
def test_a_method_cannot_be_smuggled_in_a_header(api):
    answer = api.post("keyless/", {}, x_http_method_override="DELETE")

    assert answer.json()["heard"] == {}
    assert api.get("probe/", x_http_method_override="POST").status_code == 200


def test_head_asks_what_get_would_answer(api):
    answer = api.send("HEAD", "probe/")

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", ["probe", "probe/"])
def test_an_address_ends_with_a_slash_or_not(api, path):
    assert api.get(path).status_code == 200
    assert reverse("probe:probe") == "/api/v1/probe/"


@pytest.mark.proves("I7")
def test_both_spellings_of_an_address_are_one_route(api):
    first = api.post("probe", {"amount": "1"}, idempotency_key=KEY)
    second = api.post("probe/", {"amount": "1"}, idempotency_key=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert len(Probe.done) == 1


@pytest.mark.proves("input 71", "input 79")
@pytest.mark.parametrize(
    ("path", "code", "field"),
    [
        ("probe/?phone=1&phone=2", "repeated_parameter", "phone"),
        ("probe/?phone=1&phone=1", "repeated_parameter", "phone"),
        ("probe/?ordering=password", "unknown_parameter", "ordering"),
        ("probe/?member__program__name=x", "unknown_parameter", "member__program__name"),
        ("probe/?fields=id", "unknown_parameter", "fields"),
        ("probe/?_connector=OR", "unknown_parameter", "_connector"),
        ("probe/?format=xml", "unknown_parameter", "format"),
        ("probe/?phone[]=1", "unknown_parameter", "phone[]"),
        ("probe/?=1", "unknown_parameter", None),
        ("ping/?phone=1", "unknown_parameter", "phone"),
    ],
)
def test_a_query_is_as_strict_as_a_body(api, path, code, field):
    answer = api.get(path)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, code)
    assert [error["field"] for error in problem["errors"]] == ([field] if field else [])


@pytest.mark.proves("input 71")
def test_a_call_that_takes_a_body_takes_nothing_in_its_query(api):
    answer = api.post("probe/?amount=1", {"amount": "1"}, idempotency_key=KEY)

    assert answer.json()["code"] == "unknown_parameter"
    assert Probe.done == []


@pytest.mark.proves("input 72")
@pytest.mark.parametrize(
    "text", ["' OR 1=1--", "'; DROP TABLE x", "\\", "{{7*7}}", "%(x)s", "$(id)", "`id`", "%00x"]
)
def test_text_is_taken_literally(api, text):
    answer = api.client.get("/api/v1/probe/", {"phone": text}, headers=api.headers({}))

    assert answer.json()["heard"] == {"phone": text}


@pytest.mark.proves("input 81")
@pytest.mark.parametrize(
    "name", ["balance", "role", "program", "id_", "is_verified", "created_at", ""]
)
def test_a_field_that_does_not_exist_is_a_mistake(api, name):
    answer = api.post("probe/", {"amount": "1", name: True}, idempotency_key=KEY)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "unknown_field")
    assert [error["field"] for error in problem["errors"]] == [name or None]
    assert Probe.done == []


def test_a_field_that_is_only_shown_cannot_be_sent():
    class Card(StrictSerializer):
        balance = serializers.IntegerField(read_only=True)

    card = Card(data={"balance": 1_000_000})

    assert card.is_valid() is False
    assert card.errors["balance"][0].code == "unknown_field"


@pytest.mark.proves("input 83")
@pytest.mark.parametrize(
    "identifier", ["0", "-1", "9" * 40, "1.0", "۱۲", "null", "6f1c9f5e", "%2e%2e", str(THING) + "0"]
)
def test_what_is_no_id_is_not_found(api, identifier):
    answer = api.post(f"things/{identifier}/act/", {}, idempotency_key=KEY)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_action_without_fields_takes_an_empty_object(api):
    assert api.post(f"things/{THING}/act/", {}, idempotency_key=KEY).status_code == 200
    assert api.send("POST", f"things/{THING}/act/", "", idempotency_key=KEY).status_code == 400


def test_a_patch_takes_a_part(api):
    assert api.patch("keyless/", {"quantity": "2"}).json()["heard"] == {"quantity": "2"}
    assert api.patch("keyless/", {"quantity": "2", "x": 1}).json()["code"] == "unknown_field"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*", "image/png;q=1"])
def test_json_is_answered_whatever_is_asked_for(api, accept):
    answer = api.get("ping/", accept=accept)

    assert answer["Content-Type"] == "application/json; charset=utf-8"
