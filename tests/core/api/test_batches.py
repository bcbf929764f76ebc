"""Many calls in one request: each goes through its own door and has its own answer."""

import pytest

from core.api.batches import CALLS_MAX
from core.api.throttling import KeyThrottle, TokenBuckets
from tests.core.api.conftest import make_api
from tests.core.api.urls import Probe

pytestmark = pytest.mark.django_db


def key(number):
    return f"key-of-a-call-{number:04d}"


def probe(number, **body):
    return {"path": "probe/", "idempotency_key": key(number), "body": body}


def batch(api, *calls):
    return api.post("batches/", {"calls": list(calls)})


def told(answer):
    """Return status, code or field of each answer of a batch."""
    assert answer.status_code == 200, answer.content
    return [(one["status"], one["body"].get("code")) for one in answer.json()["answers"]]


def faults(answer):
    assert answer.status_code == 400, answer.content
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def test_each_call_has_its_own_answer_and_a_refusal_stops_no_other(api):
    answer = batch(
        api,
        probe(1, amount="2.50"),
        probe(2, note="taken", amount="1.00"),
        probe(3, amount="nonsense"),
        probe(4, note="accepted"),
    )

    assert told(answer) == [
        (201, None),
        (409, "code_taken"),
        (400, "invalid_decimal"),
        (202, None),
    ]
    assert answer.json()["answers"][2]["body"]["errors"][0]["field"] == "amount"
    assert len(Probe.done) == 3


def test_a_call_made_in_a_batch_is_the_same_call_made_alone(api):
    alone = api.post("probe/", {"amount": "2.50"}, Idempotency_Key=key(1))
    first = batch(api, probe(1, amount="2.50"), probe(2, note="taken", amount="1.00"))
    second = batch(api, probe(2, note="taken", amount="1.00"), probe(1, amount="9.00"))

    assert [one["replayed"] for one in first.json()["answers"]] == [True, False]
    assert first.json()["answers"][0]["body"] == alone.json()
    assert [one["replayed"] for one in second.json()["answers"]] == [True, False]
    assert told(second) == [(409, "code_taken"), (422, "idempotency_key_reused")]
    assert len(Probe.done) == 2


def test_a_call_without_the_key_it_needs_is_refused_alone(api):
    bare = {"path": "probe/", "body": {"amount": "2.50"}}
    question = {"path": "keyless/", "body": {"amount": "2.50"}}

    assert told(batch(api, bare, question)) == [(400, "idempotency_key_required"), (200, None)]
    assert Probe.done == []


def test_a_call_needs_the_scope_that_it_needs_alone():
    api = make_api(scopes=("members:read",))

    answer = batch(api, probe(1, amount="2.50"), {"path": "keyless/", "body": {}})

    assert told(answer) == [(403, "scope_missing"), (200, None)]
    assert Probe.done == []


def test_nobody_without_a_key_makes_a_batch(api):
    api.secret = "rg_live_none_none"

    assert batch(api, probe(1)).status_code == 401


@pytest.mark.parametrize(
    ("why", "call", "field", "code"),
    [
        ("no address", {"body": {}}, "calls[1].path", "required"),
        ("an address of its own", {"path": "https://x/", "body": {}}, "calls[1].path", "invalid"),
        ("from the root", {"path": "/api/v1/probe/", "body": {}}, "calls[1].path", "invalid"),
        ("with a query", {"path": "probe/?phone=1", "body": {}}, "calls[1].path", "invalid"),
        ("a number", {"path": 5, "body": {}}, "calls[1].path", "invalid"),
        ("no body", {"path": "probe/"}, "calls[1].body", "required"),
        ("a list", {"path": "probe/", "body": []}, "calls[1].body", "not_a_dict"),
        (
            "a short key",
            {"path": "probe/", "idempotency_key": "short", "body": {}},
            "calls[1].idempotency_key",
            "min_length",
        ),
        ("a method", {"path": "probe/", "method": "GET", "body": {}}, "calls[1].method", None),
        ("a batch", {"path": "batches/", "body": {}}, "calls[1].path", "batch_within_batch"),
        ("a batch", {"path": "batches", "body": {}}, "calls[1].path", "batch_within_batch"),
        ("no call", 5, "calls[1]", "invalid"),
    ],
)
def test_a_call_that_is_none_is_named_and_nothing_is_done(api, why, call, field, code):
    assert faults(batch(api, probe(1, amount="2.50"), call)) == [(field, code or "unknown_field")]
    assert Probe.done == []


def test_what_is_not_there_or_takes_no_post_is_said_of_that_call(api):
    answer = batch(
        api, {"path": "nowhere/", "body": {}}, {"path": "ping/", "body": {}}, probe(1, amount="1")
    )

    assert told(answer) == [(404, "not_found"), (405, "method_not_allowed"), (201, None)]


def test_a_batch_takes_a_hundred_calls_and_no_more(api):
    calls = [probe(number, amount="1.00") for number in range(CALLS_MAX + 1)]

    assert faults(batch(api, *calls)) == [("calls", "max_length")]
    assert faults(batch(api)) == [("calls", "min_length")]
    assert Probe.done == []
    assert told(batch(api, *calls[:-1])) == [(201, None)] * CALLS_MAX


def test_a_batch_that_is_too_large_is_refused_whole(api):
    answer = batch(api, probe(1, note="x" * 300_000))

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_every_call_counts_as_one_request(api, monkeypatch):
    monkeypatch.setattr(KeyThrottle, "buckets", TokenBuckets(per_second=0.01, burst=3))

    answer = batch(api, probe(1, amount="1.00"), probe(2, amount="1.00"), probe(3, amount="1.00"))

    assert told(answer) == [(201, None), (201, None), (429, "too_many_requests")]
    assert answer.json()["answers"][2]["body"]["data"]["retry_after"] > 0
    assert api.get("ping/").status_code == 429


def test_an_accident_in_one_call_is_its_own(api):
    answer = batch(api, probe(1, note="broken"), probe(2, amount="1.00"))

    assert told(answer) == [(500, "internal_error"), (201, None)]


def test_two_calls_under_one_key_are_one(api):
    answer = batch(api, probe(1, amount="1.00"), probe(1, amount="1.00"))

    assert [one["replayed"] for one in answer.json()["answers"]] == [False, True]
    assert len(Probe.done) == 1
