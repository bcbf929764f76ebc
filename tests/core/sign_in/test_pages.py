import pytest
from django.test import Client

from core.models import Device, Register, Staff
from core.register_cookie import SALT
from core.views.errors import server_error
from tests.core.sign_in.conftest import PASSWORD, enter_pin, hire, sign_in, text_of
from tests.core.sign_in.test_office_doors import code_for


@pytest.fixture
def office(shop):
    return sign_in(shop.owner)


def test_the_front_page_shows_the_two_ways_in(db):
    page = Client().get("/")

    assert page.status_code == 200
    assert [way in page.content.decode() for way in ('href="/till/"', 'href="/office/"')] == [
        True,
        True,
    ]


def test_the_office_shows_stores_registers_and_what_to_do_next(office, tablet):
    page = text_of(office.get("/office/bean/stores/"))

    assert "High Street" in page
    assert "Market" in page
    assert page.count("on no device yet") == 1
    assert "manage.py create_api_key bean" in page


@pytest.mark.parametrize("registers", [1, 3])
def test_the_office_asks_the_database_a_fixed_number_of_questions(
    office, shop, registers, django_assert_num_queries
):
    store = shop.organization.stores.get(code="HS")
    for number in range(registers):
        Register.objects.create(organization=shop.organization, store=store, code=f"extra {number}")
    office.get("/office/bean/stores/")

    with django_assert_num_queries(6):
        office.get("/office/bean/stores/")


def test_analysts_see_the_stores_and_cannot_change_them(shop, register, tablet):
    client = sign_in(shop.analyst)

    page = client.get("/office/bean/stores/")
    answers = [
        client.get("/office/bean/registers/enroll/").status_code,
        client.post(f"/office/bean/registers/{register.public_id}/release/").status_code,
    ]

    assert "/release/" not in page.content.decode()
    assert answers == [403, 403]
    assert Device.objects.get().revoked_at is None


# --- enrolling a device -----------------------------------------------------------------------


def test_a_manager_makes_a_device_a_register_and_leaves_no_office_open(shop, register):
    client = Client()
    start = client.get("/till/").url
    lobby = client.get("/till/enroll/").url
    sign_in(shop.manager, client)
    page = client.get(client.get("/till/enroll/").url)

    answer = client.post(
        "/office/bean/registers/enroll/", {"place": f"register-{register.public_id}"}
    )

    assert (start, lobby) == ("/till/set-up/", "/accounts/login/?next=%2Ftill%2Fenroll%2F")
    assert "High Street, Register 1" in text_of(page)
    assert answer.url == "/till/sign-in/"
    assert client.get("/office/bean/").status_code == 302
    assert "Pia" in text_of(client.get("/till/sign-in/"))
    assert enter_pin(client).url == "/till/"


def test_who_manages_several_organizations_says_for_which_the_device_is(shop, other_shop):
    Staff.objects.create(
        organization=other_shop.organization,
        user=shop.owner.user,
        code="9",
        name="Owner",
        role="manager",
    )

    page = sign_in(shop.owner).get("/till/enroll/").content.decode()

    assert 'href="/office/bean/registers/enroll/"' in page
    assert 'href="/office/leaf/registers/enroll/"' in page


def test_a_device_may_become_one_more_register(shop):
    client = sign_in(shop.owner)

    client.post("/office/bean/registers/enroll/", {"place": "store-HS"})

    assert Device.objects.get().register.code == "2"


@pytest.mark.parametrize("place", ["", "register-1", "store-XX", "register-\0", "x" * 5000])
def test_a_place_that_is_not_offered_is_refused(shop, office, place):
    answer = office.post("/office/bean/registers/enroll/", {"place": place})

    assert answer.status_code == 200
    assert Device.objects.count() == 0


def test_a_register_of_another_organization_is_not_offered(shop, other_shop, office):
    theirs = other_shop.organization.registers.first()
    place = f"register-{theirs.public_id}"

    enrolled = office.post("/office/bean/registers/enroll/", {"place": place})
    released = office.post(f"/office/bean/registers/{theirs.public_id}/release/")

    assert (enrolled.status_code, released.status_code) == (200, 404)
    assert Device.objects.count() == 0


def test_cashiers_make_no_registers(shop):
    client = sign_in(shop.cashier)

    assert client.get("/till/enroll/").status_code == 403
    assert client.get("/office/bean/registers/enroll/").status_code == 403


