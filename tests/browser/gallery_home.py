"""The back-office's first page, with believable contents and with none."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from core.models import Organization
from insights.figures import Days, Outstanding, People, Points, Trade
from insights.home_page import Figures, HomePage, News
from insights.queries import Needs
from loyalty.models import ReceiptImport
from rewards.models import Reward

SHOP = Organization(name="Bean & Leaf", slug="bean-and-leaf", currency="GBP")


def busy_days(today: date) -> Days:
    """Return three months in which every day is a little different."""
    past = [today - timedelta(days=ago) for ago in range(90)]
    trade = {
        day: Trade(
            receipts=60 + day.day,
            member_receipts=40 + day.day,
            sales=Decimal(1200 + 37 * day.day),
            member_sales=Decimal(900 + 20 * day.day),
        )
        for day in past
    }
    points = {day: Points(given=900 + day.day, spent=20 * day.day, expired=40) for day in past}
    return Days(trade=trade, points=points)


def home_contexts() -> dict[str, dict[str, Any]]:
    """Return what the page shows on a busy day and on the first one."""
    now = timezone.now()
    page = HomePage(SHOP, may_manage=True)
    busy = Figures(
        People(members=12_408, joined=(311, 280), active=(4_120, 4_377), redeemed=(208, 190)),
        busy_days(now.date()),
        Outstanding(points=2_230_700, members=9_044, expiring=48_120),
        now.date(),
    )
    waiting = Needs(
        has_register=False,
        is_live=True,
        has_reward=True,
        drafts=["Triple points on flowers, Fridays"],
        scarce=[Reward(name="Market tote bag", stock=3), Reward(name="Tasting", stock=0)],
        stopped=[ReceiptImport(file_name="receipts-2026.csv.gz", position=14_500)],
    )
    news = [
        News(now - timedelta(hours=1), "Mina Karimi took A slice of cake", "#", points=-220),
        News(now - timedelta(hours=2), "Guest bought at High Street", amount=Decimal("12.40")),
        News(now - timedelta(days=1), "Wilhelmina van den Bergh-Featherstonehaugh joined", "#"),
    ]
    new = Figures(People(), Days(), Outstanding(), now.date())
    nothing = Needs(
        has_register=False, is_live=False, has_reward=False, drafts=[], scarce=[], stopped=[]
    )
    return {
        "office-home": page.shown(busy, waiting, news),
        "office-home-new": page.shown(new, nothing, []),
        "office-home-calm": page.shown(busy, CALM, news) | {"todo": []},
    }


CALM = Needs(has_register=True, is_live=True, has_reward=True, drafts=[], scarce=[], stopped=[])
