import threading

import pytest
from django.db import connection, transaction

from core.models import IdempotentRequest
from core.services.api_keys import NewIntegration, open_integration
from tests.core.api.conftest import KEY, make_api
from tests.core.api.urls import Probe
from tests.racing import race

THING = "6f1c9f5e-8d5b-4a3e-9d1a-2f6f0c2b7a10"


@pytest.mark.parametrize(
    "key", ["", "x" * 15, "x" * 129, "sixteen bytes \u00e9\u00e9", "tab\tinside a key"]
)
def test_a_call_that_changes_something_needs_a_key(api, key):
    answer = api.post("probe/", {}, **({"idempotency_key": key} if key else {}))

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert Probe.done == []


@pytest.mark.proves("P7")
@pytest.mark.parametrize("key", ["x" * 16, "x" * 128, "~ printable ASCII !"])
def test_keys_of_16_to_128_characters_are_taken(api, key):
    assert api.post("probe/", {}, idempotency_key=key).status_code == 201


def test_a_question_needs_no_key(api):
    assert api.post("keyless/", {}).status_code == 200


@pytest.mark.proves("I1")
def test_the_second_answer_is_the_first_to_the_byte(api):
    first = api.post("probe/", {"amount": "12.50"}, idempotency_key=KEY)
    second = api.post("probe/", {"amount": "12.50"}, idempotency_key=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert len(Probe.done) == 1


def test_a_status_that_the_act_chose_is_remembered_too(api):
    first = api.post("probe/", {"note": "accepted"}, idempotency_key=KEY)
    second = api.post("probe/", {"note": "accepted"}, idempotency_key=KEY)

    assert (first.status_code, second.status_code) == (202, 202)
    assert second.content == first.content


@pytest.mark.proves("I11")
@pytest.mark.parametrize(
    ("why", "body"),
    [
        ("order and white space", '{ "lines":[{"quantity":"10","amount":"1"}],"note":"x"}'),
        ("decimals", '{"note":"x","lines":[{"amount":"1.00","quantity":"10.0"}]}'),
        ("a number", '{"note":"x","lines":[{"amount":"1.0","quantity":10}]}'),
        ("escapes", '{"note":"\\u0078","lines":[{"amount":"1","quantity":"10"}]}'),
        ("spaces around text", '{"note":" x ","lines":[{"amount":"1","quantity":"10"}]}'),
    ],
)
def test_two_spellings_of_one_wish_are_the_same_request(api, why, body):
    wish = {"note": "x", "lines": [{"quantity": "10", "amount": "1"}]}
    first = api.post("probe/", wish, idempotency_key=KEY)

    second = api.send("POST", "probe/", body, idempotency_key=KEY)

    assert second.content == first.content
    assert len(Probe.done) == 1


@pytest.mark.proves("I1", "I7")
@pytest.mark.parametrize(
    ("why", "path", "body", "field"),
    [
        ("another amount", "probe/", {"amount": "2.00"}, "amount"),
        ("a field more", "probe/", {"amount": "1.00", "note": "x"}, "note"),
        ("a field less", "probe/", {}, "amount"),
        ("another route", f"things/{THING}/act/", {}, "route"),
    ],
)
def test_a_key_stands_for_one_request_only(api, why, path, body, field):
    api.post("probe/", {"amount": "1.00"}, idempotency_key=KEY)

    answer = api.post(path, body, idempotency_key=KEY)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert answer.json()["errors"][0]["field"] == field
    assert len(Probe.done) == 1


@pytest.mark.proves("I7")
def test_a_key_belongs_to_one_thing(api):
    other_thing = THING.replace("6f", "7f")
    api.post(f"things/{THING}/act/", {}, idempotency_key=KEY)

    answer = api.post(f"things/{other_thing}/act/", {}, idempotency_key=KEY)

    assert answer.status_code == 422


@pytest.mark.proves("I7")
def test_the_same_key_of_another_caller_is_unrelated(api, other):
    second_system = open_integration(
        organization_id=api.organization.pk, new=NewIntegration(name="Web", scopes=("all",))
    )
    api.post("probe/", {"amount": "1.00"}, idempotency_key=KEY)

    elsewhere = other.post("probe/", {"amount": "2.00"}, idempotency_key=KEY)
    beside = api.post(
        "probe/",
        {"amount": "3.00"},
        idempotency_key=KEY,
        authorization=f"Bearer {second_system.secret}",
    )

    assert [elsewhere.status_code, beside.status_code] == [201, 201]
    assert len(Probe.done) == 3


@pytest.mark.proves("I5")
def test_a_business_refusal_is_given_again_to_the_byte(api):
    body = {"note": "taken", "amount": "1.50"}
    first = api.post("probe/", body, idempotency_key=KEY)
    second = api.post("probe/", body, idempotency_key=KEY)
    fresh = api.post("probe/", body, idempotency_key="f" * 16)

    assert (first.status_code, first.json()["code"]) == (409, "code_taken")
    assert first.json()["data"] == {"left": "1.50", "at": "2026-03-01T00:00:00Z"}
    assert (second.status_code, second.content) == (409, first.content)
    assert second["Idempotency-Replayed"] == "true"
    assert second.json()["request_id"] == first["X-Request-ID"] != second["X-Request-ID"]
    assert fresh.json()["request_id"] == fresh["X-Request-ID"]
    assert len(Probe.done) == 2


@pytest.mark.proves("I6")
@pytest.mark.parametrize(
    ("why", "path", "body", "status"),
    [
        ("malformed", "probe/", {"amount": "x"}, 400),
        ("wrong to the domain", "probe/", {"note": "no store"}, 400),
        ("absent", "nothing/", {}, 404),
        ("broken", "probe/", {"note": "broken"}, 500),
    ],
)
def test_what_was_never_decided_is_not_remembered(api, why, path, body, status):
    failed = api.post(path, body, idempotency_key=KEY)
    nothing_kept = IdempotentRequest.objects.count() == 0
    corrected = api.post("probe/", {"amount": "1.00"}, idempotency_key=KEY)

    assert (failed.status_code, nothing_kept) == (status, True)
    assert corrected.status_code == 201
    assert "Idempotency-Replayed" not in corrected


@pytest.mark.proves("I1")
@pytest.mark.race
def test_a_storm_of_repetitions_has_one_effect(transactional_db):
    api = make_api()
    ask = [
        lambda amount=amount: api.post("probe/", {"amount": amount}, idempotency_key=KEY)
        for amount in ["1.00", "2.00"] * 8
    ]

    answers = race(*ask)

    statuses = sorted(answer.status_code for answer in answers)
    created = {answer.content for answer in answers if answer.status_code == 201}
    assert statuses == [201] * 8 + [422] * 8
    assert len(created) == 1
    assert IdempotentRequest.objects.count() == 1


@pytest.mark.race
def test_a_twin_of_a_running_request_is_told_to_come_back(transactional_db):
    api = make_api()
    claimed, finished = threading.Event(), threading.Event()

    def hold_the_key():
        with transaction.atomic():
            IdempotentRequest.objects.create(
                organization=api.organization,
                caller=f"integration:{api.integration.pk}",
                key=KEY,
                route="probe:probe",
                body={"amount": "1"},
            )
            claimed.set()
            finished.wait(10)
            transaction.set_rollback(True)
        connection.close()

    first = threading.Thread(target=hold_the_key)
    first.start()
    claimed.wait(10)
    twin = api.post("probe/", {"amount": "1"}, idempotency_key=KEY)
    finished.set()
    first.join()
    later = api.post("probe/", {"amount": "1"}, idempotency_key=KEY)

    assert (twin.status_code, twin.json()["code"]) == (409, "request_in_progress")
    assert twin["Retry-After"] == "1"
    assert later.status_code == 201
    assert len(Probe.done) == 1
