from datetime import timedelta

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.api.throttling import KeyThrottle, TokenBuckets
from core.models import ApiKey, AuditRecord, Integration, Organization
from core.services.api_keys import issue_key, revoke_key, rotate_key
from tests.core.api.conftest import KEY, make_api
from tests.core.api.urls import Probe


def ask(client, **headers):
    return client.get("/api/v1/ping/", headers=headers)


def test_a_key_opens_its_own_organization(api, other):
    mine, theirs = api.get("ping/").json(), other.get("ping/").json()

    assert mine["organization"]["name"] == "Bean"
    assert mine["organization"]["id"] == str(api.organization.public_id)
    assert (mine["store"], mine["register"], mine["integration"]) == ("HS", None, "Tills")
    assert theirs["organization"]["name"] == "Leaf"


@pytest.mark.proves("input 103")
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
def test_the_scheme_is_written_in_any_case(api, scheme):
    assert ask(api.client, authorization=f"{scheme} {api.secret}").status_code == 200


@pytest.mark.proves("input 102", "input 103", "X6")
@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "",
        "{secret}",
        "Token {secret}",
        "Basic {secret}",
        "Bearer {secret} ",
        "Bearer {secret},Bearer {secret}",
        "Bearer {secret} {secret}",
        "Bearer {secret}x",
        "Bearer {tampered}",
        "Bearer rg_live_00000000_" + "A" * 43,
        "Bearer rg_live_" + "x" * 10_000,
        "Bearer ' OR 1=1--",
        "Bearer \u00e9",
    ],
)
def test_anything_but_one_good_key_is_refused_alike(api, header):
    tampered = api.secret[:-1] + ("A" if api.secret[-1] != "A" else "B")

    answer = ask(api.client, authorization=header.format(secret=api.secret, tampered=tampered))

    assert (answer.status_code, answer.json()["code"]) == (401, "key_not_accepted")
    assert answer["WWW-Authenticate"] == 'Bearer realm="regulars"'
    assert answer["Content-Type"] == "application/problem+json"


def test_no_key_at_all_is_told_what_to_send(api):
    answer = ask(api.client)

    assert (answer.status_code, answer.json()["code"]) == (401, "key_needed")
    assert answer["WWW-Authenticate"] == 'Bearer realm="regulars"'


@pytest.mark.proves("input 102", "X6")
def test_a_revoked_key_is_dead_at_the_next_request(api):
    before = api.get("ping/")

    revoke_key(api_key_id=api.key.pk, actor=SYSTEM, reason="lost")

    assert before.status_code == 200
    assert api.get("ping/").json()["code"] == "key_not_accepted"


@pytest.mark.proves("input 102", "X6")
@pytest.mark.parametrize("is_read_before", [True, False])
def test_whom_a_key_stands_for_is_as_new_as_the_key(api, is_read_before):
    if is_read_before:
        api.get("ping/")

    Integration.objects.filter(pk=api.integration.pk).update(
        scopes=["program:read"], store=api.organization.stores.get(code="MK")
    )
    Organization.objects.filter(pk=api.organization.pk).update(name="Bean & Sons")
    told = api.get("ping/").json()

    assert told["organization"]["name"] == "Bean & Sons"
    assert (told["store"], told["scopes"]) == ("MK", ["program:read"])
    assert api.get("probe/").json()["code"] == "scope_missing"


def test_a_known_key_costs_one_question(api, django_assert_num_queries):
    api.get("ping/")

    with django_assert_num_queries(1):
        api.get("ping/")


def test_two_shop_systems_on_one_connection_stay_apart(api, other):
    names = [one.get("ping/").json()["organization"]["name"] for one in (api, other, api, other)]

    assert names == ["Bean", "Leaf", "Bean", "Leaf"]


@pytest.mark.proves("input 102", "X6")
def test_a_key_ends_on_its_date(api):
    now = timezone.now()
    ended = issue_key(integration_id=api.integration.pk, expires_at=now - timedelta(seconds=1))
    revoke_key(api_key_id=ended.key.pk, actor=SYSTEM, reason="unused")
    lasting = issue_key(integration_id=api.integration.pk, expires_at=now + timedelta(hours=1))

    assert ask(api.client, authorization=f"Bearer {ended.secret}").status_code == 401
    assert ask(api.client, authorization=f"Bearer {lasting.secret}").status_code == 200


@pytest.mark.proves("input 102")
@pytest.mark.parametrize("query", ["api_key={0}", "token=Bearer+{0}", "a=%20{0}%20", "x={0}&y={0}"])
def test_a_key_in_the_address_is_refused_and_revoked(api, query):
    answer = api.client.get("/api/v1/ping/?" + query.format(api.secret))

    key = ApiKey.objects.get(pk=api.key.pk)
    record = AuditRecord.objects.get(verb="revoked")
    assert (answer.status_code, answer.json()["code"]) == (401, "key_in_url")
    assert key.revoked_at is not None
    assert (record.subject_id, record.reason) == (key.pk, "sent in an address")
    assert api.get("ping/").status_code == 401


def test_a_made_up_key_in_the_address_revokes_nothing(api):
    made_up = f"rg_live_{api.key.prefix}_{'A' * 43}"

    answer = api.get(f"ping/?api_key={made_up}")

    assert answer.json()["code"] == "key_in_url"
    assert ApiKey.objects.get(pk=api.key.pk).revoked_at is None


