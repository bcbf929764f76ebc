from urllib.parse import parse_qs, urlsplit

import pytest

from core.models import Store


@pytest.fixture
def stores(api):
    Store.objects.bulk_create(
        Store(organization=api.organization, code=f"S{number}", name=f"Store {number // 3}")
        for number in range(10)
    )


def walk(api, path):
    """Follow ``next`` to the end and return the codes of every page."""
    pages = []
    while path:
        answer = api.get(path).json()
        pages.append([row["code"] for row in answer["results"]])
        path = answer["next"] and answer["next"].partition("/api/v1/")[2]
    return pages


def cursor_of(api, path="stores/?limit=5"):
    return parse_qs(urlsplit(api.get(path).json()["next"]).query)["cursor"][0]


def test_every_row_is_shown_once_in_one_order(api, stores):
    pages = walk(api, "stores/?limit=5")

    codes = [code for page in pages for code in page]
    in_order = Store.objects.filter(organization=api.organization).order_by("-name", "-pk")
    assert [len(page) for page in pages] == [5, 5, 2]
    assert codes == [store.code for store in in_order]


def test_a_page_that_ends_with_the_list_has_no_next(api, stores):
    assert [len(page) for page in walk(api, "stores/?limit=12")] == [12]
    assert [len(page) for page in walk(api, "stores/")] == [12]


def test_rows_that_come_meanwhile_neither_repeat_nor_hide_others(api, stores):
    first = api.get("stores/?limit=5").json()
    Store.objects.create(organization=api.organization, code="NEW", name="Zebra")

    rest = walk(api, first["next"].partition("/api/v1/")[2])

    codes = [row["code"] for row in first["results"]] + [code for page in rest for code in page]
    assert len(codes) == len(set(codes)) == 12
    assert "NEW" not in codes


def test_a_list_shows_only_the_callers_rows(api, other, stores):
    assert [code for page in walk(other, "stores/") for code in page] == ["MK", "HS"]


@pytest.mark.proves("input 98")
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "min_value"),
        ("limit=101", "max_value"),
        ("limit=1000000", "max_value"),
        ("limit=-1", "invalid"),
        ("limit=x", "invalid"),
        ("limit=۱۲", "invalid"),
        ("limit=", "invalid"),
        ("page=-1", "unknown_parameter"),
        ("page_size=1000000", "unknown_parameter"),
        ("offset=1", "unknown_parameter"),
        ("cursor=", "blank"),
        ("cursor=x", "cursor_invalid"),
        ("cursor=W10:1x:x", "cursor_invalid"),
        ("cursor=' OR 1=1--", "cursor_invalid"),
        ("cursor=۱۲", "cursor_invalid"),
        ("cursor=" + "x" * 501, "max_length"),
    ],
)
def test_pages_are_asked_for_within_limits(api, query, code):
    answer = api.get(f"stores/?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.proves("input 98")
def test_a_cursor_works_for_its_own_list_and_caller_only(api, other, stores):
    cursor = cursor_of(api)
    tampered = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")

    assert api.get(f"stores/?cursor={cursor}").status_code == 200
    assert api.get(f"stores/?cursor={tampered}").json()["code"] == "cursor_invalid"
    assert other.get(f"stores/?cursor={cursor}").json()["code"] == "cursor_invalid"


@pytest.mark.proves("input 68")
def test_the_next_address_is_the_public_one(api, stores, settings):
    settings.PUBLIC_URL = "https://loyalty.example"

    answer = api.get("stores/?limit=5").json()

    assert answer["next"].startswith("https://loyalty.example/api/v1/stores/?limit=5&cursor=")


@pytest.mark.parametrize("limit", [1, 3])
def test_a_page_asks_the_database_a_fixed_number_of_questions(
    api, stores, limit, django_assert_num_queries
):
    cursor = cursor_of(api)

    with django_assert_num_queries(2):
        api.get(f"stores/?limit={limit}&cursor={cursor}")
