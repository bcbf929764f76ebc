"""Money that is carried over from purchase to purchase, per account and rule, under its lock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from django.db import connection

from core.bulk import array, insert_many, update_rows
from loyalty.earning.carrying import as_ratio, left_of
from loyalty.earning.compiled import CompiledRule, Key
from loyalty.earning.exact import Ratio
from loyalty.earning.outcome import Outcome
from loyalty.models import Award, CarriedPart, Purchase, RuleCarry
from loyalty.services.happenings import Joined
from loyalty.services.ledger import Book

Place = tuple[int, int]  # an account and a rule

# What is left of everything that counted, without what was given for it and what limits refused.
LEFT = """
    WITH RECURSIVE tree AS (
        SELECT account.id AS root, account.id
        FROM loyalty_account account
        WHERE {accounts} AND NOT EXISTS (
            SELECT FROM loyalty_accountmerge merge
            WHERE merge.emptied_id = account.id AND merge.undone_at IS NULL
        )
        UNION ALL
        SELECT tree.root, merge.emptied_id
        FROM tree JOIN loyalty_accountmerge merge
            ON merge.kept_id = tree.id AND merge.undone_at IS NULL
    )
    SELECT tree.root AS account_id, version.rule_id, part.per, sum(
        part.counted - part.returned
        - part.per * (part.forgone + part.given - part.taken)
    ) AS carried
    FROM tree
    JOIN loyalty_carriedpart part ON part.account_id = tree.id
    JOIN loyalty_ruleversion version ON version.id = part.rule_version_id
    GROUP BY tree.root, version.rule_id, part.per
"""
RECOUNT = f"""
    INSERT INTO loyalty_rulecarry (account_id, rule_id, per, carried)
    SELECT account_id, rule_id, per, carried
    FROM ({LEFT.format(accounts="account.id = ANY(%s::bigint[])")}) fresh
"""  # noqa: S608


@dataclass(slots=True)
class Carries:
    """What accounts have left over by rules that keep it, and what purchases add to that."""

    rows: dict[Place, list[RuleCarry]] = field(default_factory=lambda: defaultdict(list))
    changed: dict[int, RuleCarry] = field(default_factory=dict)
    parts: list[CarriedPart] = field(default_factory=list)

    def of(self, account_id: int, rules: Iterable[CompiledRule]) -> dict[Key, Ratio]:
        """Return how much of one more each of these rules has left for the account."""
        return {
            rule.key: as_ratio(self.left(account_id, int(rule.key)))
            for rule in rules
            if rule.carries and (account_id, int(rule.key)) in self.rows
        }

    def left(self, account_id: int, rule_id: int) -> Fraction:
        """Return how much of one more is left; below nothing is what was given too much."""
        rows = self.rows[account_id, rule_id]
        return left_of((row.carried, row.per) for row in rows)

    def move(self, place: Place, per: Decimal, amount: Decimal) -> None:
        """Add money that counted, or take off what made a whole one or came back."""
        rows = self.rows[place]
        row = next((row for row in rows if row.per == per), None)
        if row is None:
            row = RuleCarry(account_id=place[0], rule_id=place[1], per=per, carried=Decimal(0))
            rows.append(row)
        row.carried += amount
        self.changed[id(row)] = row

    def add(
        self, account_id: int, purchase: Purchase, outcome: Outcome, awards: Sequence[Award]
    ) -> None:
        """Note what counted in a purchase, and that it is less what its awards stand for."""
        by_version = {award.rule_version_id: award for award in awards}
        for one in outcome.carried:
            place = account_id, int(one.rule)
            self.move(place, one.per, one.counted - one.per * (one.given + one.forgone))
            self.parts.append(
                CarriedPart(
                    purchase=purchase,
                    account_id=account_id,
                    rule_version_id=int(one.version_key),
                    award=by_version.get(int(one.version_key)),
                    counted=one.counted,
                    per=one.per,
                    given=one.given,
                    forgone=one.forgone,
                    lines=[list(share) for share in one.lines],
                )
            )

    def store(self) -> None:
        """Write what is left now, and after their awards the parts that added to it."""
        changed = self.changed.values()
        known = [(row.pk, row.carried) for row in changed if not row._state.adding]  # noqa: SLF001
        insert_many([row for row in changed if row._state.adding])  # noqa: SLF001
        update_rows("loyalty_rulecarry", {"carried": "numeric"}, known)
        insert_many(self.parts)


def carries_of(account_ids: Iterable[int], rule_ids: Iterable[int]) -> Carries:
    """Read what these accounts have left over by these rules."""
    carries = Carries()
    wanted = list(rule_ids)
    if wanted:
        for row in RuleCarry.objects.filter(account__in=list(account_ids), rule__in=wanted):
            carries.rows[row.account_id, row.rule_id].append(row)
    return carries


def recount(account_ids: Iterable[int]) -> None:
    """Work out from their whole history what these accounts have left over, and write it."""
    wanted = array(account_ids)
    with connection.cursor() as cursor:
        statement = "DELETE FROM loyalty_rulecarry WHERE account_id = ANY(%s::bigint[])"
        cursor.execute(statement, [wanted])
        if cursor.rowcount:
            cursor.execute(RECOUNT, [wanted])


def follow_carry_merges(book: Book, joined: Sequence[Joined]) -> None:  # noqa: ARG001
    """Let an account that carries on another have what that had left over, and give it back."""
    recount({pk for one in joined for pk in (one.kept.pk, one.emptied.pk)})