@pytest.mark.proves("input 102")
def test_a_key_in_the_body_is_no_key(api):
    answer = api.client.post(
        "/api/v1/keyless/", {"api_key": api.secret}, content_type="application/json"
    )

    assert answer.json()["code"] == "key_needed"


@pytest.mark.proves("input 104", "input 106")
@pytest.mark.parametrize("cookie", ["sid", "register"])
def test_a_key_beside_a_session_is_ambiguous(api, cookie):
    api.client.cookies[cookie] = "anything"

    answer = api.get("ping/")

    assert (answer.status_code, answer.json()["code"]) == (400, "ambiguous_credentials")


@pytest.mark.proves("input 104")
def test_a_session_is_never_enough(api, django_user_model):
    user = django_user_model.objects.create_superuser(email="root@example.com")
    api.client.force_login(user)

    answer = ask(api.client, origin="https://evil.example")

    assert (answer.status_code, answer.json()["code"]) == (401, "key_needed")
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert answer.cookies == {}


def test_cookies_that_prove_nothing_do_no_harm(api):
    api.client.cookies["theme"] = "dark"

    assert api.get("ping/").status_code == 200


@pytest.mark.proves("X6")
def test_a_key_without_the_scope_may_not(db):
    api = make_api(scopes=("members:read",))

    answer = api.post("probe/", {"amount": "1"}, idempotency_key=KEY)

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert answer.json()["data"] == {"scope": "purchases:write"}
    assert api.get("probe/").status_code == 200
    assert Probe.done == []


def test_clear_text_is_refused_where_https_is_meant(api, settings):
    settings.SECURE_SSL_REDIRECT = True

    in_clear = api.client.get("/api/v1/ping/", headers=api.headers({}))
    safe = api.client.get("/api/v1/ping/", headers=api.headers({}), secure=True)

    assert (in_clear.status_code, in_clear.json()["code"]) == (403, "tls_required")
    assert safe.status_code == 200


@pytest.mark.proves("X6")
def test_a_request_asks_the_database_for_its_caller_once(api, django_assert_num_queries):
    api.get("ping/")

    with django_assert_num_queries(1):
        api.get("ping/")


@pytest.mark.proves("X6")
def test_a_scope_that_is_taken_away_is_missing_at_the_next_request(api):
    api.get("probe/")
    before = api.get("probe/").status_code

    Integration.objects.filter(pk=api.integration.pk).update(scopes=["rewards:read"])

    assert (before, api.get("probe/").status_code) == (200, 403)


def test_an_organization_that_changes_its_name_is_told_by_the_new_one(api):
    api.get("ping/")

    Organization.objects.filter(pk=api.organization.pk).update(name="Bean & Leaf")

    assert api.get("ping/").json()["organization"]["name"] == "Bean & Leaf"


@pytest.mark.proves("X6")
def test_a_known_prefix_opens_nothing_with_another_secret(api):
    tampered = api.secret[:-1] + ("A" if api.secret[-1] != "A" else "B")
    known = [api.get("ping/").status_code for _ in range(2)]

    answer = ask(api.client, authorization=f"Bearer {tampered}")

    assert (known, answer.status_code) == ([200, 200], 401)


def test_use_is_noted_once_a_minute(api, time_machine):
    time_machine.move_to("2026-03-02T09:00:00Z", tick=False)
    api.get("ping/")
    time_machine.shift(59)
    api.get("ping/")
    within = ApiKey.objects.get(pk=api.key.pk).last_used_at
    time_machine.shift(1)
    api.get("ping/")

    after = ApiKey.objects.get(pk=api.key.pk).last_used_at
    assert (within.second, within.minute) == (0, 0)
    assert after - within == timedelta(minutes=1)


@pytest.mark.proves("P7")
def test_a_key_that_asks_too_often_waits_and_others_do_not(api, other, monkeypatch):
    monkeypatch.setattr(KeyThrottle, "buckets", TokenBuckets(per_second=0.1, burst=2))

    statuses = [api.get("ping/").status_code for _ in range(2)]
    refused = api.get("ping/")

    assert statuses == [200, 200]
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused["Retry-After"] == "10"
    assert other.get("ping/").status_code == 200


@pytest.mark.proves("P7")
def test_a_bucket_holds_the_burst_and_fills_again():
    buckets = TokenBuckets(per_second=500, burst=1000)

    waits = [buckets.wait_for("key", now=10.0) for _ in range(1001)]

    assert waits[:1000] == [0.0] * 1000
    assert waits[1000] == pytest.approx(0.002)
    assert buckets.wait_for("key", now=10.002) == 0.0
    assert buckets.wait_for("key", now=10.002) > 0
    assert [buckets.wait_for("key", now=99.0) for _ in range(1001)].count(0.0) == 1000


@pytest.mark.proves("I7")
def test_a_rotated_key_speaks_for_the_same_caller(api):
    rotated = rotate_key(integration_id=api.integration.pk)

    first = api.post("probe/", {"amount": "1"}, idempotency_key=KEY)
    second = api.post(
        "probe/",
        {"amount": "1"},
        idempotency_key=KEY,
        authorization=f"Bearer {rotated.secret}",
    )

    assert (first.status_code, second.status_code) == (201, 201)
    assert second["Idempotency-Replayed"] == "true"
    assert len(Probe.done) == 1
