from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client

from core.models import AuditRecord, OneTimeLink, RegisterSession, Staff, User
from core.models.people import Role
from core.services.registers import enroll_device
from core.services.sign_in import sign_in_with_pin
from core.services.staff import NewStaff, add_staff
from core.services.staffing import StaffDetails, change_staff, deactivate
from tests.offices import PASSWORD, hire, keyed, office_of
from tests.racing import race
from tests.shops import assert_audit_is_clean, open_shop

STAFF = "/office/high-street/staff/"


@pytest.fixture(autouse=True)
def quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def shop(db):
    yield open_shop()
    assert_audit_is_clean()


@pytest.fixture
def people(shop):
    organization = shop.organization
    new = NewStaff(name="Pia", role="cashier", pin="246813", code="pia")
    return SimpleNamespace(
        owner=hire(organization, Role.OWNER, name="Olga"),
        manager=hire(organization, Role.MANAGER, name="Manu"),
        peer=hire(organization, Role.MANAGER, name="Petra"),
        analyst=hire(organization, Role.ANALYST, name="Anna"),
        pia=add_staff(organization_id=organization.pk, new=new),
    )


def enter(staff):
    client = Client()
    client.post("/accounts/login/", {"login": staff.user.email, "password": PASSWORD})
    return client


@pytest.fixture
def owner(people):
    return enter(people.owner)


@pytest.fixture
def manager(people):
    return enter(people.manager)


def page_of(person):
    return f"{STAFF}{person.public_id}/"


def typed(person, **changes):
    return keyed(**{"name": person.name, "role": person.role, **changes})


@pytest.mark.parametrize("role", [Role.ANALYST, Role.CASHIER])
def test_staff_is_no_business_of_analysts_and_cashiers(shop, role):
    client = office_of(shop.organization, role)

    assert [client.get(STAFF).status_code, client.get(f"{STAFF}add/").status_code] == [403, 403]


def test_the_list_tells_who_signs_in_how(owner, people):
    page = owner.get(STAFF).content.decode()

    assert [name in page for name in ("Olga", "Manu", "Anna", "Pia")] == [True] * 4
    assert page.count(">Works here<") == 5


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_asks_a_fixed_number_of_questions(owner, shop, more, django_assert_num_queries):
    for number in range(more):
        new = NewStaff(name=f"N{number}", role="cashier", pin="135791", stores=("1",))
        add_staff(organization_id=shop.organization.pk, new=new)
    owner.get(STAFF)

    with django_assert_num_queries(5):
        owner.get(STAFF)


def test_somebody_new_gets_a_link_that_is_shown_once_and_kept_nowhere(owner, shop):
    form = keyed(name="Zoë", role="manager", email="zoe@example.com")

    first = owner.post(f"{STAFF}add/", form)
    second = owner.post(f"{STAFF}add/", form)

    zoe = Staff.objects.get(name="Zoë")
    assert (zoe.role, OneTimeLink.objects.count()) == ("manager", 1)
    assert "/accounts/link/" in first.content.decode()
    assert (second.status_code, second.url) == (302, page_of(zoe))
    assert "/accounts/link/" not in owner.get(second.url).content.decode()


def test_a_person_known_elsewhere_gets_no_link(owner, shop):
    elsewhere = open_shop("low-road")
    known = hire(elsewhere.organization, Role.OWNER, email="known@example.com")

    added = owner.post(f"{STAFF}add/", keyed(name="K", role="manager", email="known@example.com"))
    here = Staff.objects.get(organization=shop.organization, user=known.user)
    asked = owner.post(f"{page_of(here)}link/", keyed(), follow=True)

    assert added.status_code == 302
    assert OneTimeLink.objects.count() == 0
    assert "an account of their own" in asked.content.decode()


def test_a_new_link_is_made_for_who_lost_their_password(owner, shop):
    owner.post(f"{STAFF}add/", keyed(name="Zoë", role="analyst", email="zoe@example.com"))
    zoe = Staff.objects.get(name="Zoë")
    form = keyed()

    first = owner.post(f"{page_of(zoe)}link/", form)
    again = owner.post(f"{page_of(zoe)}link/", form)

    assert "/accounts/link/" in first.content.decode()
    assert again.url == page_of(zoe)
    assert OneTimeLink.objects.count() == 2


def test_a_pin_is_set_once_and_ends_the_work_with_the_old_one(owner, people, shop):
    register = shop.store.registers.create(organization=shop.organization, code="1")
    device = enroll_device(register_id=register.pk, staff_id=people.owner.pk)
    sign_in_with_pin(device_id=device.pk, code="pia", pin="246813")

    answer = owner.post(f"{page_of(people.pia)}pin/", keyed(pin="۱۳۵۷۹۱"))

    people.pia.refresh_from_db()
    assert answer.status_code == 302
    assert people.pia.has_pin("135791")
    assert RegisterSession.objects.get().ended_at is not None


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "abcdef", "\0"])
def test_a_pin_that_is_none_is_refused_beside_its_field(owner, people, pin):
    answer = owner.post(f"{page_of(people.pia)}pin/", keyed(pin=pin))

    people.pia.refresh_from_db()
    assert answer.status_code == 200
    assert "error_1_pin_pin" in answer.content.decode()
    assert people.pia.has_pin("246813")


