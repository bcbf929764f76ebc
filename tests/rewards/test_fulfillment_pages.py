"""Rewards on their way in the office: the list, rows moved on at once, one of them, its address."""

from uuid import uuid4

import pytest

from core.models import AuditRecord, Store
from core.models.people import Role
from rewards.models import Fulfillment
from tests.deliveries import done, placed, ready, taken
from tests.offices import keyed, office_of
from tests.shops import assert_audit_is_clean, open_shop
from tests.tills import text_of

HOME = "/office/high-street/fulfillment/"
BERLIN = {
    "name": "Mina K",
    "line1": "Hauptstr. 1",
    "line2": "",
    "postal_code": "10115",
    "city": "Berlin",
    "region": "",
    "country": "DE",
    "phone": "",
    "note": "Ring twice",
}


@pytest.fixture
def member(shop):
    mina = shop.member(name="Mina K")
    shop.buys(mina, "500.00")
    return mina


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.MANAGER)


def page_of(found, name=""):
    return f"{HOME}{found.public_id}/{name}"


def state_of(found):
    return Fulfillment.objects.get(pk=found.pk).status


def move(office, step, *rows, **sent):
    form = keyed(to=step, pick=[row.public_id for row in rows]) | sent
    return office.post(f"{HOME}move/", form, follow=True)


def step(office, found, to, **typed):
    return office.post(page_of(found, f"to/{to}/"), keyed(**typed), follow=True)


def shown(page):
    return [(row.reward, row.goes_to) for row in page.context["rows"]]


# --- the list ---------------------------------------------------------------------------------


def test_the_list_begins_with_what_is_to_be_packed_and_counts_the_rest(shop, member, office):
    placed(shop, member)
    taken(shop, member)
    ready(shop, member, "pickup")

    page = office.get(HOME)

    assert shown(page) == [("Mug", "London, United Kingdom")]
    assert [tab.label for tab in page.context["tabs"]] == [
        "To be packed · 1",
        "Ready · 1",
        "Waiting for the member · 1",
        "Done · 0",
        "Canceled · 0",
    ]
    assert [shown(office.get(HOME, {"state": state})) for state in ("ready", "done")] == [
        [("Mug", shop.store.name)],
        [],
    ]


def test_the_list_is_narrowed_by_the_address_and_nonsense_means_everything(shop, member, office):
    parcel, pickup = placed(shop, member), placed(shop, member, "pickup")
    reward = str(parcel.redemption.reward.public_id)
    asked = [
        {"method": "pickup"},
        {"store": shop.store.code},
        {"reward": reward},
        {"method": "pickup", "reward": reward},
        {"method": "pigeon", "store": "x", "reward": "x", "state": "x"},
    ]

    found = [{row.public_id for row in office.get(HOME, each).context["rows"]} for each in asked]

    both = {parcel.public_id, pickup.public_id}
    assert found == [{pickup.public_id}, {pickup.public_id}, {parcel.public_id}, set(), both]


def test_an_empty_list_says_what_will_be_here_and_what_is_not(shop, member, office):
    assert "When a member takes a reward that is picked up" in text_of(office.get(HOME))

    placed(shop, member)

    assert "Nothing lies ready" in text_of(office.get(HOME, {"state": "ready"}))


@pytest.mark.proves("X7")
@pytest.mark.parametrize(("role", "status"), [(Role.OWNER, 200), (Role.ANALYST, 403)])
def test_addresses_are_for_owners_and_managers(shop, member, role, status):
    found = placed(shop, member)
    office = office_of(shop.organization, role)

    assert [office.get(page).status_code for page in (HOME, page_of(found))] == [status] * 2
    assert (b"Fulfillment" in office.get("/office/high-street/").content) == (status == 200)


@pytest.mark.proves("X3")
def test_a_manager_of_a_store_sees_what_is_picked_up_there_and_no_address(shop, member):
    other = Store.objects.create(organization=shop.organization, code="ST", name="Station")
    parcel, here = placed(shop, member), placed(shop, member, "pickup")
    of_store = {"stores": (shop.store.code,)}
    office = office_of(shop.organization, Role.MANAGER, **of_store)
    elsewhere = office_of(shop.organization, Role.MANAGER, stores=(other.code,))

    assert shown(office.get(HOME)) == [("Mug", shop.store.name)]
    assert shown(elsewhere.get(HOME)) == []
    assert office.get(page_of(parcel)).status_code == 404
    assert elsewhere.get(page_of(here)).status_code == 404
    assert elsewhere.post(f"{HOME}move/", keyed(to="ready", pick=here.public_id)).status_code == 404
    assert state_of(here) == "open"


