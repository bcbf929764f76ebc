import json

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import override
from rest_framework import exceptions

from core.api import errors
from core.api.pages import refusals
from core.api.problems import document, meaning_of, status_of
from core.errors import (
    Forbidden,
    IdempotencyKeyReused,
    InvalidInput,
    Missing,
    Refusal,
    RequestInProgress,
    TooMany,
    Unavailable,
)
from tests.core.api.conftest import KEY, make_api

LINE = {"quantity": "1", "amount": "1.00"}


def test_a_problem_says_everything_in_one_form(api):
    answer = api.post("probe/", {"amount": "1.005"}, idempotency_key=KEY)

    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/api/docs/#too_many_decimals",
        "title": "Too many decimals",
        "status": 400,
        "code": "too_many_decimals",
        "detail": "This has too many decimals.",
        "request_id": answer["X-Request-ID"],
        "errors": [
            {
                "field": "amount",
                "code": "too_many_decimals",
                "message": "This has too many decimals.",
            }
        ],
        "data": {},
    }


@pytest.mark.parametrize(
    ("why", "body", "found"),
    [
        (
            "deep",
            {"lines": [LINE, {**LINE, "amount": "x"}]},
            {"lines[1].amount": "invalid_decimal"},
        ),
        ("missing", {"lines": [{"quantity": 1}]}, {"lines[0].amount": "required"}),
        ("unknown, deep", {"lines": [{**LINE, "x": 1}]}, {"lines[0].x": "unknown_field"}),
        ("no list", {"lines": {"0": LINE}}, {"lines": "not_a_list"}),
        ("no object", {"lines": ["x"]}, {"lines[0]": "invalid"}),
        ("empty list", {"lines": []}, {"lines": "empty"}),
        ("too long a list", {"lines": [LINE] * 4}, {"lines": "max_length"}),
        ("null", {"lines": None}, {"lines": "null"}),
        (
            "several",
            {"amount": "x", "points": "1", "hold": "yes", "x": 1, "lines": [{}, LINE, {"y": 1}]},
            {
                "amount": "invalid_decimal",
                "points": "invalid",
                "hold": "invalid",
                "lines[0].quantity": "required",
                "lines[0].amount": "required",
                "lines[2].quantity": "required",
                "lines[2].amount": "required",
                "lines[2].y": "unknown_field",
                "x": "unknown_field",
            },
        ),
    ],
)
def test_every_wrong_field_is_named_by_its_path(api, why, body, found):
    answer = api.post("probe/", body, idempotency_key=KEY)

    problem = answer.json()
    named = {error["field"]: error["code"] for error in problem["errors"]}
    assert answer.status_code == 400
    assert named == found
    assert problem["code"] == (
        next(iter(found.values())) if len(found) == 1 else "validation_error"
    )


def test_a_refusal_of_the_domain_names_its_field_too(api):
    answer = api.post("probe/", {"note": "no store"}, idempotency_key=KEY)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "store_needed")
    assert problem["errors"][0]["field"] == "stores"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Refusal, 409),
        (RequestInProgress, 409),
        (IdempotencyKeyReused, 422),
        (InvalidInput, 400),
        (Missing, 404),
        (Forbidden, 403),
        (TooMany, 429),
        (Unavailable, 503),
        (errors.KeyNeeded, 401),
        (errors.BodyTooLarge, 413),
        (errors.MediaTypeNotSupported, 415),
        (errors.LengthRequired, 411),
        (errors.MethodNotAllowed, 405),
    ],
)
def test_each_family_has_its_status(kind, status):
    assert status_of(kind) == status
    assert document(kind(), [])["status"] == status


@pytest.mark.parametrize(
    ("accident", "code"),
    [
        (Http404(), "not_found"),
        (PermissionDenied(), "forbidden"),
        (exceptions.NotAuthenticated(), "key_needed"),
        (exceptions.Throttled(wait=3), "too_many_requests"),
        (exceptions.ParseError(), "invalid_json"),
        (SuspiciousOperation(), "malformed_headers"),
        (DataError(), "value_out_of_range"),
        (OperationalError(), "unavailable"),
        (InterfaceError(), "unavailable"),
    ],
)
def test_accidents_of_the_framework_have_a_meaning(accident, code):
    assert meaning_of(accident).code == code


def test_a_mistake_of_ours_has_none():
    assert meaning_of(ZeroDivisionError()) is None


def test_every_refusal_has_a_code_of_its_own():
    codes = [kind.code for kind in refusals()]

    assert codes == sorted(set(codes))
    assert {"not_found", "key_needed", "idempotency_key_reused"} <= set(codes)


@pytest.mark.proves("input 100")
def test_a_question_that_takes_too_long_is_503_and_may_be_repeated(transactional_db):
    api = make_api()

    answer = api.get("faults/statement-timeout/")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer["Retry-After"] == "1"
    assert api.get("ping/").status_code == 200


def test_a_value_the_database_has_no_room_for_is_400(transactional_db):
    answer = make_api().get("faults/data/")

    assert (answer.status_code, answer.json()["code"]) == (400, "value_out_of_range")


def test_a_mistake_of_ours_answers_without_a_word_of_it(api, capfd):
    answer = api.get("faults/bug/")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "ZeroDivisionError" not in answer.text
    assert answer["X-Request-ID"] == answer.json()["request_id"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/nothing/", 404, "not_found"),
        ("/api/nothing", 404, "not_found"),
        ("/api/v1/schema/?x=%ff", 400, "malformed_url"),
        ("/api/v1/probe/?phone=a%00b", 400, "malformed_url"),
        ("/api/v1/pro%00be/", 400, "malformed_url"),
    ],
)
@pytest.mark.proves("input 20")
def test_refusals_outside_any_view_are_problems_as_well(api, path, status, code):
    answer = api.client.get(path, headers=api.headers({}))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.proves("input 68")
@pytest.mark.parametrize(
    "host",
    ["evil.com", "127.0.0.2", "localhost:x", "localhost:99999", "", "a b", "localhost, evil.com"],
)
def test_a_foreign_host_is_refused(api, host, settings):
    settings.ALLOWED_HOSTS = ["localhost"]

    answer = api.client.get("/api/v1/ping/", headers=api.headers({"Host": host}))

    assert answer.status_code == 400
    assert json.loads(answer.content)["code"] == "malformed_headers"
    assert b"evil" not in answer.content


def test_a_post_to_a_page_of_the_api_says_what_is_allowed(api):
    answer = api.client.post("/api/v1/schema/")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD"


def test_sentences_are_told_in_the_language_asked_for(api):
    with override("fa"):
        sentence = str(errors.UnknownParameter.sentence)

    answer = api.get("ping/?x=1", accept_language="fa")

    assert answer["Content-Language"] == "fa"
    assert answer.json()["detail"] == sentence
