"""What the first page of the back-office shows, finished: figures, to-do list, charts, news."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.days import local_day, start_of_day
from core.models import Organization
from core.templatetags.formats import day, money, number, percent, signed
from insights import queries
from insights.charts import HEIGHT, WIDTH, Bar, bars
from insights.figures import (
    PERIOD_DAYS,
    Days,
    Outstanding,
    People,
    Week,
    first_day_of_interest,
    periods,
)
from insights.figures import percent as share
from loyalty.earning.vocabulary.goal import Goal
from loyalty.earning.vocabulary.labels import value_label
from members.models import Member

NEWS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Stat:
    """A figure and what it was before."""

    label: str
    value: str
    hint: str


@dataclass(frozen=True, slots=True)
class Aim:
    """The program's goal: what is to be reached, how far it is, and the share of the way."""

    label: str
    now: str
    target: str
    share: int


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of this period beside the one before; ``by`` is how it moved."""

    label: str
    now: str
    before: str
    by: str


@dataclass(frozen=True, slots=True)
class ToDo:
    """Something that waits for somebody; without an address there is nothing to press."""

    text: str
    action: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened."""

    at: datetime
    title: str
    url: str = ""
    amount: Decimal | None = None
    points: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars by week, and the same in words and numbers."""

    key: str
    title: str
    summary: str
    top: str
    series: list[str]
    bars: list[Bar]
    rows: list[tuple[str, list[str]]]
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that was asked of the database for the figures."""

    people: People
    days: Days
    outstanding: Outstanding
    today: date
    goals: Sequence[tuple[str, Goal]] = ()


def home_page(organization: Organization, *, may_manage: bool, now: datetime) -> dict[str, Any]:
    """Return the page's parts, in the order of its questions."""
    page = HomePage(organization, may_manage=may_manage)
    return page.shown(_figures(organization, now), queries.needs(organization, now), page.news())


def _figures(organization: Organization, now: datetime) -> Figures:
    zone = organization.zone
    today = local_day(now, zone)
    current, before = periods(today)
    soon = start_of_day(today + timedelta(days=PERIOD_DAYS + 1), zone)
    return Figures(
        queries.people(organization, current, before),
        queries.days(organization, first_day_of_interest(today), today),
        queries.outstanding(organization, now, soon),
        today,
        queries.goals(organization),
    )


