import json

import pytest
from django.conf import settings

from core.api.parsing import BODY_BYTES_MAX
from tests.core.api.conftest import KEY
from tests.core.api.urls import Probe


def nested(depth):
    return '{"note":' + "[" * depth + "]" * depth + "}"


@pytest.mark.proves(
    "input 41", "input 20", "input 21", "input 24", "input 42", "input 43", "input 108"
)
@pytest.mark.parametrize(
    ("why", "body", "code", "field"),
    [
        ("broken", "{", "invalid_json", None),
        ("trailing comma", '{"amount": "1",}', "invalid_json", None),
        ("single quotes", "{'a': 1}", "invalid_json", None),
        ("two values", "{} {}", "invalid_json", None),
        ("byte order mark", b"\xef\xbb\xbf{}", "invalid_json", None),
        ("UTF-16", "{}".encode("utf-16"), "invalid_json", None),
        ("UTF-16 without a mark", "{}".encode("utf-16-le"), "invalid_json", None),
        ("broken UTF-8", b'{"note": "\xff"}', "invalid_json", None),
        ("NaN", '{"points": NaN}', "invalid_json", None),
        ("infinity", '{"points": -Infinity}', "invalid_json", None),
        ("raw control", '{"note": "a\nb"}', "invalid_json", None),
        ("raw NUL", b'{"note": "a\x00b"}', "invalid_json", None),
        ("escaped NUL", '{"note": "a\\u0000b"}', "control_characters", "note"),
        ("NUL in a name", '{"a\\u0000": 1}', "control_characters", "a?"),
        ("lone surrogate", '{"lines": [{"x": "\\ud800"}]}', "control_characters", "lines[0].x"),
        ("lone surrogate in a name", '{"\\udfff": 1}', "control_characters", "?"),
        ("same name twice", '{"points": 1, "points": 999}', "duplicate_key", "points"),
        ("twice, deep inside", '{"lines": [{"a": 1, "a": 1}]}', "duplicate_key", "a"),
        ("twice by escapes", '{"a": 1, "\\u0061": 1}', "duplicate_key", "a"),
        ("21 levels", nested(20), "nested_too_deep", None),
        ("5,000 levels", nested(5_000), "nested_too_deep", None),
        ("100,000 levels", nested(100_000), "nested_too_deep", None),
        ("100,000 objects, never closed", '{"a":' * 50_000, "nested_too_deep", None),
        ("an endless number", '{"points": ' + "9" * 5_000 + "}", "number_too_large", None),
        ("a huge exponent", '{"points": 1e400}', "number_too_large", None),
        ("nothing", "", "empty_body", None),
        ("blanks", "  \n", "empty_body", None),
        ("a list", "[]", "object_expected", None),
        ("a string", '"{}"', "object_expected", None),
        ("null", "null", "object_expected", None),
    ],
)
def test_a_body_is_one_json_object_that_nobody_can_misread(api, why, body, code, field):
    answer = api.send("POST", "probe/", body, idempotency_key=KEY)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, code)
    assert [error["field"] for error in problem["errors"]] == ([field] if field else [])
    assert "column" not in answer.text
    assert "char" not in answer.text.replace("characters", "")
    assert Probe.done == []


def test_twenty_levels_are_read(api):
    answer = api.send("POST", "probe/", nested(19), idempotency_key=KEY)

    assert answer.json()["errors"][0]["field"] == "note"


@pytest.mark.proves("input 45", "input 105", "input 64")
@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/json",
        "application/*",
        "application/json-seq",
        "",
        "application/json; charset=bz2_codec",
        "application/json; charset=lol",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "application/json; charset=rot13",
    ],
)
def test_a_body_is_sent_as_json_in_utf_8(api, content_type):
    answer = api.send("POST", "probe/", "{}", content_type, idempotency_key=KEY)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert Probe.done == []


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON; Charset=UTF-8", 'application/json; charset="utf-8"'],
)
def test_every_spelling_of_the_right_type_is_accepted(api, content_type):
    answer = api.send("POST", "probe/", "{}", content_type, idempotency_key=KEY)

    assert answer.status_code == 201


@pytest.mark.proves("input 45")
@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", "x"])
def test_an_encoded_body_is_refused(api, encoding):
    answer = api.send("POST", "probe/", "{}", idempotency_key=KEY, content_encoding=encoding)

    assert answer.status_code == 415


@pytest.mark.proves("input 45", "P7")
def test_the_largest_body_is_read_and_one_byte_more_is_not(api):
    body = json.dumps({"note": "x"})
    largest = body + " " * (BODY_BYTES_MAX - len(body))

    read = api.send("POST", "probe/", largest, idempotency_key=KEY)
    refused = api.send("POST", "probe/", largest + " ", idempotency_key="f" * 16)

    assert read.status_code == 201
    assert (refused.status_code, refused.json()["data"]) == (413, {"limit": 262_144})
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == BODY_BYTES_MAX


@pytest.mark.proves("input 44")
@pytest.mark.parametrize("length", ["12, 12", "-1", "+3", "1e3", "٣", "0x3", "9" * 40])
def test_a_length_is_a_number(api, length):
    answer = api.client.generic(
        "POST",
        "/api/v1/probe/",
        "{}",
        content_type="application/json",
        headers=api.headers({"Idempotency-Key": KEY}),
        CONTENT_LENGTH=length,
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_headers")


@pytest.mark.proves("input 44")
def test_a_chunked_body_that_nobody_takes_apart_cannot_be_delimited(api):
    answer = api.client.generic(
        "POST",
        "/api/v1/probe/",
        "",
        headers=api.headers({"Idempotency-Key": KEY, "Transfer-Encoding": "chunked"}),
    )

    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


def test_a_call_without_a_body_reads_none(api):
    answer = api.send("DELETE", "keyless/", '{"broken"')

    assert answer.status_code == 200
