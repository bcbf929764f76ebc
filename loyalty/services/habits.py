"""Works out every night how accounts shop: those to which anything happened, and all once a week.

The formulas stand in ``loyalty.habits``; here they are SQL, because there may be millions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from core.bulk import array
from core.days import local_day, start_of_day
from core.models import Organization
from loyalty.habits import FIFTHS, QUINTILES_FROM, Breaks, fixed_breaks, year_begins
from loyalty.models import Program

CHUNK = 1000
# A receipt is committed a little after it was made, and clocks differ.
SLACK = timedelta(days=1)

# Whose figures may have changed: something was bought, returned or merged, or left the year.
TOUCHED = """
    WITH people AS (
        SELECT member_id FROM loyalty_purchase
        WHERE organization_id = %(organization)s AND member_id IS NOT NULL AND id > (
            SELECT coalesce(max(id), 0) FROM loyalty_purchase WHERE created_at < %(since)s)
        UNION
        SELECT member_id FROM loyalty_purchase
        WHERE organization_id = %(organization)s AND member_id IS NOT NULL
            AND occurred_at >= %(since)s AND occurred_at < %(due)s
        UNION
        SELECT member_id FROM loyalty_purchase
        WHERE organization_id = %(organization)s AND member_id IS NOT NULL
            AND occurred_at >= %(year_before)s AND occurred_at < %(year)s
        UNION
        SELECT purchase.member_id
        FROM loyalty_return back
        JOIN loyalty_returnline took ON took.parent_id = back.id
        JOIN loyalty_purchaseline line ON line.id = took.purchase_line_id
        JOIN loyalty_purchase purchase ON purchase.id = line.purchase_id
        WHERE back.organization_id = %(organization)s AND back.id > (
            SELECT coalesce(max(id), 0) FROM loyalty_return WHERE created_at < %(since)s)
    ), moved AS (
        SELECT kept_id, emptied_id FROM loyalty_accountmerge
        WHERE created_at >= %(since)s OR undone_at >= %(since)s
    ), touched AS (
        SELECT holder.account_id AS id
        FROM people JOIN loyalty_accountholder holder ON holder.member_id = people.member_id
        UNION SELECT kept_id FROM moved
        UNION SELECT emptied_id FROM moved
    )
    SELECT account.id
    FROM loyalty_account account
    JOIN loyalty_program program ON program.id = account.program_id
    WHERE program.organization_id = %(organization)s AND account.id > %(after)s
        AND (account.id IN (SELECT id FROM touched) OR NOT EXISTS (
            SELECT FROM loyalty_habit habit WHERE habit.account_id = account.id))
    ORDER BY account.id LIMIT %(chunk)s
"""
ALL = """
    SELECT account.id
    FROM loyalty_account account
    JOIN loyalty_program program ON program.id = account.program_id
    WHERE program.organization_id = %(organization)s AND account.id > %(after)s
    ORDER BY account.id LIMIT %(chunk)s
"""
REFRESH = """
    WITH bought AS (
        SELECT holder.account_id, purchase.occurred_at, purchase.total - purchase.returned AS paid,
            (purchase.occurred_at AT TIME ZONE %(zone)s)::date AS day
        FROM loyalty_accountholder holder
        JOIN loyalty_purchase purchase ON purchase.member_id = holder.member_id
        WHERE holder.account_id = ANY(%(accounts)s::bigint[]) AND purchase.occurred_at < %(due)s
            AND (purchase.returned < purchase.total OR purchase.total = 0)
    ), gaps AS (
        SELECT account_id, day - lag(day) OVER (PARTITION BY account_id ORDER BY day) AS days
        FROM (SELECT DISTINCT account_id, day FROM bought) AS visited
    ), rhythms AS (
        SELECT account_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY days)::numeric(8, 2) AS days
        FROM gaps WHERE days IS NOT NULL GROUP BY account_id
    )
    INSERT INTO loyalty_habit AS habit (account_id, first_at, last_at, visits, spent,
        visits_in_year, spent_in_year, days_between, as_of)
    SELECT account_id, min(occurred_at), max(occurred_at), count(*), sum(paid),
        count(*) FILTER (WHERE occurred_at >= %(year)s),
        coalesce(sum(paid) FILTER (WHERE occurred_at >= %(year)s), 0),
        min(rhythms.days), %(due)s
    FROM bought LEFT JOIN rhythms USING (account_id)
    GROUP BY account_id
    ON CONFLICT (account_id) DO UPDATE SET first_at = excluded.first_at,
        last_at = excluded.last_at, visits = excluded.visits, spent = excluded.spent,
        visits_in_year = excluded.visits_in_year, spent_in_year = excluded.spent_in_year,
        days_between = excluded.days_between, as_of = excluded.as_of
"""
# Who has bought nothing that is left has no habits.
FORGET = """
    DELETE FROM loyalty_habit
    WHERE account_id = ANY(%(accounts)s::bigint[]) AND as_of <> %(due)s
