"""What happened to a member's points, told so that every number has its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Organization
from core.templatetags.formats import day, number
from loyalty.earning.explain import sentence
from loyalty.earning.reasons import Reason
from loyalty.earning.wording import Wording
from loyalty.expiry import last_instant
from loyalty.models import Activity as Done
from loyalty.models import Award, AwardReversal, Entry, Lot, Purchase, PurchaseLine, Return
from loyalty.queries import activities_of, purchases_of, returns_of
from loyalty.waiting import NEVER_SETTLED

Kind = Entry.Kind
ROUNDED = ("rounded_", "whole_")

# What is said of points that stamp cards gave, and of those they took back.
FROM_CARDS = {
    "stamp_sheet": (
        gettext_lazy("Goods came back, and the card that gave these points is not full any more."),
        gettext_lazy("Your stamp card was full."),
    ),
    "stamp_milestone": (
        gettext_lazy("Goods came back, and your stamp card has not so many stamps any more."),
        gettext_lazy("Your stamp card came that far."),
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What one rule gave or what one line came to, and why."""

    text: str
    detail: str = ""
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Bought:
    """One line of a receipt."""

    title: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One change of a balance, with everything that explains it."""

    at: datetime
    title: str
    points: int
    balance_after: int
    amount: Decimal | None = None
    reasons: Sequence[Told] = ()
    lines: Sequence[Bought] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Causes:
    """What the entries of one page point at, by id."""

    currency: str
    purchases: Mapping[int, Purchase]
    returns: Mapping[int, Return]
    activities: Mapping[int, Done]
    rewards: Mapping[int, str]  # the names of what was taken, by redemption; known higher up


def activities(
    organization: Organization, entries: Iterable[Entry], *, rewards: Mapping[int, str]
) -> list[Activity]:
    """Return entries as members read them, in the same order."""
    shown = list(entries)
    causes = Causes(
        currency=organization.currency,
        purchases=_purchases(organization, shown),
        returns=_returns(organization, shown),
        activities=_done(organization, shown),
        rewards=rewards,
    )
    return [_activity(entry, causes) for entry in shown]


def caused_by(entries: Iterable[Entry], cause: str) -> list[int]:
    """Return the ids of the rows of one kind that the entries came from."""
    return [one.cause_id for one in entries if one.cause == cause and one.cause_id is not None]


def _purchases(organization: Organization, entries: Sequence[Entry]) -> dict[int, Purchase]:
    behind = purchases_of(organization).filter(pk__in=caused_by(entries, "purchase"))
    return {one.pk: one for one in behind.prefetch_related("lines")}


def _returns(organization: Organization, entries: Sequence[Entry]) -> dict[int, Return]:
    behind = returns_of(organization).filter(pk__in=caused_by(entries, "return"))
    with_rules = behind.select_related("store").prefetch_related(
        "reversals__award__rule_version__rule"
    )
    return {one.pk: one for one in with_rules}


def _done(organization: Organization, entries: Sequence[Entry]) -> dict[int, Done]:
    behind = activities_of(organization).filter(pk__in=caused_by(entries, "activity"))
    return {one.pk: one for one in behind}


def what_was_done(done: Done) -> str:
    """Return what an activity is called; the shop's own by its name."""
    return done.name or str(done.get_kind_display())


def _activity(entry: Entry, causes: Causes) -> Activity:
    purchase = causes.purchases.get(entry.cause_id or 0) if entry.cause == "purchase" else None
    if purchase is not None:
        return _bought(entry, purchase, causes)
    back = causes.returns.get(entry.cause_id or 0) if entry.cause == "return" else None
    if back is not None:
        return _put_back(entry, back) if entry.kind == Kind.RELEASE else _came_back(entry, back)
    done = causes.activities.get(entry.cause_id or 0) if entry.cause == "activity" else None
    if done is not None:
        return _earned_by(entry, done, causes)
    title, note = _plain_words(entry, causes)
    return Activity(
        at=entry.occurred_at,
        title=title,
        points=entry.points,
        balance_after=entry.balance_after,
        notes=[said for said in (note, *_terms(entry)) if said],
    )


def _earned_by(entry: Entry, done: Done, causes: Causes) -> Activity:
    return Activity(
        at=entry.occurred_at,
        title=what_was_done(done),
        points=entry.points,
        balance_after=entry.balance_after,
        reasons=[_given(award, causes.currency) for award in entry.awards.all()],
        notes=_terms(entry),
    )


def _bought(entry: Entry, purchase: Purchase, causes: Causes) -> Activity:
    return Activity(
        at=entry.occurred_at,
        title=purchase.store.name,
        points=entry.points,
        balance_after=entry.balance_after,
        amount=purchase.total,
        reasons=[_given(award, causes.currency) for award in entry.awards.all()],
        lines=_lines(purchase),
        notes=[_("You paid with these points.")] if entry.kind == Kind.REDEEM else _terms(entry),
    )


