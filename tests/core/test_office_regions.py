"""The office's pages of regions."""

import pytest

from core.actors import SYSTEM
from core.errors import CodeTaken, NameMissing, SlugInvalid, StoreCodeUnknown
from core.models import AuditRecord, Region, RegionStore, Store
from core.models.people import Role
from core.services.regions import add_region, change_region
from tests.offices import keyed, office_of
from tests.shops import open_shop
from tests.tills import text_of

REGIONS = "/office/high-street/stores/regions/"


@pytest.fixture
def shop(db):
    shop = open_shop()
    Store.objects.create(organization=shop.organization, code="ST", name="Station")
    return shop


@pytest.fixture
def manager(shop):
    return office_of(shop.organization, Role.MANAGER)


def make(shop, name="North", code="", stores=("1",)):
    return add_region(
        organization_id=shop.organization.pk, name=name, code=code, stores=stores, actor=SYSTEM
    )


def lying(region):
    places = RegionStore.objects.filter(region=region).order_by("store__code")
    return list(places.values_list("store__code", flat=True))


@pytest.mark.parametrize(
    ("reason", "wish", "refusal"),
    [
        ("no name", {"name": " "}, NameMissing),
        ("the code of another", {"name": "Else", "code": "north"}, CodeTaken),
        ("no code", {"code": "N/1"}, SlugInvalid),
        ("no such store", {"name": "Else", "stores": ["1", "X"]}, StoreCodeUnknown),
    ],
)
def test_a_region_that_cannot_be_is_refused(shop, reason, wish, refusal):
    make(shop)

    with pytest.raises(refusal):
        make(shop, **wish)

    assert Region.objects.count() == 1


def test_a_region_changes_its_name_and_stores_and_keeps_its_code(shop):
    region = make(shop)

    for _ in range(2):
        change_region(region_id=region.pk, name="Coast", stores=["ST"], actor=SYSTEM)

    region.refresh_from_db()
    assert (region.code, region.name, lying(region)) == ("north", "Coast", ["ST"])
    changed = AuditRecord.objects.filter(subject="core.region", verb="changed")
    assert [row.fields for row in changed] == [["name", "stores"]]


def test_a_manager_makes_a_region_and_chooses_its_stores(manager, shop):
    empty = text_of(manager.get(REGIONS))
    form = keyed(name="North", code="", stores=["1", "ST"])

    answers = [manager.post(f"{REGIONS}add/", form).url for _ in range(2)]
    manager.post(f"{REGIONS}north/edit/", keyed(name="North", stores=["ST"]))

    region = Region.objects.get()
    assert "There are no regions yet" in empty
    assert answers == [REGIONS, REGIONS]
    assert lying(region) == ["ST"]
    assert "Station" in text_of(manager.get(REGIONS))


def test_analysts_read_regions_and_strangers_find_none(shop):
    make(shop)
    analyst = office_of(shop.organization, Role.ANALYST)
    other = office_of(open_shop("elsewhere").organization, Role.OWNER)

    assert "North" in text_of(analyst.get(REGIONS))
    assert analyst.post(f"{REGIONS}north/edit/", keyed(name="X")).status_code == 403
    assert other.get("/office/elsewhere/stores/regions/north/edit/").status_code == 404


@pytest.mark.parametrize("more", [0, 2])
def test_the_regions_ask_a_fixed_number_of_questions(
    manager, shop, more, django_assert_num_queries
):
    for number in range(1 + more):
        make(shop, f"Region {number}", stores=["1", "ST"])
    manager.get(REGIONS)

    with django_assert_num_queries(5):
        manager.get(REGIONS)