def test_a_manager_stops_a_lost_device(office, register, pia_at_work):
    answer = office.post(f"/office/bean/registers/{register.public_id}/release/")

    assert answer.url == "/office/bean/stores/"
    assert pia_at_work.get("/till/").url == "/till/set-up/"


def test_the_till_offers_a_pin_only_where_somebody_has_one(counter, shop):
    shop.pia.pin_hash = ""
    shop.pia.save(update_fields=["pin_hash"])

    page = counter.get("/till/sign-in/?step=pin").content.decode()

    assert 'name="login"' in page
    assert 'name="pin"' not in page


def test_the_till_names_only_those_who_may_work_in_this_store(counter, shop):
    hire(
        shop.organization,
        "cashier",
        name="Marek",
        email="",
        pin="135792",
        stores=("MK",),
    )

    page = text_of(counter.get("/till/sign-in/"))

    assert "Pia" in page
    assert "Marek" not in page


# --- appearance -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "shown"), [("dark", "dark"), ("light", "light"), ("auto", "auto"), ("x", "auto")]
)
def test_the_theme_is_remembered(db, chosen, shown):
    client = Client()

    answer = client.post("/appearance/theme/", {"theme": chosen, "next": "/till/set-up/"})

    assert answer.url == "/till/set-up/"
    assert f'data-bs-theme="{shown}"' in client.get("/till/set-up/").content.decode()


@pytest.mark.parametrize(
    ("chosen", "shown"), [("fa", 'lang="fa" dir="rtl"'), ("en", 'lang="en" dir="ltr"')]
)
def test_the_language_is_remembered(db, chosen, shown):
    client = Client()

    client.post("/appearance/language/", {"language": chosen})

    assert shown in client.get("/till/set-up/").content.decode()


def test_a_language_we_do_not_speak_changes_nothing(db):
    client = Client()

    client.post("/appearance/language/", {"language": "../../x"})

    assert "django_language" not in client.cookies


# --- every page shows itself ------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_page_without_sign_in_shows_itself(db, language):
    client = Client()
    client.post("/appearance/language/", {"language": language})
    pages = ["/", "/till/set-up/", "/accounts/login/", "/accounts/password/reset/"]
    pages += ["/accounts/inactive/", "/accounts/password/set/"]

    assert [client.get(page).status_code for page in pages] == [200] * len(pages)


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.django_db(transaction=True)
def test_every_page_of_sign_in_and_security_shows_itself(shop, language):
    client = sign_in(shop.owner)
    client.post("/appearance/language/", {"language": language})
    plain = ["/accounts/2fa/", "/accounts/logout/", "/accounts/password/change/"]
    plain += ["/accounts/reauthenticate/", "/accounts/2fa/webauthn/"]
    before = [client.get(page).status_code for page in plain]
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    key = client.get("/accounts/2fa/webauthn/add/").status_code
    activate = client.get("/accounts/2fa/totp/activate/").status_code
    secret = client.session["mfa.totp.secret"]
    client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    secured = ["/accounts/2fa/", "/accounts/2fa/totp/deactivate/", "/accounts/2fa/reauthenticate/"]
    secured += ["/accounts/2fa/recovery-codes/", "/accounts/2fa/recovery-codes/generate/"]
    after = [client.get(page).status_code for page in secured]
    elsewhere = sign_in(shop.owner)

    assert before == [200] * len(plain)
    assert (key, activate) == (200, 200)
    assert after == [200] * len(secured)
    assert elsewhere.get("/accounts/2fa/authenticate/").status_code == 200


def test_no_page_holds_a_script_or_style_of_its_own(shop, counter):
    office = sign_in(shop.owner)
    pages = [
        Client().get("/accounts/login/"),
        counter.get("/till/sign-in/"),
        office.get("/office/bean/"),
        office.get("/office/bean/registers/enroll/"),
        office.get("/accounts/2fa/"),
    ]

    found = [page.request["PATH_INFO"] for page in pages if " style=" in page.content.decode()]

    assert found == []
    assert SALT not in "".join(page.content.decode() for page in pages)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nothing/here/", 404), ("/office/bean/", 302), ("/till/sign-out/", 302), ("/%00", 400)],
)
def test_what_is_not_there_gets_a_page_of_its_own(db, path, status):
    assert Client().get(path).status_code == status


def test_a_mistake_of_ours_has_a_page_that_needs_nothing(rf):
    answer = server_error(rf.get("/"))

    assert answer.status_code == 500
    assert "Regulars" in text_of(answer)
