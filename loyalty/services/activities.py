"""Records what members do besides buying: each thing once, with what it earns in every program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from core.actors import Actor
from core.errors import Missing, Refusal
from core.models import Organization, OutboxEvent
from core.outbox import event, tell
from loyalty.activity_drafts import OWN, ActivityDraft
from loyalty.earning.engine import evaluate
from loyalty.earning.outcome import NotApplied
from loyalty.errors import (
    ActivityConflict,
    ActivityInFuture,
    ActivityTooOld,
    CountedOnce,
    DuplicateActivity,
)
from loyalty.models import Activity, Award, Program
from loyalty.services.accounts import Holding, accounts_for
from loyalty.services.allowances import NEWCOMER, Allowances, Allowed, allowances
from loyalty.services.crediting import credit
from loyalty.services.facts import UNKNOWN, Facts, Known, facts_for
from loyalty.services.following import Happening, follow
from loyalty.services.granting import InKind, give_awarded
from loyalty.services.ledger import Book, Cause, open_book
from loyalty.services.recorded import Earned
from loyalty.services.rulebook import ProgramRules, open_programs
from members.services.people import everyone_of

CLOCK_SKEW = timedelta(minutes=5)


@dataclass(slots=True)
class Done:
    """An activity that is now on record, and what it earned."""

    activity: Activity
    draft: ActivityDraft
    earned: list[Earned] = field(default_factory=list)

    @property
    def points(self) -> int:
        """Return the points given in all programs together."""
        return sum(part.outcome.points for part in self.earned)

    @property
    def is_told(self) -> bool:
        """Say whether others hear of it: not of what we note ourselves and that gave nothing."""
        return self.draft.source != OWN or any(part.awards for part in self.earned)

    @property
    def left_out(self) -> list[tuple[str, NotApplied]]:
        """Return the rules that gave nothing for it, with their public ids."""
        return [
            (part.rule_ids[int(left.rule)], left)
            for part in self.earned
            for left in part.outcome.not_applied
        ]


Giving: TypeAlias = tuple[ProgramRules, Done, Earned]


def record_activity(*, organization_id: int, draft: ActivityDraft, actor: Actor) -> Done:
    """Record one activity and give what it earns.

    Raises ``DuplicateActivity`` or ``ActivityConflict`` when its number is on record already, and
    ``CountedOnce`` when it counts once and did.
    """
    [answer] = record_activities(organization_id=organization_id, drafts=[draft], actor=actor)
    if isinstance(answer, Refusal):
        raise answer
    return answer


def refuse_untimely(*, organization_id: int, occurred_at: datetime) -> None:
    """Refuse what is yet to come, and what is older than a program lets receipts be."""
    age = timezone.now() - occurred_at
    if -age > CLOCK_SKEW:
        raise ActivityInFuture
    programs = Program.objects.filter(organization=organization_id)
    most = min((one.terms.receipt_age_days_max for one in programs), default=None)
    if most is not None and age > timedelta(days=most):
        raise ActivityTooOld


def stored_awards(activity_id: int) -> list[Award]:
    """Return what each rule gave for an activity."""
    return _awards([activity_id])


def awards_for(activities: Iterable[Activity]) -> list[Award]:
    """Return what each rule gave for these activities."""
    return _awards([one.pk for one in activities])


def _awards(activity_ids: Sequence[int]) -> list[Award]:
    awards = Award.objects.filter(activity__in=activity_ids)
    return list(awards.select_related("rule_version__rule").order_by("pk"))


@transaction.atomic
def record_activities(
    *, organization_id: int, drafts: Sequence[ActivityDraft], actor: Actor
) -> list[Done | Refusal]:
    """Record activities in their order and give what they earn, in a fixed number of statements."""
    if not drafts:
        return []
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is None:
        raise Missing
    answers = _claim(organization, drafts, actor)
    done = [answer for answer in answers if isinstance(answer, Done)]
    _give(done, open_programs(organization_id), actor)
    tell(_event_of(one) for one in done if one.is_told)
    return answers


def _claim(
    organization: Organization, drafts: Sequence[ActivityDraft], actor: Actor
) -> list[Done | Refusal]:
    """Store those that are new; whoever sends the same at the same moment waits and is refused."""
    before = _counted(organization, drafts)
    rows = [_row(organization, draft, actor) for draft in drafts]
    fresh = [row for row in rows if (row.member_id, row.kind, row.once_key) not in before]
    Activity.objects.bulk_create(fresh, ignore_conflicts=True)
    stored = Activity.objects.filter(public_id__in=[row.public_id for row in rows])
    keys = dict(stored.values_list("public_id", "pk"))
    for row in fresh:
        row.pk = keys.get(row.public_id)
    refused = _refusals(organization, rows, keys)
    return [
        Done(row, draft) if row.pk else refused[row.public_id]
        for row, draft in zip(rows, drafts, strict=True)
    ]


def _counted(
    organization: Organization, drafts: Sequence[ActivityDraft]
) -> set[tuple[int, str, str]]:
    """Return what counts once and was counted for somebody who was merged into the member."""
    zone = organization.zone
    once = {draft.member_id for draft in drafts if draft.once_key(zone)}
    if not once:
        return set()
    people = everyone_of(once).exclude(pk__in=once)
    merged = dict(people.values_list("pk", "merged_into_id"))
    counted = Activity.objects.filter(member__in=merged).exclude(once_key="")
    return {
        (merged[member_id] or 0, kind, key)
        for member_id, kind, key in counted.values_list("member_id", "kind", "once_key")
    }


def _row(organization: Organization, draft: ActivityDraft, actor: Actor) -> Activity:
    return Activity(
        organization=organization,
        member_id=draft.member_id,
        public_id=uuid4(),
        kind=draft.kind.value,
        name=draft.name,
        source=draft.source,
        external_id=draft.external_id,
        once_key=draft.once_key(organization.zone),
        occurred_at=draft.occurred_at,
        data=dict(draft.data),
        content_digest=draft.digest,
        request_key=draft.request_key,
        actor=actor.name,
    )


def _refusals(
    organization: Organization, rows: Sequence[Activity], keys: Mapping[UUID, int]
) -> dict[UUID, Refusal]:
    left = [row for row in rows if row.public_id not in keys]
    if not left:
        return {}
    known = Activity.objects.filter(
        organization=organization,
        source__in={row.source for row in left},
        external_id__in=[row.external_id for row in left],
    )
    by_number = {(one.source, one.external_id): one for one in known}
    return {
        row.public_id: _refusal(row, by_number.get((row.source, row.external_id))) for row in left
    }


def _refusal(row: Activity, known: Activity | None) -> Refusal:
    if known is None:
        return CountedOnce(kind=row.kind)
    same = known.content_digest == row.content_digest
    kind = DuplicateActivity if same else ActivityConflict
    return kind(activity=str(known.public_id))


def _give(done: Sequence[Done], programs: Sequence[ProgramRules], actor: Actor) -> None:
    effective = list(_effective(done, programs))
    if not effective:
        return
    holdings = accounts_for(_holding(*giving) for giving in effective)
    with open_book(holdings.values(), actor=actor, to_earn=True) as book:
        living = {holding: book.living(held) for holding, held in holdings.items()}
        _earn_all(book, effective, living)
    give_awarded(
        book,
        [
            InKind(one.draft.member_id, part.awards, one.draft.request_key, part.followed)
            for _rules, one, part in effective
        ],
    )


def _effective(done: Sequence[Done], programs: Sequence[ProgramRules]) -> Iterator[Giving]:
    """Note what each activity earns where rules ask for it; return what may have an effect."""
    for rules in programs:
        for one in done:
            counting = rules.for_activity(*one.draft.activity, one.draft.occurred_at)
            if counting or rules.follows:
                part = _evaluate(rules, one.draft)
                one.earned.append(part)
                yield rules, one, part


def _earn_all(book: Book, effective: Sequence[Giving], holdings: Mapping[Holding, int]) -> None:
    facts = _facts(effective, holdings)
    counting = [
        rule
        for rules, one, _part in effective
        for rule in rules.for_activity(*one.draft.activity, one.draft.occurred_at)
    ]
    given = allowances(holdings.values(), counting, effective[0][0].zone)
    for rules, one, part in effective:
        part.account_id = holdings[_holding(rules, one, part)]
        _earn(book, rules, one, part, given, facts.about(rules, one.draft))
    given.store()
    follow(book, [_happening(*giving) for giving in effective if giving[0].follows])


def _facts(effective: Sequence[Giving], holdings: Mapping[Holding, int]) -> Facts:
    programs = {rules.program.pk: rules for rules, _one, _part in effective}
    drafts = {id(one.draft): one.draft for _rules, one, _part in effective}
    return facts_for(programs.values(), list(drafts.values()), accounts=holdings)


def _earn(
    book: Book, rules: ProgramRules, one: Done, part: Earned, given: Allowances, known: Known
) -> None:
    account_id, at = part.account_id, one.draft.occurred_at
    assert account_id is not None, "an award belongs to an account"
    counting = rules.for_activity(*one.draft.activity, at)
    allowed = given.of(account_id, rules, counting, at)
    part.outcome = _evaluate(rules, one.draft, allowed, known).outcome
    given.add(account_id, at, part.outcome)
    cause = Cause("activity", one.activity.pk, f"{one.draft.request_key}:earn:1", at)
    credit(book, rules, part, cause, activity=one.activity)


def _evaluate(
    rules: ProgramRules,
    draft: ActivityDraft,
    allowed: Allowed = NEWCOMER,
    known: Known = UNKNOWN,
) -> Earned:
    counting = rules.for_activity(*draft.activity, draft.occurred_at)
    receipt, room, standing = draft.receipt(rules.zone), allowed.room, allowed.standing
    outcome = evaluate(receipt, known.earner, counting, rules.policy, room, standing)
    return Earned(rules.program, outcome, rules.public_ids)


def _happening(rules: ProgramRules, one: Done, part: Earned) -> Happening:
    assert part.account_id is not None, "who earned has an account"
    return Happening(
        rules=rules,
        account_id=part.account_id,
        member_id=one.draft.member_id,
        occurred_at=one.draft.occurred_at,
        request_key=one.draft.request_key,
        awards=part.awards,
        followed=part.followed,
        activity=one.activity,
    )


def _holding(rules: ProgramRules, one: Done, _part: Earned) -> Holding:
    return rules.program.pk, one.draft.member_id


def _event_of(one: Done) -> OutboxEvent:
    activity = one.activity
    return event(
        "activity.recorded",
        activity,
        organization_id=activity.organization_id,
        payload={
            "activity": str(activity.public_id),
            "kind": activity.kind,
            "name": activity.name,
            "points": one.points,
        },
    )
