import pytest
from django.db import connection
from django.db.models import CharField, F, Value

from core.bulk import array
from core.models import Store
from core.prepared import Among, Prepared
from core.transactions import as_one, atomic_part
from tests.shops import open_shop

pytestmark = pytest.mark.django_db

PREPARED = Prepared(
    lambda ids: (
        Store.objects.filter(Among(F("pk"), ids))
        .select_related("organization")
        .annotate(note=Value("x", CharField()))
        .order_by("pk")
    )
)


@atomic_part
def rename(store, name):
    """Write, and fail where there is no name."""
    Store.objects.filter(pk=store.pk).update(name=name or "half done")
    if not name:
        raise ZeroDivisionError


@as_one()
def rename_twice(store):
    """Write, then fail, as a whole."""
    rename(store, "New")
    rename(store, "")


@pytest.fixture
def store():
    return open_shop().store


def test_a_prepared_question_answers_as_its_query_set_does(store, django_assert_num_queries):
    other = Store.objects.create(organization=store.organization, code="b", name="B")

    for wanted in ([], [store.pk], [other.pk, store.pk]):
        with django_assert_num_queries(1):
            found = PREPARED(array(wanted))
            told = [(one, one.name, one.organization.name, one.note) for one in found]
        assert told == [
            (one, one.name, one.organization.name, "x")
            for one in Store.objects.filter(pk__in=wanted).order_by("pk")
        ]


def test_rows_share_what_they_refer_to(store):
    other = Store.objects.create(organization=store.organization, code="b", name="B")

    first, second = PREPARED(array([store.pk, other.pk]))

    assert first.organization is second.organization


@pytest.mark.parametrize(
    "texts", [["plain"], ['a"b', "c\\d", "{e,f}", "", "NULL", None], ["سلام", "a b"]]
)
def test_an_array_is_read_as_it_was_written(texts):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [array(texts)])
        assert cursor.fetchone() == (texts,)


def test_a_service_alone_undoes_what_it_began(store):
    with pytest.raises(ZeroDivisionError):
        rename(store, "")

    store.refresh_from_db()
    assert store.name != "half done"


def test_a_service_within_a_whole_sets_no_savepoint(store, django_assert_num_queries):
    with as_one(), django_assert_num_queries(1):
        rename(store, "New")


def test_a_whole_is_undone_with_what_its_services_did(store):
    with pytest.raises(ZeroDivisionError):
        rename_twice(store)

    store.refresh_from_db()
    assert store.name not in {"New", "half done"}


def test_no_index_of_what_a_purchase_writes_repeats_the_beginning_of_another():
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT short.indexrelid::regclass::text FROM pg_index short JOIN pg_index long
                ON long.indrelid = short.indrelid AND long.indexrelid <> short.indexrelid
            WHERE short.indrelid::regclass::text = ANY(%s)
                AND NOT short.indisunique AND short.indpred IS NULL AND long.indpred IS NULL
                AND (long.indkey::text || ' ') LIKE (short.indkey::text || ' %%')
            """,
            [
                [
                    "core_idempotentrequest",
                    "loyalty_purchase",
                    "loyalty_purchaseline",
                    "loyalty_entry",
                    "loyalty_award",
                    "loyalty_consumption",
                    "loyalty_accountholder",
                ]
            ],
        )
        assert cursor.fetchall() == []