"""
FORGET_CATEGORIES = (
    "DELETE FROM loyalty_categoryhabit WHERE account_id = ANY(%(accounts)s::bigint[])"
)
REFRESH_CATEGORIES = """
    INSERT INTO loyalty_categoryhabit (account_id, category, visits, spent, last_at)
    SELECT holder.account_id, line.category[1], count(DISTINCT purchase.id),
        sum(line.amount - line.returned_amount), max(purchase.occurred_at)
    FROM loyalty_accountholder holder
    JOIN loyalty_purchase purchase ON purchase.member_id = holder.member_id
    JOIN loyalty_purchaseline line ON line.purchase_id = purchase.id
    WHERE holder.account_id = ANY(%(accounts)s::bigint[])
        AND purchase.occurred_at >= %(year)s AND purchase.occurred_at < %(due)s
        AND line.amount > line.returned_amount AND line.category[1] <> ''
    GROUP BY holder.account_id, line.category[1]
"""
SPREAD = """
    SELECT account.program_id, count(*), sum(habit.spent_in_year),
        percentile_disc(%(fifths)s::float8[]) WITHIN GROUP (ORDER BY habit.last_at),
        percentile_disc(%(fifths)s::float8[]) WITHIN GROUP (ORDER BY habit.visits_in_year),
        percentile_disc(%(fifths)s::float8[]) WITHIN GROUP (ORDER BY habit.spent_in_year)
    FROM loyalty_habit habit JOIN loyalty_account account ON account.id = habit.account_id
    WHERE account.program_id = ANY(%(programs)s::bigint[])
    GROUP BY account.program_id
"""
SCORE = """
    WITH scored AS (
        SELECT habit.id,
            1 + (SELECT count(*) FROM unnest(%(recency)s::timestamptz[]) AS each
                WHERE habit.last_at > each) AS recency,
            1 + (SELECT count(*) FROM unnest(%(frequency)s::int[]) AS each
                WHERE habit.visits_in_year > each) AS frequency,
            1 + (SELECT count(*) FROM unnest(%(monetary)s::numeric[]) AS each
                WHERE habit.spent_in_year > each) AS monetary
        FROM loyalty_habit habit JOIN loyalty_account account ON account.id = habit.account_id
        WHERE account.program_id = %(program)s
            AND habit.account_id > %(after)s AND habit.account_id <= %(until)s
    )
    UPDATE loyalty_habit habit
    SET recency = scored.recency, frequency = scored.frequency, monetary = scored.monetary
    FROM scored
    WHERE habit.id = scored.id AND (habit.recency, habit.frequency, habit.monetary)
        IS DISTINCT FROM (scored.recency, scored.frequency, scored.monetary)
"""
WITH_HABITS = """
    SELECT max(account_id) FROM (
        SELECT habit.account_id
        FROM loyalty_habit habit
        JOIN loyalty_account account ON account.id = habit.account_id
        JOIN loyalty_program program ON program.id = account.program_id
        WHERE program.organization_id = %(organization)s AND habit.account_id > %(after)s
        ORDER BY habit.account_id LIMIT %(chunk)s
    ) AS following_ones
"""


def refresh_chunk(
    *,
    organization_id: int,
    day: date,
    since: datetime | None = None,
    after: int = 0,
    chunk: int = CHUNK,
) -> int | None:
    """Work the next accounts out as of the beginning of a day; return the last of them, if any.

    Only those to which something happened since a moment; without one, all.
    """
    values = _values(organization_id, day, since) | {"after": after, "chunk": chunk}
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED if since else ALL, values)
        accounts = [account_id for (account_id,) in cursor.fetchall()]
        if not accounts:
            return None
        values["accounts"] = array(accounts)
        for statement in (REFRESH, FORGET, FORGET_CATEGORIES, REFRESH_CATEGORIES):
            cursor.execute(statement, values)
    return int(accounts[-1])


def score_chunk(
    *, organization_id: int, day: date, after: int = 0, chunk: int = CHUNK
) -> int | None:
    """Say of the next accounts how they compare with all others; return the last, if any."""
    values = {"organization": organization_id, "after": after, "chunk": chunk}
    with connection.cursor() as cursor:
        cursor.execute(WITH_HABITS, values)
        [until] = cursor.fetchone() or [None]
        if until is None:
            return None
        for program, between in _breaks(organization_id, day).items():
            told = {
                "program": program,
                "until": until,
                "recency": array(moment.isoformat() for moment in between.recency),
                "frequency": array(between.frequency),
                "monetary": array(between.monetary),
            }
            cursor.execute(SCORE, values | told)
    return int(until)


def _values(organization_id: int, day: date, since: datetime | None) -> dict[str, Any]:
    zone = _zone(organization_id)
    values: dict[str, Any] = {
        "organization": organization_id,
        "zone": zone.key,
        "due": start_of_day(day, zone),
        "year": year_begins(day, zone),
    }
    if since is not None:
        earlier = since - SLACK
        values["since"] = earlier
        values["year_before"] = year_begins(local_day(earlier, zone), zone)
    return values


def _breaks(organization_id: int, day: date) -> dict[int, Breaks]:
    """Return the breaks between fifths of each program's accounts; fixed ones where few are."""
    zone = _zone(organization_id)
    programs = Program.objects.filter(organization=organization_id).values_list("pk", flat=True)
    fifths = array(fifth / 5 for fifth in FIFTHS)
    with connection.cursor() as cursor:
        cursor.execute(SPREAD, {"programs": array(programs), "fifths": fifths})
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return {
        program: Breaks(recency, frequency, monetary)
        if members >= QUINTILES_FROM
        else fixed_breaks(spent, members, day, zone)
        for program, members, spent, recency, frequency, monetary in rows
    }


def _zone(organization_id: int) -> ZoneInfo:
    return Organization.objects.get(pk=organization_id).zone
