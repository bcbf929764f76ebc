from functools import partial
from threading import Barrier

import pytest
from django.db import IntegrityError

from core.errors import Refusal
from core.models import AuditRecord, Register, Staff, Store, User
from core.models.people import Role
from core.services.organizations import NewOrganization, open_organization
from core.services.registers import add_register, enroll_device, release_device
from core.services.staff import NewStaff, add_staff, clean_pin, random_pin
from tests.core.sign_in.conftest import count_everything
from tests.racing import race

BEAN = {
    "name": "Bean & Leaf",
    "slug": "bean",
    "currency": "GBP",
    "country": "GB",
    "time_zone": "Europe/London",
    "language": "en",
}


def opened(stores=(("HS", "High Street"),), owner="ada@bean.example", **changed):
    return open_organization(
        new=NewOrganization(**{**BEAN, **changed}), stores=stores, owner_email=owner
    )


@pytest.mark.django_db
def test_an_organization_opens_with_stores_registers_and_an_owner():
    made = opened(stores=[("HS", "High Street"), ("MK", "Market")], currency="gbp", country="gb")

    organization = made.organization
    assert (organization.name, organization.currency, organization.country) == (
        "Bean & Leaf",
        "GBP",
        "GB",
    )
    assert [
        (register.store.code, register.code)
        for register in Register.objects.filter(organization=organization).order_by("store__code")
    ] == [("HS", "1"), ("MK", "1")]
    assert (made.owner.role, made.owner.code, made.owner.name) == (Role.OWNER, "1", "ada")
    assert made.owner.user.email == "ada@bean.example"
    assert made.owner.user.has_usable_password() is False
    assert list(AuditRecord.objects.order_by("pk").values_list("verb", "subject")) == [
        ("opened", "core.organization"),
        ("added", "core.staff"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("why", "changed", "code", "field"),
    [
        ("no name", {"name": " \u200b"}, "name_missing", "name"),
        ("control character", {"name": "a\x07"}, "text_not_allowed", "name"),
        ("long name", {"name": "a" * 121}, "text_too_long", "name"),
        ("capitals in the slug", {"slug": "Bean"}, "slug_invalid", "slug"),
        ("one letter", {"slug": "b"}, "slug_invalid", "slug"),
        ("hyphen at the end", {"slug": "bean-"}, "slug_invalid", "slug"),
        ("a path", {"slug": "../bean"}, "slug_invalid", "slug"),
        ("a line more", {"slug": "bean\n"}, "slug_invalid", "slug"),
        ("other alphabet", {"slug": "بقالی"}, "slug_invalid", "slug"),
        ("no currency", {"currency": "XQX"}, "currency_unknown", "currency"),
        ("long currency", {"currency": "POUND"}, "currency_unknown", "currency"),
        ("no country", {"country": "QQ"}, "country_unknown", "country"),
        ("a union", {"country": "EU"}, "country_unknown", "country"),
        ("a continent", {"country": "150"}, "country_unknown", "country"),
        ("no zone", {"time_zone": "Mars/Base"}, "time_zone_unknown", "time_zone"),
        ("a path as zone", {"time_zone": "../etc/passwd"}, "time_zone_unknown", "time_zone"),
        ("empty zone", {"time_zone": ""}, "time_zone_unknown", "time_zone"),
        ("not offered", {"language": "xx"}, "language_not_offered", "language"),
        ("no store", {"stores": []}, "store_needed", "stores"),
        ("same store", {"stores": [("A", "a"), ("a", "b")]}, "code_taken", "stores"),
        ("slash in code", {"stores": [("A/B", "a")]}, "code_invalid", "stores"),
        ("empty code", {"stores": [("", "a")]}, "code_invalid", "stores"),
        ("nameless store", {"stores": [("A", "")]}, "name_missing", "stores"),
        ("mixed alphabets", {"stores": [("HЅ", "a")]}, "mixed_scripts", "stores"),
        ("no address", {"owner": "ada"}, "staff_email_invalid", "owner_email"),
        ("NUL", {"owner": "a\0@bean.example"}, "text_not_allowed", "owner_email"),
    ],
)
def test_what_cannot_be_opened_is_named_and_leaves_nothing(why, changed, code, field):
    before = count_everything()

    with pytest.raises(Refusal) as refusal:
        opened(**changed)

    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert count_everything() == before
    assert Store.objects.count() == 0


@pytest.mark.django_db
def test_a_short_name_is_given_once():
    opened()
    before = count_everything()

    with pytest.raises(Refusal) as refusal:
        opened(owner="eve@bean.example")

    assert refusal.value.code == "slug_taken"
    assert count_everything() == before


@pytest.mark.django_db
def test_one_person_may_own_several_organizations():
    first = opened()
    second = opened(slug="leaf", owner="ADA@bean.example")

    assert second.owner.user == first.owner.user
    assert User.objects.count() == 1


# --- staff ------------------------------------------------------------------------------------


def hire(organization, **details):
    new = NewStaff(**{"name": "Rex", "role": "cashier", "pin": "135792", **details})
    return add_staff(organization_id=organization.pk, new=new)


def test_a_cashier_needs_a_pin_and_no_address(shop):
    rex = hire(shop.organization, name="  Rex  ")

    assert (rex.name, rex.user, rex.code) == ("Rex", None, "5")
    assert rex.has_pin("135792") is True
    assert "135792" not in rex.pin_hash


def test_codes_count_on_from_the_lowest_free_number(shop):
    hire(shop.organization, code="7")

    assert [hire(shop.organization).code for _one in range(3)] == ["5", "6", "8"]


def test_staff_are_tied_to_the_stores_named(shop):
    rex = hire(shop.organization, stores=("MK",))

    assert [store.code for store in rex.stores.all()] == ["MK"]


@pytest.mark.parametrize(
    ("why", "details", "code", "field"),
    [
        ("nameless", {"name": " "}, "name_missing", "name"),
        ("no such role", {"role": "king"}, "role_unknown", "role"),
        ("manager without address", {"role": "manager"}, "staff_email_needed", "email"),
        ("bad address", {"email": "rex@"}, "staff_email_invalid", "email"),
        ("no way in", {"pin": ""}, "pin_invalid", None),
        ("short PIN", {"pin": "12345"}, "pin_invalid", "pin"),
        ("letters as PIN", {"pin": "abcdef"}, "digits_expected", "pin"),
        ("taken code", {"code": "PIA"}, "code_taken", "code"),
        ("bad code", {"code": "a b"}, "code_invalid", "code"),
        ("other store", {"stores": ("XX",)}, "store_code_unknown", "stores"),
        ("works here", {"email": "OWNER@bean.example"}, "already_staff", "email"),
    ],
)
def test_who_cannot_be_taken_on_is_named_and_leaves_nothing(shop, why, details, code, field):
    before = count_everything()

    with pytest.raises(Refusal) as refusal:
        hire(shop.organization, **details)

    assert (refusal.value.code, refusal.value.field) == (code, field or "pin")
    assert count_everything() == before


def test_a_pin_made_here_has_six_digits():
    assert {len(clean_pin(random_pin())) for _one in range(50)} == {6}


def naive_hire(organization, checked):
    """Look, then insert: what everyone writes first."""
    taken = Staff.objects.filter(organization=organization, code="rex").exists()
    checked.wait()
    return taken or Staff.objects.create(
        organization=organization, code="rex", name="Rex", role="cashier"
    )


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_service_two_hires_do_collide(shop):
    """The control: if this ever fails, the test below proves nothing."""
    checked = Barrier(4, timeout=10)

    results = race(*[partial(naive_hire, shop.organization, checked)] * 4)

    assert sum(isinstance(result, IntegrityError) for result in results) == 3


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_several_hired_under_one_code_at_once_one_gets_it(shop):
    results = race(*[partial(hire, shop.organization, code="rex")] * 4)

    refused = [result.code for result in results if isinstance(result, Refusal)]
    assert refused == ["code_taken"] * 3
    assert Staff.objects.filter(code="rex").count() == 1


# --- registers --------------------------------------------------------------------------------


def test_a_new_register_is_numbered_on(shop):
    store = shop.organization.stores.get(code="HS")

    made = [add_register(store_id=store.pk, staff_id=shop.owner.pk).code for _one in range(2)]

    assert made == ["2", "3"]


def test_every_change_of_a_device_is_written_down(shop, register):
    enroll_device(register_id=register.pk, staff_id=shop.owner.pk)
    release_device(register_id=register.pk, staff_id=shop.manager.pk)
    release_device(register_id=register.pk, staff_id=shop.manager.pk)

    written = AuditRecord.objects.filter(verb__in=["enrolled", "released"]).order_by("pk")
    assert list(written.values_list("verb", "actor")) == [
        ("enrolled", f"staff:{shop.owner.pk}"),
        ("released", f"staff:{shop.manager.pk}"),
    ]
