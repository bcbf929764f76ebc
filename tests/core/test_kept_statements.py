"""The server plans a question once for each connection, whatever is refused in between."""

from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from core.models import Organization
from core.postgresql.keeping import PREPARED_MAX
from tests.shops import open_shop

PREPARED = "SELECT statement FROM pg_prepared_statements"
OFTEN = 8  # more often than the driver waits for before it has a question prepared


@contextmanager
def refused():
    """Undo what is done in this block, as a refusal does."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _prepared_questions():
    with connection.cursor() as cursor:
        cursor.execute(PREPARED)
        return {statement for (statement,) in cursor.fetchall()}


def _ask_often():
    for _ in range(OFTEN):
        list(Organization.objects.filter(slug="nobody"))


def _about_organizations(questions):
    return {question for question in questions if 'FROM "core_organization"' in question}


@pytest.mark.django_db(transaction=True)
def test_a_refused_request_makes_no_question_be_planned_again():
    _ask_often()
    known = _about_organizations(_prepared_questions())

    with refused():
        open_shop()

    assert known
    assert known <= _prepared_questions()


@pytest.mark.django_db
def test_a_part_that_is_undone_makes_no_question_be_planned_again():
    _ask_often()
    known = _about_organizations(_prepared_questions())

    with refused():
        list(Organization.objects.all())

    assert known
    assert known <= _prepared_questions()


@pytest.mark.django_db
def test_a_table_that_is_changed_makes_questions_be_planned_again():
    _ask_often()
    assert _about_organizations(_prepared_questions())

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_a_moment (number integer)")
        cursor.execute("DROP TABLE of_a_moment")

    assert not _about_organizations(_prepared_questions())


@pytest.mark.django_db
def test_a_question_to_a_table_that_was_made_again_is_answered_as_the_table_is_now():
    """The driver forgets on ROLLBACK for this; the server finds out by itself."""
    with connection.cursor() as cursor:
        for columns in ("a integer", "a integer, b text", "b text"):
            with refused():
                cursor.execute(f"CREATE TABLE of_a_moment ({columns})")
                for _ in range(OFTEN):
                    cursor.execute("SELECT count(*) FROM of_a_moment")
                    assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_a_connection_has_room_for_all_questions_of_a_till():
    connection.ensure_connection()

    assert connection.connection.prepared_max == PREPARED_MAX
    assert connection.connection.prepare_threshold == 5
