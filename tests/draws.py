"""Prize draws for tests, made through the services that real ones are made with."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from core.actors import SYSTEM
from members.models import Member
from rewards.drawing.document import DrawPart
from rewards.models import Draw, DrawTicket
from rewards.services.draw_closing import close_draw
from rewards.services.draw_settings import open_draw, save_draw
from rewards.services.draw_winning import draw_winners
from rewards.services.draws import HandWish, enter_by_hand
from tests.shops import Shop

_numbers = count(1)


def a_draw(shop: Shop, **said: Any) -> Draw:
    """Write a draw that closes in a week; its one prize is a new reward, unless said otherwise."""
    if "prizes" not in said:
        said["prizes"] = ({"reward": shop.reward(500, name="Hamper").code, "count": 1},)
    part = DrawPart.model_validate(
        {
            "code": f"draw-{next(_numbers)}",
            "name": "Summer draw",
            "closes_at": _moment(timezone.now() + timedelta(days=7)),
            **{name: _moment(value) for name, value in said.items()},
        }
    )
    return save_draw(program_id=shop.program.pk, part=part, actor=SYSTEM)


def opened(shop: Shop, **said: Any) -> Draw:
    """Open such a draw."""
    return open_draw(draw_id=a_draw(shop, **said).pk, actor=SYSTEM)


def closed(draw: Draw) -> Draw:
    """Close it by hand."""
    return close_draw(draw_id=draw.pk, actor=SYSTEM)


def drawn(draw: Draw, public_text: str = "") -> Draw:
    """Close it, if need be, and draw it."""
    close_draw(draw_id=draw.pk, actor=SYSTEM)
    return draw_winners(
        draw_id=draw.pk, public_text=public_text, actor=SYSTEM, request_key=f"draw-{draw.pk}"
    )


def by_hand(draw: Draw, member: Member, tickets: int = 1) -> DrawTicket:
    """Give tickets by hand."""
    wish = HandWish(draw.pk, member.pk, tickets, "Counter game")
    return enter_by_hand(wish=wish, actor=SYSTEM, request_key=f"hand-{next(_numbers)}")


def tickets_rule(shop: Shop, draw: Draw, **effect: Any) -> None:
    """Let purchases earn tickets: one each, unless the effect says otherwise."""
    effect = {"type": "draw_tickets", "draw": draw.code, **effect}
    shop.add_rule({"trigger": {"type": "purchase"}, "effect": effect})


def of_draw(draw: Draw) -> list[tuple[int, int, bool]]:
    """Return its tickets: first, last, and whether they still stand."""
    rows = DrawTicket.objects.filter(draw=draw).order_by("first")
    return [(row.first, row.last, row.canceled_at is None) for row in rows]


def _moment(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def people(shop: Shop, count: int) -> list[Member]:
    """Enroll so many members."""
    return [shop.member(f"+4474001300{number:02}", name=f"P{number}") for number in range(count)]


def crowd(shop: Shop, count: int = 4, **said: Any) -> tuple[Draw, list[Member]]:
    """Open a draw with a crowd of members who have two tickets each."""
    draw = opened(shop, **said)
    members = people(shop, count)
    for member in members:
        by_hand(draw, member, 2)
    return draw, members
