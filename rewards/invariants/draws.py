"""What always holds for prize draws, asked of the database itself and not of our own code."""

from __future__ import annotations

from core.invariants import Invariant

HERE = "(%(organization)s::bigint IS NULL OR program.organization_id = %(organization)s)"

NUMBERS_FOLLOW = Invariant(
    "INV-D1",
    "The tickets of a draw are numbered from 1 on, each number once and none left out.",
    f"""
    SELECT program.organization_id, 'rewards.draw', numbered.draw_id,
        format('ticket %%s after %%s, the draw says %%s', numbered.first, numbered.before,
            draw.last_number)
    FROM (
        SELECT draw_id, first, last,
            coalesce(lag(last) OVER ordered, 0) AS before,
            lead(first) OVER ordered IS NULL AS is_last
        FROM rewards_drawticket WINDOW ordered AS (PARTITION BY draw_id ORDER BY first)
    ) numbered
    JOIN rewards_draw draw ON draw.id = numbered.draw_id
    JOIN loyalty_program program ON program.id = draw.program_id
    WHERE {HERE} AND (
        numbered.first <> numbered.before + 1
        OR (numbered.is_last AND numbered.last <> draw.last_number)
    )
    UNION ALL
    SELECT program.organization_id, 'rewards.draw', draw.id,
        format('no tickets, the draw says %%s', draw.last_number)
    FROM rewards_draw draw
    JOIN loyalty_program program ON program.id = draw.program_id
    WHERE {HERE} AND draw.last_number > 0
        AND NOT EXISTS (SELECT FROM rewards_drawticket ticket WHERE ticket.draw_id = draw.id)
    """,
)
NO_TICKET_AFTER_CLOSING = Invariant(
    "INV-D2",
    "No ticket came before its draw opened or after it closed, and each closed one is in the list.",
    f"""
    SELECT program.organization_id, 'rewards.drawticket', ticket.id,
        format('%%s at %%s, %%s draw', ticket.standing, ticket.created_at, draw.status)
    FROM rewards_drawticket ticket
    JOIN rewards_draw draw ON draw.id = ticket.draw_id
    JOIN loyalty_program program ON program.id = draw.program_id
    WHERE {HERE} AND (
        draw.status = 'draft'
        OR ticket.created_at > coalesce(draw.closed_at, draw.canceled_at)
        OR ticket.occurred_at < draw.opens_at OR ticket.occurred_at >= draw.closes_at
        OR (draw.status IN ('closed', 'drawn') AND ticket.standing = '')
        OR (draw.status = 'canceled' AND ticket.canceled_at IS NULL)
    )
    """,
)
LIST_IS_AS_PUBLISHED = Invariant(
    "INV-D3",
    "The list of a closed draw has the digest that was published, and the seed its commitment.",
    f"""
    SELECT program.organization_id, 'rewards.draw', draw.id,
        format('digest %%s, commitment %%s', draw.entries_digest, draw.commitment)
    FROM rewards_draw draw
    JOIN loyalty_program program ON program.id = draw.program_id
    LEFT JOIN rewards_drawsecret secret ON secret.draw_id = draw.id
    WHERE {HERE} AND draw.status IN ('open', 'closed', 'drawn') AND (
        encode(sha256(secret.seed), 'hex') IS DISTINCT FROM draw.commitment
        OR (draw.entries_digest <> ''
            AND (%(since)s::timestamptz IS NULL OR draw.closed_at >= %(since)s)
            AND draw.entries_digest <> encode(sha256(convert_to(concat(
                E'regulars-draw-1\\n',
                'draw ', draw.public_id, E'\\n',
                'commitment ', draw.commitment, E'\\n',
                'public source ', to_json(draw.public_source), E'\\n',
                (SELECT string_agg(format(E'prize %%s %%s\\n', one ->> 'reward', one ->> 'count'),
                    '' ORDER BY place)
                FROM jsonb_array_elements(draw.prizes) WITH ORDINALITY AS prize(one, place)),
                'alternates ', draw.alternates, E'\\n',
                'once ', CASE WHEN draw.wins_once THEN 'yes' ELSE 'no' END, E'\\n',
                (SELECT string_agg(format(E'%%s-%%s %%s %%s\\n', ticket.first, ticket.last,
                    ticket.pseudonym, ticket.standing), '' ORDER BY ticket.first)
                FROM rewards_drawticket ticket WHERE ticket.draw_id = draw.id)
            ), 'UTF8')), 'hex'))
    )
    """,
)
# The same method as rewards.drawing.hat, written a second time. That a number is rejected is less
# likely than one in 2^200: it is not looked for, and would show here as a difference.
RESULT_IS_AS_DRAWN = Invariant(
    "INV-D4",
    "Every pull of a draw is the one that seed, list and public text lead to.",
    f"""
    WITH drawn AS (
        SELECT draw.id, draw.wins_once, program.organization_id,
            secret.seed || decode(draw.entries_digest, 'hex')
                || sha256(convert_to(draw.public_text, 'UTF8')) AS root
        FROM rewards_draw draw
        JOIN loyalty_program program ON program.id = draw.program_id
        JOIN rewards_drawsecret secret ON secret.draw_id = draw.id
        WHERE {HERE} AND draw.status = 'drawn'
            AND (%(since)s::timestamptz IS NULL OR draw.drawn_at >= %(since)s)
    ),
    pulled AS (
        SELECT drawn.id AS draw_id, drawn.organization_id, drawn.wins_once, result.id,
            result.rank, result.number, result.kind, result.pseudonym, result.ticket_id,
            encode(sha256(drawn.root || int8send(result.rank - 1)), 'hex') AS block
        FROM drawn JOIN rewards_drawresult result ON result.draw_id = drawn.id
    ),
    listed AS (
        SELECT ticket.draw_id, ticket.first, ticket.last, least(
            (SELECT min(rank) FROM pulled
            WHERE pulled.ticket_id = ticket.id AND pulled.kind = 'skipped'),
            (SELECT min(rank) FROM pulled
            WHERE pulled.draw_id = ticket.draw_id AND pulled.wins_once
                AND pulled.pseudonym = ticket.pseudonym AND pulled.kind <> 'skipped')
        ) AS gone_at
        FROM rewards_drawticket ticket WHERE ticket.draw_id IN (SELECT id FROM drawn)
    ),
    placed AS (
        SELECT pulled.*, (
            SELECT sum(last - first + 1) FROM listed
            WHERE listed.draw_id = pulled.draw_id
                AND (gone_at IS NULL OR gone_at >= pulled.rank)
        ) - earlier.count AS size, (
            SELECT coalesce(sum(least(last, pulled.number - 1) - first + 1), 0) FROM listed
            WHERE listed.draw_id = pulled.draw_id AND first < pulled.number
                AND (gone_at IS NULL OR gone_at >= pulled.rank)
        ) - earlier.below AS place
        FROM pulled, LATERAL (
            SELECT count(*), count(*) FILTER (WHERE one.number < pulled.number) AS below
            FROM pulled one
            WHERE one.draw_id = pulled.draw_id AND one.rank < pulled.rank
                AND one.kind <> 'skipped' AND NOT one.wins_once
        ) earlier
    )
    SELECT placed.organization_id, 'rewards.drawresult', placed.id,
        format('pull %%s is ticket %%s at place %%s of %%s', rank, number, place, size)
    FROM placed
    WHERE place <> mod((
        SELECT sum(('x' || substr(placed.block, 8 * part + 1, 8))::bit(32)::bigint::numeric
            * (4294967296::numeric ^ (7 - part)))
        FROM generate_series(0, 7) AS part
    ), size)
    """,
)
PRIZES_ARE_GIVEN_ONCE = Invariant(
    "INV-D5",
    "Every winner was given the prize that the pull brought, once; no prize went out too often.",
    f"""
    SELECT program.organization_id, 'rewards.drawresult', result.id,
        format('%%s of %%s, %%s granted', coalesce(nullif(result.gets, ''), 'nothing'),
            coalesce(nullif(result.prize, ''), 'nothing'), count(given.id))
    FROM rewards_drawresult result
    JOIN rewards_draw draw ON draw.id = result.draw_id
    JOIN loyalty_program program ON program.id = draw.program_id
    LEFT JOIN rewards_drawresult before ON before.id = result.takes_over_id
    LEFT JOIN loyalty_grant given
        ON given.cause = 'draw_result' AND given.cause_id = result.id AND given.kind = 'voucher'
    WHERE {HERE}
    GROUP BY program.organization_id, result.id, before.gets, before.passed_on_at
    HAVING count(given.id) <> (result.gets <> '')::int
        OR result.gets <> coalesce(before.gets, result.prize)
        OR bool_or(given.id IS DISTINCT FROM result.grant_id)
        OR bool_or(given.target <> result.gets)
        OR bool_or(given.status = 'given' AND result.passed_on_at IS NOT NULL)
        OR (result.takes_over_id IS NOT NULL AND before.passed_on_at IS NULL)
    UNION ALL
    SELECT program.organization_id, 'rewards.draw', draw.id,
        format('%%s of %%s %%s are with winners', count(result.id), prize.count, prize.reward)
    FROM rewards_draw draw
    JOIN loyalty_program program ON program.id = draw.program_id
    CROSS JOIN LATERAL (
        SELECT one ->> 'reward' AS reward, sum((one ->> 'count')::int) AS count
        FROM jsonb_array_elements(draw.prizes) AS one GROUP BY 1
    ) prize
    LEFT JOIN rewards_drawresult result ON result.draw_id = draw.id
        AND result.gets = prize.reward AND result.passed_on_at IS NULL
    WHERE {HERE}
    GROUP BY program.organization_id, draw.id, prize.reward, prize.count
    HAVING count(result.id) > prize.count
    """,
)
TICKETS_ARE_AS_GRANTED = Invariant(
    "INV-D6",
    "What was granted in tickets was entered or left out with a reason, and ends with its grant.",
    f"""
    SELECT program.organization_id, 'loyalty.grant', given.id,
        format('%%s %%s, %%s entered, %%s left out', given.count, given.status,
            coalesce(ticket.last - ticket.first + 1, 0), coalesce(missed.count, 0))
    FROM loyalty_grant given
    JOIN loyalty_account account ON account.id = given.account_id
    JOIN loyalty_program program ON program.id = account.program_id
    LEFT JOIN rewards_drawticket ticket ON ticket.grant_id = given.id
    LEFT JOIN rewards_missedticket missed ON missed.grant_id = given.id
    LEFT JOIN rewards_draw draw ON draw.id = coalesce(ticket.draw_id, missed.draw_id)
    WHERE {HERE} AND given.kind = 'ticket' AND (
        coalesce(ticket.last - ticket.first + 1, 0) + coalesce(missed.count, 0) <> given.count
        OR draw.code <> given.target OR draw.program_id <> account.program_id
        OR ticket.member_id <> given.member_id
        OR (given.status = 'withdrawn' AND ticket.canceled_at IS NULL AND ticket.id IS NOT NULL)
    )
    """,
)
NOTHING_CROSSES = Invariant(
    "INV-11",
    "No ticket or result of a draw joins rows of two organizations.",
    f"""
    SELECT program.organization_id, 'rewards.drawticket', ticket.id,
        'draw, member and redemption are not of one organization'
    FROM rewards_drawticket ticket
    JOIN rewards_draw draw ON draw.id = ticket.draw_id
    JOIN loyalty_program program ON program.id = draw.program_id
    JOIN members_member member ON member.id = ticket.member_id
    LEFT JOIN rewards_redemption redemption ON redemption.id = ticket.redemption_id
    LEFT JOIN rewards_drawresult result ON result.ticket_id = ticket.id
    LEFT JOIN members_member winner ON winner.id = result.member_id
    WHERE {HERE} AND (
        program.organization_id <> ANY(ARRAY[member.organization_id,
            redemption.organization_id, winner.organization_id])
        OR redemption.member_id <> ticket.member_id
        OR result.draw_id <> ticket.draw_id
        OR result.number NOT BETWEEN ticket.first AND ticket.last
        OR result.pseudonym <> ticket.pseudonym
    )
    """,
)

INVARIANTS = [
    NUMBERS_FOLLOW,
    NO_TICKET_AFTER_CLOSING,
    LIST_IS_AS_PUBLISHED,
    RESULT_IS_AS_DRAWN,
    PRIZES_ARE_GIVEN_ONCE,
    TICKETS_ARE_AS_GRANTED,
    NOTHING_CROSSES,
]