class HomePage:
    """The words and addresses of one organization's page."""

    def __init__(self, organization: Organization, *, may_manage: bool) -> None:
        self._organization = organization
        self._may_manage = may_manage

    def shown(self, figures: Figures, needs: queries.Needs, news: list[News]) -> dict[str, Any]:
        """Return the page's parts as the template wants them."""
        weeks = figures.days.weeks(figures.today)
        return {
            "aims": [self.aim(name, goal, figures) for name, goal in figures.goals],
            "stats": list(self.stats(figures)),
            "todo": list(self.todo(needs, figures)),
            "changes": list(self.changes(figures)),
            "charts": [self.sales_chart(weeks), self.points_chart(weeks)],
            "news": news,
            "has_traded": any(week.trade.receipts for week in weeks),
        }

    def aim(self, program: str, goal: Goal, figures: Figures) -> Aim:
        """Say how far a program is on the way to its goal."""
        current, _before = (figures.days.trade_in(each) for each in periods(figures.today))
        reached = {
            "member_sales": share(current.member_sales, current.sales) or 0,
            "active_members": figures.people.active[0],
            "new_members": figures.people.joined[0],
        }[goal.kind]
        is_share = goal.kind == "member_sales"
        return Aim(
            f"{program}: {value_label('kind', goal.kind)}",
            percent(reached) if is_share else number(reached),
            percent(goal.target) if is_share else number(goal.target),
            min(100, reached * 100 // goal.target),
        )

    def stats(self, figures: Figures) -> Iterator[Stat]:
        """Answer whether it is well."""
        current, before = (figures.days.trade_in(each) for each in periods(figures.today))
        people, left = figures.people, figures.outstanding
        yield Stat(
            _("Sales with a member"),
            _share_of(current.member_sales, current.sales),
            _("%(share)s the month before")
            % {"share": _share_of(before.member_sales, before.sales)},
        )
        yield Stat(
            _("Active members"),
            number(people.active[0]),
            _("of %(members)s, %(share)s")
            % {
                "members": number(people.members),
                "share": _share_of(people.active[0], people.members),
            },
        )
        yield Stat(
            _("New members"),
            number(people.joined[0]),
            _("%(count)s the month before") % {"count": number(people.joined[1])},
        )
        yield Stat(
            _("Points outstanding"),
            number(left.points),
            self._outstanding(left),
        )

    def _outstanding(self, left: Outstanding) -> str:
        """Say with whom the points are, and what they are worth where a program says it."""
        whose = ngettext("with %(count)s member", "with %(count)s members", left.members)
        told = whose % {"count": number(left.members)}
        if left.worth is None:
            return told
        worth = {"members": told, "amount": money(left.worth, self._organization.currency)}
        return _("%(members)s, worth %(amount)s") % worth

    def todo(self, needs: queries.Needs, figures: Figures) -> Iterator[ToDo]:
        """Answer what needs somebody, the most pressing first."""
        yield from self._todo_to_start(needs)
        if needs.approvals:
            text = ngettext(
                "%(count)s correction of points waits for a second person.",
                "%(count)s corrections of points wait for a second person.",
                needs.approvals,
            )
            told = {"count": number(needs.approvals)}
            yield self._do(text % told, _("See the approvals"), "approvals")
        for job in needs.stopped:
            told = {"file": job.file_name, "count": number(job.position)}
            yield self._do(
                _("The import of %(file)s stopped after %(count)s receipts.") % told,
                _("See the imports"),
                "imports",
            )
        for reward in needs.scarce:
            yield self._do(_scarce(reward.name, reward.stock or 0), _("See the rewards"), "rewards")
        for name in needs.drafts:
            yield self._do(
                _("The rule “%(name)s” is a draft and gives nothing yet.") % {"name": name},
                _("See the rules"),
                "rules",
                "program",
            )
        if figures.outstanding.expiring:
            told = {"points": number(figures.outstanding.expiring), "days": number(PERIOD_DAYS)}
            yield self._do(
                _("%(points)s points end within %(days)s days unless they are spent.") % told,
                _("See the rewards"),
                "rewards",
            )

    def _todo_to_start(self, needs: queries.Needs) -> Iterator[ToDo]:
        if not needs.is_live:
            text = _("The program is not switched on: purchases give no points.")
            yield self._do(text, _("Set it up"), "start", "program")
        if not needs.has_register:
            text = _("No device is a register yet: nobody can ring up.")
            yield self._do(text, _("Set up this device"), "enroll")
        if not needs.has_reward:
            text = _("There is nothing to spend points on.")
            yield self._do(text, _("Add a reward"), "add_reward", "rewards")

    def _do(self, text: str, action: str, *pages: str) -> ToDo:
        """Compose a line; it leads to the first of these pages that there is."""
        url = self._url(*pages) if self._may_manage else ""
        return ToDo(text, action if url else "", url)

    def _url(self, *pages: str, about: object = None) -> str:
        words = [self._organization.slug, *([about] if about else [])]
        for page in pages:
            try:
                return reverse(f"office:{page}", args=words)
            except NoReverseMatch:
                continue
        return ""

    def changes(self, figures: Figures) -> Iterator[Change]:
        """Answer what changed, figure by figure."""
        now, before = periods(figures.today)
        trade = figures.days.trade_in(now), figures.days.trade_in(before)
        points = figures.days.points_in(now), figures.days.points_in(before)
        yield self._amounts(_("Sales"), trade[0].sales, trade[1].sales)
        yield self._amounts(_("Sales with a member"), trade[0].member_sales, trade[1].member_sales)
        yield _counts(_("Receipts"), trade[0].receipts, trade[1].receipts)
        yield _shares(
            _("Receipts with a member"),
            share(trade[0].member_receipts, trade[0].receipts),
            share(trade[1].member_receipts, trade[1].receipts),
        )
        yield _counts(_("Active members"), *figures.people.active)
        yield _counts(_("New members"), *figures.people.joined)
        yield _counts(_("Points given"), points[0].given, points[1].given)
        yield _counts(_("Points spent"), points[0].spent, points[1].spent)
        yield _counts(_("Points expired"), points[0].expired, points[1].expired)
        yield _counts(_("Rewards taken"), *figures.people.redeemed)

    def _amounts(self, label: str, now: Decimal, before: Decimal) -> Change:
        currency = self._organization.currency
        return Change(label, money(now, currency), money(before, currency), _moved(now, before))

    def sales_chart(self, weeks: list[Week]) -> Chart:
        """Draw what was sold each week, to members and to guests."""
        currency = self._organization.currency
        values = [(week.trade.member_sales, week.trade.guest_sales) for week in weeks]
        top = max((sum(pair, Decimal(0)) for pair in values), default=Decimal(0))
        return Chart(
            key="sales",
            title=_("Sales by week"),
            summary=_("Sales of the last %(count)s weeks; the best week came to %(top)s.")
            % {"count": number(len(weeks)), "top": money(top, currency)},
            top=money(top, currency),
            series=[_("with a member"), _("others")],
            bars=bars(values, top, stacked=True),
            rows=[
                (day(week.monday), [money(value, currency) for value in pair])
                for week, pair in zip(weeks, values, strict=True)
            ],
        )

    def points_chart(self, weeks: list[Week]) -> Chart:
        """Draw the points of each week, given and spent."""
        values = [(week.points.given, week.points.spent) for week in weeks]
        top = max((max(pair) for pair in values), default=0)
        return Chart(
            key="points",
            title=_("Points by week"),
            summary=_("Points of the last %(count)s weeks; at most %(top)s in one week.")
            % {"count": number(len(weeks)), "top": number(top)},
            top=number(top),
            series=[_("given"), _("spent")],
            bars=bars(values, top, stacked=False),
            rows=[
                (day(week.monday), [number(value) for value in pair])
                for week, pair in zip(weeks, values, strict=True)
            ],
        )

    def news(self) -> list[News]:
        """Return the newest of everything, newest first."""
        found = [*self._purchases(), *self._redemptions(), *self._members()]
        return sorted(found, key=attrgetter("at"), reverse=True)[:NEWS_SHOWN]

    def _purchases(self) -> Iterator[News]:
        for bought in queries.latest_purchases(self._organization):
            who = _name(bought.member) if bought.member else _("Guest")
            title = _("%(who)s bought at %(store)s") % {"who": who, "store": bought.store.name}
            yield News(
                bought.occurred_at,
                title,
                self._page_of(bought.member),
                bought.total - bought.returned,
            )

    def _redemptions(self) -> Iterator[News]:
        for taken in queries.latest_redemptions(self._organization):
            told = {"who": _name(taken.member), "reward": taken.reward.name}
            title = _("%(who)s took %(reward)s") % told
            url = self._page_of(taken.member)
            yield News(taken.created_at, title, url, points=-taken.points)

    def _members(self) -> Iterator[News]:
        for member in queries.latest_members(self._organization):
            title = _("%(who)s joined") % {"who": _name(member)}
            yield News(member.joined_at, title, self._page_of(member))

    def _page_of(self, member: Member | None) -> str:
        return self._url("member", about=member.public_id) if member else ""


def _name(member: Member) -> str:
    return member.name or _("A member without a name")


def _scarce(name: str, stock: int) -> str:
    if not stock:
        return _("“%(name)s” is sold out.") % {"name": name}
    text = ngettext(
        "Only %(count)s of “%(name)s” is left.", "Only %(count)s of “%(name)s” are left.", stock
    )
    return text % {"count": number(stock), "name": name}


def _share_of(part: Decimal | int, whole: Decimal | int) -> str:
    found = share(part, whole)
    return "–" if found is None else percent(found)


def _counts(label: str, now: int, before: int) -> Change:
    return Change(label, number(now), number(before), _moved(now, before))


def _shares(label: str, now: int | None, before: int | None) -> Change:
    """Compare two shares; they move by points of a hundred, not by a share of themselves."""
    moved = signed(now - before) if now is not None and before is not None else "–"
    shown = ["–" if each is None else percent(each) for each in (now, before)]
    return Change(label, shown[0], shown[1], moved)


def _moved(now: Decimal | int, before: Decimal | int) -> str:
    """Say by how much of itself a figure moved; from nothing there is no share."""
    by = share(now - before, before)
    if by is None:
        return "–"
    return f"+{percent(by)}" if by > 0 else percent(by)
