from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone

from core.errors import LinkNotUsable, PasswordNotAllowed, StaffEmailNeeded
from core.models import AuditRecord, OneTimeLink
from core.services.sign_in import make_link, use_link
from tests.core.sign_in.conftest import PASSWORD, hire, sign_in, text_of
from tests.racing import race

NEW = "seven green bottles hanging"


def token_of(path):
    return path.split("/")[-2]


@pytest.fixture
def path(shop):
    return make_link(staff_id=shop.owner.pk)


def usable(shop):
    return OneTimeLink.objects.filter(
        user=shop.owner.user, used_at__isnull=True, expires_at__gt=timezone.now()
    ).count()


def test_a_link_lets_its_person_choose_a_password_and_come_in(path, shop):
    client = Client()

    page = client.get(path)
    answer = client.post(path, {"password": NEW})

    assert page.status_code == 200
    assert (answer.status_code, answer.url) == (302, "/office/")
    assert client.get("/office/bean/").status_code == 200
    shop.owner.user.refresh_from_db()
    assert shop.owner.user.check_password(NEW)


def test_looking_at_a_link_uses_nothing_up(path, shop):
    for _look in range(3):
        assert Client().get(path).status_code == 200

    assert usable(shop) == 1


def test_a_link_works_once(path, shop):
    Client().post(path, {"password": NEW})

    answer = Client().post(path, {"password": "another password entirely"})

    assert answer.status_code == 404
    assert Client().get(path).status_code == 404
    shop.owner.user.refresh_from_db()
    assert shop.owner.user.check_password(NEW)


@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (61, 404)])
def test_a_link_works_for_an_hour(clock, shop, minutes, status):
    path = make_link(staff_id=shop.owner.pk)
    clock.shift(minutes * 60)

    assert Client().get(path).status_code == status


def test_an_expired_link_changes_nothing(clock, shop):
    path = make_link(staff_id=shop.owner.pk)
    clock.shift(3601)

    with pytest.raises(LinkNotUsable):
        use_link(token=token_of(path), password=NEW)

    shop.owner.user.refresh_from_db()
    assert shop.owner.user.check_password(PASSWORD)


def test_a_new_link_ends_the_one_before(path, shop):
    newer = make_link(staff_id=shop.owner.pk)

    assert Client().get(path).status_code == 404
    assert Client().get(newer).status_code == 200


@pytest.mark.parametrize(
    "token", ["x", "0" * 43, "../../office", "%00", "٣" * 43, "a" * 3000], ids=str.__len__
)
def test_a_made_up_link_opens_nothing(shop, token):
    assert Client().get(f"/accounts/link/{token}/").status_code in {400, 404}


@pytest.mark.parametrize(
    ("why", "password"),
    [
        ("short", "elevenchars"),
        ("common", "password1234"),
        ("like the address", "owner@bean.example"),
        ("longer than fits", "x" * 129),
        ("empty", ""),
    ],
)
def test_a_bad_password_is_refused_and_the_link_still_works(path, shop, why, password):
    answer = Client().post(path, {"password": password})

    assert answer.status_code == 200
    assert usable(shop) == 1
    shop.owner.user.refresh_from_db()
    assert shop.owner.user.check_password(PASSWORD)


@pytest.mark.parametrize(
    "password", [f"{'Zebra?' * 21}no", "  spaces at both ends  ", "گربه‌ی سیاه من"]
)
def test_long_spaced_and_foreign_passwords_are_welcome(path, shop, password):
    Client().post(path, {"password": password})

    shop.owner.user.refresh_from_db()
    assert shop.owner.user.check_password(password)


def test_a_refused_password_leaves_no_trace(path, shop):
    before = AuditRecord.objects.count()

    with pytest.raises(PasswordNotAllowed) as refusal:
        use_link(token=token_of(path), password="short")

    assert refusal.value.field == "password"
    assert AuditRecord.objects.count() == before
    assert usable(shop) == 1


@pytest.mark.proves("input 63")
def test_a_link_ends_every_session_of_the_person(path, shop):
    elsewhere = sign_in(shop.owner)
    Client().post(path, {"password": NEW})

    assert elsewhere.get("/office/bean/").status_code == 302


def test_whoever_was_signed_in_here_is_not_any_more(path, shop):
    client = sign_in(shop.manager)

    client.post(path, {"password": NEW})

    assert text_of(client.get("/office/bean/")).count("owner") > 0


def test_who_has_no_address_gets_no_link(shop):
    with pytest.raises(StaffEmailNeeded):
        make_link(staff_id=shop.pia.pk)

    assert OneTimeLink.objects.count() == 0


def test_a_link_leads_owners_to_their_second_factor(path, shop, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    client = Client()

    client.post(path, {"password": NEW})

    assert client.get("/office/bean/").url.startswith("/accounts/2fa/totp/activate/")


def test_the_secret_itself_is_not_kept(path):
    link = OneTimeLink.objects.get()

    assert token_of(path).encode() not in bytes(link.digest)
    assert len(bytes(link.digest)) == 32


def test_the_database_refuses_to_use_a_link_again(path, shop):
    use_link(token=token_of(path), password=NEW)

    with pytest.raises(IntegrityError):
        OneTimeLink.objects.update(used_at=None)


def test_the_database_refuses_a_use_after_the_end(path):
    link = OneTimeLink.objects.get()

    with pytest.raises(IntegrityError):
        OneTimeLink.objects.update(used_at=link.expires_at + timedelta(seconds=1))


def naive_use(token):
    """Look, then use: what everyone writes first."""
    link = OneTimeLink.objects.get()
    if link.used_at:
        raise LinkNotUsable
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.2)")
    return "came in"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_claim_several_come_in_by_one_link(path):
    """The control: if this ever fails, the test below proves nothing."""
    assert race(*[partial(naive_use, token_of(path))] * 4) == ["came in"] * 4


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_several_who_use_one_link_at_once_one_comes_in(path):
    token = token_of(path)

    results = race(
        *[partial(use_link, token=token, password=f"{NEW} {number}") for number in range(4)]
    )

    refused = [result for result in results if isinstance(result, LinkNotUsable)]
    assert len(refused) == 3
    assert OneTimeLink.objects.filter(used_at__isnull=False).count() == 1


def test_staff_without_a_password_yet_come_in_by_their_link(shop):
    new = hire(shop.organization, "manager", email="new@bean.example", name="New")
    client = Client()

    client.post(make_link(staff_id=new.pk), {"password": NEW})

    assert client.get("/office/bean/").status_code == 200
