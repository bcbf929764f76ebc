import math
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.actors import SYSTEM, staff_actor
from core.errors import (
    IntegrationNameTaken,
    NameMissing,
    ScopeUnknown,
    StoreCodeUnknown,
    TooManyKeys,
)
from core.models import ApiKey, AuditRecord, Integration
from core.models.access import Scope
from core.services.api_keys import (
    NewIntegration,
    digest_of,
    find_key,
    issue_key,
    note_use,
    open_integration,
    revoke_key,
    rotate_key,
)
from core.services.organizations import NewOrganization, open_organization


@pytest.fixture
def organization(db):
    new = NewOrganization(
        name="Bean",
        slug="bean",
        currency="GBP",
        country="GB",
        time_zone="Europe/London",
        language="en",
    )
    stores = [("HS", "High Street")]
    return open_organization(new=new, stores=stores, owner_email="o@bean.example").organization


@pytest.fixture
def issued(organization):
    new = NewIntegration(name="Tills", scopes=("purchases:write",), store="HS")
    return open_integration(organization_id=organization.pk, new=new)


def test_a_key_is_shown_once_and_kept_as_a_digest(issued):
    key = ApiKey.objects.get(pk=issued.key.pk)

    assert re.fullmatch(r"rg_live_[0-9a-z]{8}_[0-9A-Za-z_-]{43}", issued.secret)
    assert key.prefix in issued.secret
    assert bytes(key.digest) == digest_of(issued.secret)
    assert issued.secret.encode() not in bytes(key.digest)
    assert find_key(issued.secret) == key


def test_a_key_cannot_be_guessed(organization, issued):
    secrets = {rotate_key(integration_id=issued.key.integration_id).secret for _ in range(20)}

    letters = {letter for secret in secrets for letter in secret.rpartition("_")[2]}
    assert len(secrets) == 20
    assert 43 * math.log2(64) > 256
    assert len(letters) > 50


@pytest.mark.parametrize(
    "spoil", [str.upper, lambda key: key[:-1], lambda key: key + "A", lambda key: key[9:]]
)
def test_a_key_is_found_whole_or_not_at_all(issued, spoil):
    assert find_key(spoil(issued.secret)) is None


def test_opening_an_integration_is_on_record(organization, issued):
    integration = issued.key.integration

    records = list(AuditRecord.objects.filter(verb__in=["opened", "issued"], subject__contains="i"))
    assert (integration.name, integration.scopes) == ("Tills", ["purchases:write"])
    assert integration.store.code == "HS"
    assert ("core.integration", integration.pk) in [(r.subject, r.subject_id) for r in records]
    assert ("core.apikey", issued.key.pk) in [(r.subject, r.subject_id) for r in records]


@pytest.mark.parametrize(
    ("new", "refusal"),
    [
        (NewIntegration(name="Tills", scopes=("all",)), IntegrationNameTaken),
        (NewIntegration(name="  ", scopes=("all",)), NameMissing),
        (NewIntegration(name="Web", scopes=()), ScopeUnknown),
        (NewIntegration(name="Web", scopes=("everything",)), ScopeUnknown),
        (NewIntegration(name="Web", scopes=("all", "members:read")), ScopeUnknown),
        (NewIntegration(name="Web", scopes=("all",), store="XX"), StoreCodeUnknown),
    ],
)
def test_an_integration_that_makes_no_sense_is_refused(organization, issued, new, refusal):
    with pytest.raises(refusal):
        open_integration(organization_id=organization.pk, new=new)

    assert Integration.objects.count() == 1
    assert ApiKey.objects.count() == 1


def test_all_means_every_scope(organization):
    new = NewIntegration(name="Web", scopes=("all",))

    opened = open_integration(organization_id=organization.pk, new=new)

    assert opened.key.integration.scopes == sorted(Scope.values)


def test_two_keys_live_side_by_side_and_no_third(issued):
    integration_id = issued.key.integration_id
    issue_key(integration_id=integration_id)

    with pytest.raises(TooManyKeys):
        issue_key(integration_id=integration_id)

    assert ApiKey.objects.filter(revoked_at__isnull=True).count() == 2


def test_an_expired_key_makes_room(issued):
    integration_id = issued.key.integration_id
    issue_key(integration_id=integration_id, expires_at=timezone.now() - timedelta(days=1))

    issue_key(integration_id=integration_id)

    assert ApiKey.objects.count() == 3


def test_a_rotation_keeps_the_newest_key_and_ends_older_ones(issued):
    integration_id = issued.key.integration_id
    second = rotate_key(integration_id=integration_id)
    third = rotate_key(integration_id=integration_id)

    alive = ApiKey.objects.filter(revoked_at__isnull=True).order_by("pk")
    assert list(alive) == [second.key, third.key]


def test_a_key_is_revoked_once(issued):
    first = revoke_key(api_key_id=issued.key.pk, actor=staff_actor(1), reason="lost")
    second = revoke_key(api_key_id=issued.key.pk, actor=SYSTEM, reason="again")

    records = AuditRecord.objects.filter(verb="revoked")
    assert (first, second) == (True, False)
    assert [(record.actor, record.reason) for record in records] == [("staff:1", "lost")]


def test_noting_use_never_moves_backwards(issued):
    now = timezone.now()
    note_use(ApiKey.objects.get(pk=issued.key.pk), now)

    note_use(ApiKey.objects.get(pk=issued.key.pk), now - timedelta(hours=1))

    assert ApiKey.objects.get(pk=issued.key.pk).last_used_at == now


def test_the_command_prints_the_key_alone_on_the_last_line(organization):
    said = StringIO()

    call_command(
        "create_api_key",
        "bean",
        name="Till system",
        scopes="members:read, members:write",
        store="hs",
        stdout=said,
    )

    secret = said.getvalue().splitlines()[-1]
    integration = find_key(secret).integration
    assert integration.scopes == ["members:read", "members:write"]
    assert (integration.name, integration.store.code) == ("Till system", "HS")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"slug": "leaf"}, "slug: No organization has this short name."),
        (
            {"scopes": "everything"},
            "scopes: Name scopes from the list, or all. admin, gift-cards:write",
        ),
        ({"scopes": ""}, "scopes: Name scopes from the list, or all."),
        ({"store": "XX"}, "store: No store has this code."),
        ({"name": ""}, "name: Enter a name."),
    ],
)
def test_the_command_says_what_is_wrong(organization, options, said):
    given = {"slug": "bean", "name": "Web", "scopes": "all", "store": "", **options}

    with pytest.raises(CommandError, match=re.escape(said)):
        call_command("create_api_key", given.pop("slug"), **given)

    assert Integration.objects.count() == 0
