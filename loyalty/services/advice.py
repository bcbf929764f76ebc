"""What to look at in the rules of a program: those that never apply, overlap, or give too much."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from django.db import connection

from core.models import Organization, RegionStore
from core.queries import stores_of
from loyalty.earning.cautions import NEVER, Acting, Caution, World, never_applies, overlaps
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.models import Program, Rule, RuleVersion
from loyalty.rule_history import counting, is_over
from members.models import Group

MARGIN_DAYS = 90
PURCHASES_MAX = 10_000
RULES_MAX = 100  # each pair of them is compared

Found = Mapping[int, Sequence[Caution]]

# What each rule gave in points on lines whose cost is known, and what these lines left over it.
MARGINS = """
    WITH recent AS (
        SELECT id FROM loyalty_purchase
        WHERE organization_id = %(organization)s AND occurred_at >= %(since)s
            AND member_id IS NOT NULL
        ORDER BY occurred_at DESC LIMIT %(most)s
    )
    SELECT version.rule_id, sum((part.share ->> 1)::bigint),
        sum(line.amount - coalesce(line.tax, 0) - line.unit_cost * line.quantity)
    FROM recent
    JOIN loyalty_award award ON award.purchase_id = recent.id AND award.unit = 'points'
    JOIN loyalty_ruleversion version ON version.id = award.rule_version_id
    CROSS JOIN LATERAL jsonb_array_elements(award.lines) AS part(share)
    JOIN loyalty_purchaseline line
        ON line.purchase_id = recent.id AND line.number = (part.share ->> 0)::int
    WHERE version.rule_id = ANY(%(rules)s) AND line.unit_cost IS NOT NULL
    GROUP BY version.rule_id
"""


def cautions_for(
    *,
    program: Program,
    rules: Sequence[Rule],
    versions: Mapping[int, Sequence[RuleVersion]],
    now: datetime,
) -> Found:
    """Return what to look at in each rule of a program that is switched on, by the rule's key."""
    on = [rule for rule in rules if rule.status == Rule.Status.ACTIVE]
    acting = [one for rule in on[:RULES_MAX] for one in _ahead(rule, versions[rule.pk], now)]
    world = _world(program.organization, now)
    found: dict[int, list[Caution]] = defaultdict(list)
    for key, caution in (
        *_never(acting, world),
        *_together(acting, world),
        *_spent(on, versions, now),
        *_beyond_margin(program, on, now),
    ):
        found[key].append(caution)
    return found


def _ahead(rule: Rule, versions: Sequence[RuleVersion], now: datetime) -> Iterator[Acting]:
    """Yield the version that counts now and those that will, as long as each of them does."""
    dated = counting(versions)
    ends = [later.effective_from for _before, later in pairwise(dated)] + [NEVER]
    for version, replaced_at in zip(dated, ends, strict=True):
        spec = parse_rule(version.spec)
        if replaced_at > now and not is_over(spec.ends_at, now):
            yield Acting(
                key=rule.pk,
                name=rule.name,
                spec=spec,
                begins=version.effective_from,
                replaced_at=replaced_at,
            )


def _world(organization: Organization, now: datetime) -> World:
    zones = {organization.zone}
    codes: set[str] = set()
    for store in stores_of(organization):
        store.organization = organization
        codes.add(store.code)
        zones.add(store.zone)
    regions: dict[str, set[str]] = defaultdict(set)
    places = RegionStore.objects.filter(organization=organization)
    for region, store_code in places.values_list("region__code", "store__code"):
        regions[region].add(store_code)
    groups = Group.objects.filter(organization=organization)
    return World(
        today=min(now.astimezone(zone).date() for zone in zones),
        stores=frozenset(codes),
        regions={region: frozenset(stores) for region, stores in regions.items()},
        groups=frozenset(groups.values_list("code", flat=True)),
    )


def _never(acting: Sequence[Acting], world: World) -> Iterator[tuple[int, Caution]]:
    """Yield why rules never apply, when none of what they say now and later does."""
    why: dict[int, list[list[Caution]]] = defaultdict(list)
    for one in acting:
        why[int(one.key)].append(never_applies(one, acting, world))
    for key, each in why.items():
        if all(each):
            yield key, each[0][0]


def _together(acting: Sequence[Acting], world: World) -> Iterator[tuple[int, Caution]]:
    """Yield to each rule the names of the later ones that give together with it."""
    names: dict[int, dict[int, str]] = defaultdict(dict)
    for first, second in overlaps(acting, world):
        names[int(first.key)][int(second.key)] = second.name
    for key, others in names.items():
        yield key, Caution("overlap", {"rules": list(others.values())})


def _spent(
    rules: Iterable[Rule], versions: Mapping[int, Sequence[RuleVersion]], now: datetime
) -> Iterator[tuple[int, Caution]]:
    for rule in rules:
        budgets = [one.spec.limits.budget for one in _ahead(rule, versions[rule.pk], now)]
        used = rule.budget.used if hasattr(rule, "budget") else 0
        if budgets and all(budget is not None and budget <= used for budget in budgets):
            yield rule.pk, Caution("budget_spent")


def _beyond_margin(
    program: Program, rules: Sequence[Rule], now: datetime
) -> Iterator[tuple[int, Caution]]:
    """Yield what gave away more of the margin than the program wants, where costs are known."""
    worth, most = program.terms.point_value, program.terms.margin_share_max
    if worth is None or not rules:
        return
    for rule_id, points, margin in _margins(program, rules, now):
        cost = points * worth
        values = {"days": MARGIN_DAYS, "most": most}
        if margin <= 0 < cost:
            yield rule_id, Caution("no_margin", values)
        elif cost * 100 > margin * most:
            share = int(cost * 100 / margin)
            yield rule_id, Caution("margin", {**values, "share": share})


def _margins(
    program: Program, rules: Sequence[Rule], now: datetime
) -> list[tuple[int, int, Decimal]]:
    with connection.cursor() as cursor:
        cursor.execute(
            MARGINS,
            {
                "organization": program.organization_id,
                "since": now - timedelta(days=MARGIN_DAYS),
                "most": PURCHASES_MAX,
                "rules": [rule.pk for rule in rules],
            },
        )
        rows: list[tuple[int, int, Decimal]] = cursor.fetchall()
        return rows