@pytest.mark.proves("X2")
def test_another_organizations_rewards_do_not_exist(shop, member, office):
    other = open_shop("elsewhere")
    theirs = other.member("+447400123457")
    other.buys(theirs, "500.00")
    foreign, ours = placed(other, theirs), placed(shop, member)
    addresses = [f"{HOME}move/", f"{HOME}labels/", f"{HOME}to-pick/"]
    addresses += [page_of(foreign, "to/ready/"), page_of(foreign, "where/")]
    form = keyed(to="ready", form="parcel", pick=[ours.public_id, foreign.public_id])

    assert [office.get(page_of(foreign, name)).status_code for name in ("", "where/")] == [404] * 2
    assert [office.post(each, form).status_code for each in addresses] == [404] * 5
    assert (state_of(foreign), state_of(ours)) == ("open", "open")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_a_fixed_number_of_questions(
    shop, member, office, rows, django_assert_num_queries
):
    for _each in range(rows):
        placed(shop, member)
        placed(shop, member, "pickup")

    with django_assert_num_queries(12):
        office.get(HOME)


@pytest.mark.parametrize("rows", [1, 3])
def test_one_of_them_asks_a_fixed_number_of_questions(
    shop, member, office, rows, django_assert_num_queries
):
    *_others, found = [ready(shop, member) for _each in range(rows)]

    with django_assert_num_queries(9):
        office.get(page_of(found))


# --- moved on ---------------------------------------------------------------------------------


def test_ticked_rows_are_moved_on_at_once_and_each_is_answered_for(shop, member, office):
    packed, waiting = placed(shop, member), taken(shop, member)
    already = ready(shop, member)

    text = text_of(move(office, "ready", packed, waiting, already))

    assert "1 was moved on." in text
    assert "1 was there already." in text
    assert "The member has not said yet where it goes." in text
    assert [state_of(one) for one in (packed, waiting, already)] == ["ready", "waiting", "ready"]


def test_a_double_click_moves_on_once_and_answers_the_same(shop, member, office):
    found = placed(shop, member, "pickup")
    form = keyed(to="ready", pick=[found.public_id])

    texts = [text_of(office.post(f"{HOME}move/", form, follow=True)) for _click in range(2)]

    assert ["1 was moved on." in text for text in texts] == [True, True]
    assert AuditRecord.objects.filter(verb="made_ready").count() == 1
    assert_audit_is_clean()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"pick": []}, "Tick the rows first."),
        ({"to": "away"}, "not one of the available choices"),
        ({"request_key": ""}, "This field is required."),
    ],
)
def test_what_cannot_be_done_with_rows_is_told(shop, member, office, sent, said):
    found = placed(shop, member)

    page = move(office, "ready", found, **sent)

    assert said in text_of(page)
    assert state_of(found) == "open"


@pytest.mark.parametrize("pick", ["x", str(uuid4())])
def test_a_row_that_is_none_is_a_404(office, pick):
    form = keyed(to="ready", pick=pick)

    assert office.post(f"{HOME}move/", form).status_code == 404


def test_the_way_back_keeps_how_the_list_was_looked_through(shop, member, office):
    found = placed(shop, member, "pickup")
    form = keyed(to="ready", pick=found.public_id, back="method=pickup&after=x&state=open")

    answer = office.post(f"{HOME}move/", form)

    assert answer.url == f"{HOME}?method=pickup&state=open"


# --- one of them ------------------------------------------------------------------------------


def test_a_parcel_is_packed_sent_followed_and_corrected(shop, member, office):
    found = placed(shop, member)

    step(office, found, "ready")
    page = step(office, found, "done", carrier="Swift Post", tracking="SP 1")
    assert "Swift Post" in text_of(page)
    assert 'value="SP 1"' in page.content.decode()
    step(office, found, "parcel", carrier="Swift Post", tracking="https://swift.example/SP2")

    sent = Fulfillment.objects.get(pk=found.pk)
    assert (sent.status, sent.carrier, sent.tracking) == (
        "done",
        "Swift Post",
        "https://swift.example/SP2",
    )
    assert 'href="https://swift.example/SP2"' in office.get(page_of(found)).content.decode()
    assert_audit_is_clean()


