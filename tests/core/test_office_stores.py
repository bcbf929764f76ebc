import pytest

from core.models import AuditRecord, Device, Register, Store
from core.models.people import Role
from core.services.registers import enroll_device
from tests.offices import keyed, office_of
from tests.shops import assert_audit_is_clean, open_shop

STORES = "/office/high-street/stores/"


@pytest.fixture(autouse=True)
def quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def shop(db):
    yield open_shop()
    assert_audit_is_clean()


@pytest.fixture
def manager(shop):
    return office_of(shop.organization, Role.MANAGER)


@pytest.fixture
def register(shop):
    return shop.store.registers.create(organization=shop.organization, code="1")


def counted():
    return Store.objects.count(), Register.objects.count(), AuditRecord.objects.count()


def test_analysts_see_the_stores_and_cannot_change_them(shop, register):
    client = office_of(shop.organization, Role.ANALYST)
    before = counted()

    page = client.get(STORES)
    answers = [
        client.get(f"{STORES}add/").status_code,
        client.get(f"{STORES}1/edit/").status_code,
        client.post(f"{STORES}1/registers/", keyed()).status_code,
        client.post(f"/office/high-street/registers/{register.public_id}/retire/").status_code,
    ]

    assert (page.status_code, "retire" in page.content.decode()) == (200, False)
    assert answers == [403] * 4
    assert counted() == before


@pytest.mark.parametrize("more", [0, 2])
def test_the_stores_ask_a_fixed_number_of_questions(
    manager, shop, register, more, django_assert_num_queries
):
    for number in range(more):
        store = Store.objects.create(
            organization=shop.organization, code=f"S{number}", name=f"S{number}"
        )
        Register.objects.create(organization=shop.organization, store=store, code="1")
    manager.get(STORES)

    with django_assert_num_queries(6):
        manager.get(STORES)


def test_a_store_is_added_once_with_its_first_register(manager, shop):
    form = keyed(name="Station", code="ST", time_zone="Europe/Paris")

    answers = [manager.post(f"{STORES}add/", form).url for _ in range(2)]

    store = Store.objects.get(code="ST")
    assert answers == [STORES, STORES]
    assert (store.name, store.time_zone) == ("Station", "Europe/Paris")
    assert [register.code for register in store.registers.all()] == ["1"]
    assert AuditRecord.objects.filter(subject="core.store", verb="added").count() == 1


def test_a_store_without_a_code_gets_the_next_number(manager, shop):
    manager.post(f"{STORES}add/", keyed(name="Second"))

    assert Store.objects.get(name="Second").code == "2"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "\u200b"},
        {"name": "X", "code": "1"},
        {"name": "X", "code": "a/b"},
        {"name": "X", "time_zone": "Mars/Base"},
        {"name": "X" * 5000},
        {"name": "X\0"},
    ],
)
def test_a_store_that_cannot_be_is_refused(manager, shop, wrong):
    before = counted()

    answer = manager.post(f"{STORES}add/", keyed(**wrong))

    assert answer.status_code == 200
    assert "invalid-feedback" in answer.content.decode()
    assert counted() == before


def test_a_store_is_renamed_and_keeps_its_code(manager, shop):
    form = keyed(name="High Street", time_zone="")

    manager.post(f"{STORES}1/edit/", form)
    manager.post(f"{STORES}1/edit/", form)

    shop.store.refresh_from_db()
    assert (shop.store.name, shop.store.code) == ("High Street", "1")
    assert AuditRecord.objects.get(subject="core.store").fields == ["name"]


def test_a_register_is_added_once(manager, shop):
    form = keyed()

    manager.post(f"{STORES}1/registers/", form)
    manager.post(f"{STORES}1/registers/", form)

    assert [one.code for one in shop.store.registers.all()] == ["1"]


def test_a_register_without_a_key_is_not_added(manager, shop):
    manager.post(f"{STORES}1/registers/")

    assert shop.store.registers.count() == 0


def test_a_register_out_of_use_stops_its_device_for_good(manager, shop, register):
    staff_id = shop.organization.staff.get().pk
    enroll_device(register_id=register.pk, staff_id=staff_id)
    url = f"/office/high-street/registers/{register.public_id}/retire/"

    answers = [manager.post(url).url for _ in range(2)]

    register.refresh_from_db()
    assert answers == [STORES, STORES]
    assert not register.is_active
    assert Device.objects.get().revoked_at is not None
    assert AuditRecord.objects.filter(verb="retired").count() == 1
    assert str(register.public_id) not in manager.get(STORES).content.decode()


def test_places_of_another_organization_do_not_exist(manager):
    other = open_shop("low-road")
    theirs = other.store.registers.create(organization=other.organization, code="1")
    Store.objects.create(organization=other.organization, code="XX", name="Theirs")

    answers = [
        manager.get(f"{STORES}XX/edit/").status_code,
        manager.post(f"{STORES}XX/edit/", keyed(name="Mine")).status_code,
        manager.post(f"{STORES}XX/registers/", keyed()).status_code,
        manager.post(f"/office/high-street/registers/{theirs.public_id}/retire/").status_code,
        manager.get("/office/low-road/stores/").status_code,
    ]

    theirs.refresh_from_db()
    assert answers == [404] * 5
    assert theirs.is_active