def _given(award: Award, currency: str) -> Told:
    # How the last fraction was rounded helps nobody here.
    reasons = (Reason(one["code"], one["params"]) for one in award.why)
    told = (sentence(one, currency) for one in reasons if not one.code.startswith(ROUNDED))
    return Told(award.rule_version.rule.name, " · ".join(told), award.awarded)


def _lines(purchase: Purchase) -> list[Bought]:
    """Return what was bought; a purchase of which only the amount is known has no lines."""
    lines = sorted(purchase.lines.all(), key=lambda line: line.number)
    return [Bought(_title(line), line.amount) for line in lines if line.name or line.sku]


def _title(line: PurchaseLine) -> str:
    item = line.name or line.sku
    if line.quantity == 1:
        return item
    return _("%(item)s × %(quantity)s") % {"item": item, "quantity": number(line.quantity)}


def _came_back(entry: Entry, back: Return) -> Activity:
    reversals = list(back.reversals.all())
    spared = sum(one.expired for one in reversals if one.award.unit == Award.Unit.POINTS)
    notes = [_("Goods came back to the shop, and the points they had given went back too.")]
    if spared:
        notes.append(
            _("%(points)s of them had expired before and were not taken once more.")
            % {"points": number(spared)}
        )
    if back.deduction:
        notes.append(_("Some were spent already, and their worth was kept back from the refund."))
    if back.debt:
        notes.append(
            _("%(points)s of them were spent already; the next points make up for that.")
            % {"points": number(back.debt)}
        )
    return Activity(
        at=entry.occurred_at,
        title=_return_title(back),
        points=entry.points,
        balance_after=entry.balance_after,
        amount=-back.amount,
        reasons=[_lost(one) for one in reversals],
        notes=notes,
    )


def _lost(one: AwardReversal) -> Told:
    name = one.award.rule_version.rule.name
    if one.award.unit == Award.Unit.POINTS:
        return Told(name, points=-one.points)
    return Told(name, _things_back(one))


def _things_back(one: AwardReversal) -> str:
    things = Wording.for_reader("").counted(one.award.unit, one.points)
    return _("taken back: %(things)s") % {"things": things}


def _put_back(entry: Entry, back: Return) -> Activity:
    return Activity(
        at=entry.occurred_at,
        title=_return_title(back),
        points=entry.points,
        balance_after=entry.balance_after,
        notes=[
            _("You had paid with these points for goods that came back to the shop."),
            *_terms(entry),
        ],
    )


def _return_title(back: Return) -> str:
    return _("Return, %(store)s") % {"store": back.store.name} if back.store else _("Return")


def _plain_words(entry: Entry, causes: Causes) -> tuple[str, str]:
    """Return what an entry is called, and the sentence that explains it."""
    reward = causes.rewards.get(entry.cause_id or 0) if entry.cause == "redemption" else None
    named = {"reward": reward or _("a reward")}
    if entry.kind == Kind.REDEEM:
        return reward or _("Reward"), _("Spent on %(reward)s.") % named
    if entry.kind == Kind.RELEASE:
        return reward or _("Reward"), _("%(reward)s was canceled, so its points are back.") % named
    if entry.kind == Kind.EXPIRE:
        return _ended(entry)
    if entry.kind == Kind.ADJUST:
        return _("Changed by the shop"), entry.reason
    return _from_a_card(entry) or (str(entry.get_kind_display()), entry.reason)


def _from_a_card(entry: Entry) -> tuple[str, str] | None:
    if entry.cause not in FROM_CARDS:
        return None
    return _("Stamp card"), str(FROM_CARDS[entry.cause][entry.kind == Kind.EARN])


def _ended(entry: Entry) -> tuple[str, str]:
    last = {"day": day(last_instant(entry.occurred_at))}
    if entry.cause == NEVER_SETTLED:
        why = _("The purchase was not settled by %(day)s, so these points were canceled.")
        return _("Canceled"), why % last
    return _("Expired"), _("These points could be used until %(day)s.") % last


def _terms(entry: Entry) -> list[str]:
    """Return from when to when the points can be spent, where that says anything."""
    said = []
    for lot in entry.lots.all():
        said += _waits(lot) if lot.awaits_event else _dates(lot, entry)
    return list(dict.fromkeys(said))


def _waits(lot: Lot) -> list[str]:
    if not lot.remaining:
        return []
    waits = _("They can be spent once the purchase is settled, which has to be by %(day)s.")
    return [waits % {"day": day(last_instant(lot.available_at))}]


def _dates(lot: Lot, entry: Entry) -> list[str]:
    said = []
    if lot.available_at > entry.occurred_at:
        from_day = day(lot.available_at)
        said.append(_("They can be spent from %(day)s on.") % {"day": from_day})
    if lot.expires_at is not None:
        last = day(last_instant(lot.expires_at))
        said.append(_("They can be spent until %(day)s.") % {"day": last})
    return said
