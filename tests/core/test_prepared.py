from functools import partial

import pytest
from django.db import DataError, connection, transaction
from django.db.models import CharField, F, Value
from django.db.models.expressions import RawSQL
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from core.bulk import array
from core.models import AuditRecord, Organization, OutboxEvent, Store
from core.outbox import event, tell
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


FAULTY = Prepared(
    lambda by: Store.objects.annotate(part=RawSQL("1 / %s::integer", [by])).filter(part=2)
)


def _without_state(answers):
    return [
        [{name: value for name, value in one.items() if name != "_state"} for one in rows]
        for rows in answers
    ]


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


def test_nobody_hears_the_difference(store):
    organization_id = store.organization_id
    tell([event("test.happened", store, organization_id=organization_id, payload={"a": ["é", 1]})])
    questions = [
        Prepared(partial(lambda model, pk: model.objects.filter(pk__gte=pk).order_by("pk"), model))
        for model in (AuditRecord, OutboxEvent, Organization)
    ]

    quick = [[vars(one) for one in question(0)] for question in questions]
    with CaptureQueriesContext(connection) as heard:
        ordinary = [[vars(one) for one in question(0)] for question in questions]

    assert len(heard) == 3
    assert [len(rows) for rows in quick] == [len(rows) for rows in ordinary]
    assert _without_state(quick) == _without_state(ordinary)


def test_a_broken_transaction_answers_nothing(store):
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            PREPARED(array([store.pk]))


@pytest.mark.django_db(transaction=True)
def test_a_fault_is_told_in_the_words_of_the_framework():
    with pytest.raises(DataError):
        FAULTY(0)

    connection.close()
    assert FAULTY(1) == []


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