def test_a_step_is_taken_back(shop, member, office):
    sent = done(shop, member)

    first, second = (step(office, sent, "back") for _press in range(2))

    assert "The step was taken back." in text_of(first)
    assert "The step was taken back." in text_of(second)
    assert state_of(sent) == "open"
    assert "This step cannot be taken back any more." in text_of(step(office, sent, "back"))
    assert_audit_is_clean()


@pytest.mark.parametrize(
    ("to", "typed", "field"),
    [
        ("done", {"carrier": "x" * 61}, "carrier"),
        ("done", {"tracking": "x" * 101}, "tracking"),
        ("parcel", {"carrier": "Swift"}, None),
    ],
)
def test_what_is_wrong_with_a_step_is_said_and_nothing_is_lost(
    shop, member, office, to, typed, field
):
    found = ready(shop, member)

    page = step(office, found, to, **typed)

    form = page.context["form"]
    assert list(form.errors) == [field or "__all__"]
    assert {name: form[name].value() for name in typed} == typed
    assert state_of(found) == "ready"


def test_a_step_that_is_none_is_a_404(shop, member, office):
    assert step(office, placed(shop, member), "away").status_code == 404


def test_the_page_says_what_comes_next_and_who_did_what(shop, member, office):
    found = placed(shop, member)
    step(office, found, "ready")

    page = office.get(page_of(found))

    assert page.context["one"].step.to == "done"
    assert [(one.title, one.who) for one in page.context["one"].history] == [
        ("It is packed", "Manager"),
        ("It was said where it goes", "Regulars"),
        ("The member got it", ""),
    ]


def test_the_office_says_for_the_member_where_it_goes(shop, member, office):
    found = taken(shop, member)
    assert "Say where it goes" in text_of(office.get(page_of(found)))

    page = office.post(page_of(found, "where/"), keyed(**BERLIN), follow=True)

    assert "Hauptstr. 1" in text_of(page)
    assert "Germany" in text_of(page)
    placed_now = Fulfillment.objects.get(pk=found.pk)
    assert (placed_now.status, placed_now.city, placed_now.note) == ("open", "Berlin", "Ring twice")
    again = office.get(page_of(found, "where/")).context["form"]
    assert (again["city"].value(), again["country"].value()) == ("Berlin", "DE")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"line1": " "}, "line1"),
        ({"city": "x" * 101}, "city"),
        ({"country": "XX"}, "country"),
        ({"phone": "12"}, "phone"),
        ({"note": "a\x07b"}, "note"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_beside_its_field(shop, member, office, wrong, field):
    found = taken(shop, member)

    page = office.post(page_of(found, "where/"), keyed(**BERLIN | wrong))

    form = page.context["form"]
    assert list(form.errors) == [field]
    assert form["postal_code"].value() == "10115"
    assert state_of(found) == "waiting"


def test_what_is_packed_keeps_its_address(shop, member, office):
    found = ready(shop, member)

    page = office.post(page_of(found, "where/"), keyed(**BERLIN))

    assert "Where it goes can no longer be changed." in text_of(page)
    assert Fulfillment.objects.get(pk=found.pk).city == "London"


# --- the reward itself ------------------------------------------------------------------------


def reward_form(shop, **typed):
    first = {"name": "Mug", "kind": "free_product", "points": "10", "is_for_points": "on"}
    return keyed(program=shop.program.public_id, **first | typed)


@pytest.mark.parametrize(
    ("kind", "kept"),
    [("free_product", "shipping"), ("exclusive", "shipping"), ("free_shipping", "")],
)
def test_a_reward_says_how_members_get_it_if_it_is_a_thing(shop, office, kind, kept):
    page = office.post(
        "/office/high-street/rewards/add/",
        reward_form(shop, kind=kind, delivery="shipping"),
        follow=True,
    )

    assert page.context["reward"].delivery == kept
    assert ("How the member gets it Sent to an address" in text_of(page)) == bool(kept)
    listed = text_of(office.get("/office/high-street/rewards/"))
    assert ("Sent to an address" in listed) == bool(kept)


def test_how_a_member_gets_it_is_one_of_what_there_is(shop, office):
    page = office.post("/office/high-street/rewards/add/", reward_form(shop, delivery="pigeon"))

    assert list(page.context["form"].errors) == ["delivery"]