def test_name_role_and_stores_are_changed_once(owner, people, shop):
    form = typed(people.analyst, name="Anja", role="manager", stores=["1"])

    answers = [owner.post(page_of(people.analyst), form).status_code for _ in range(2)]

    people.analyst.refresh_from_db()
    record = AuditRecord.objects.get(verb="changed")
    assert answers == [302, 302]
    assert (people.analyst.name, people.analyst.role) == ("Anja", "manager")
    assert record.fields == ["name", "role", "stores"]
    assert record.actor == f"staff:{people.owner.pk}"


def test_who_has_no_address_cannot_work_in_the_office(owner, people):
    answer = owner.post(page_of(people.pia), typed(people.pia, role="analyst"))

    people.pia.refresh_from_db()
    assert "signs in by e-mail" in answer.content.decode()
    assert people.pia.role == "cashier"


def test_ending_access_ends_everything_at_once_and_can_be_undone(owner, people, shop):
    theirs = enter(people.analyst)

    owner.post(f"{page_of(people.analyst)}end/", keyed())
    gone = theirs.get("/office/high-street/stores/").status_code
    owner.post(f"{page_of(people.analyst)}back/", keyed())
    back = theirs.get("/office/high-street/stores/").status_code

    verbs = AuditRecord.objects.filter(subject_id=people.analyst.pk, subject="core.staff")
    assert (gone, back) == (404, 200)
    assert list(verbs.order_by("pk").values_list("verb", flat=True)) == [
        "added",
        "deactivated",
        "reactivated",
    ]


def test_whoever_left_gets_neither_pin_nor_link(owner, people):
    owner.post(f"{page_of(people.analyst)}end/", keyed())

    pin = owner.post(f"{page_of(people.analyst)}pin/", keyed(pin="135791"), follow=True)
    owner.post(f"{page_of(people.analyst)}link/", keyed())

    people.analyst.refresh_from_db()
    assert "does not work here any more" in pin.content.decode()
    assert people.analyst.pin_hash == ""
    assert OneTimeLink.objects.count() == 0


@pytest.mark.parametrize("who", ["owner", "peer"])
@pytest.mark.parametrize("what", ["", "pin/", "link/", "end/", "back/"])
def test_managers_leave_owners_and_each_other_alone(manager, people, who, what):
    other = getattr(people, who)
    before = AuditRecord.objects.count()

    answer = manager.post(f"{page_of(other)}{what}", typed(other, role="cashier", pin="135791"))

    other.refresh_from_db()
    assert answer.status_code in {200, 403}
    assert (other.role, other.is_active, other.pin_hash) == (
        {"owner": "owner", "peer": "manager"}[who],
        True,
        "",
    )
    assert AuditRecord.objects.count() == before


@pytest.mark.parametrize("role", ["owner", "manager"])
def test_managers_make_neither_owners_nor_managers(manager, people, role):
    added = manager.post(f"{STAFF}add/", keyed(name="X", role=role, email="x@example.com"))
    raised = manager.post(page_of(people.analyst), typed(people.analyst, role=role))

    people.analyst.refresh_from_db()
    assert (added.status_code, raised.status_code) == (200, 200)
    assert (people.analyst.role, User.objects.filter(email="x@example.com").count()) == (
        "analyst",
        0,
    )


def test_managers_take_on_cashiers_and_change_themselves(manager, people):
    manager.post(f"{STAFF}add/", keyed(name="Carl", role="cashier", pin="135791"))
    manager.post(page_of(people.manager), typed(people.manager, name="Manuel"))
    manager.post(f"{page_of(people.manager)}pin/", keyed(pin="975313"))

    people.manager.refresh_from_db()
    assert Staff.objects.filter(name="Carl", role="cashier").count() == 1
    assert (people.manager.name, people.manager.has_pin("975313")) == ("Manuel", True)


@pytest.mark.proves("X8")
def test_nobody_ends_or_lowers_themselves(owner, people, shop):
    hire(shop.organization, Role.OWNER, name="Second")

    owner.post(f"{page_of(people.owner)}end/", keyed())
    lowered = owner.post(page_of(people.owner), typed(people.owner, role="cashier"))

    people.owner.refresh_from_db()
    assert (people.owner.role, people.owner.is_active) == ("owner", True)
    assert lowered.status_code == 200


def test_the_last_owner_stays(owner, people):
    said = owner.post(f"{page_of(people.owner)}end/", keyed(), follow=True).content.decode()

    people.owner.refresh_from_db()
    assert people.owner.is_active
    assert "needs an owner" in said


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_leave_one():
    shop = open_shop()
    first, second = (hire(shop.organization, Role.OWNER, name=name) for name in ("A", "B"))

    lowered = StaffDetails(name="A", role="cashier")
    results = race(
        lambda: deactivate(staff_id=second.pk, by_id=first.pk),
        lambda: change_staff(staff_id=first.pk, by_id=second.pk, details=lowered),
    )

    owners = Staff.objects.filter(role="owner", is_active=True)
    assert owners.count() == 1
    assert sorted(getattr(one, "code", "") == "staff_out_of_reach" for one in results) == [
        False,
        True,
    ]


def test_people_of_another_organization_do_not_exist(owner):
    stranger = hire(open_shop("low-road").organization, Role.CASHIER)

    answers = [owner.get(page_of(stranger)).status_code]
    answers += [
        owner.post(f"{page_of(stranger)}{what}", keyed(pin="135791")).status_code
        for what in ("", "pin/", "link/", "end/", "back/")
    ]
    answers.append(owner.get(f"{STAFF}{uuid4()}/").status_code)

    assert answers == [404] * 7
