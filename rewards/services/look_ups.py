"""Finds members at a till, and keeps count: staff look up those who stand before them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from core.models import Organization
from members.models import Member
from members.queries import MaskedMember, look_up
from rewards.errors import TooManyLookUps
from rewards.models import LookUp
from rewards.services.baskets import Place

IN_VAIN_MAX = 120
WINDOW = timedelta(hours=1)
ONE_CUSTOMER = timedelta(minutes=10)  # what was searched so long ago was for somebody else
KEPT_FOR = timedelta(days=180)


@transaction.atomic
def search(*, organization: Organization, place: Place, text: str) -> list[MaskedMember]:
    """Return whom the text may mean, and note that this was asked."""
    now = timezone.now()
    _refuse_browsing(place, now)
    found = look_up(organization, text)
    _note(place, now, matched=len(found))
    return found


@transaction.atomic
def open_member(*, place: Place, member: Member) -> None:
    """Note whose balance is shown; the search that led here is the same look-up.

    Who was shown within the hour is nobody new, also after a purchase. Raises ``TooManyLookUps``.
    """
    now = timezone.now()
    if _recent(place, now).filter(member=member).exists():
        return
    led_here = _in_vain(place, now).filter(member=None, matched__gt=0, at__gt=now - ONE_CUSTOMER)
    newest = led_here.order_by("-at").values("pk")[:1]
    if not LookUp.objects.filter(pk__in=newest).update(member=member):
        _refuse_browsing(place, now)
        _note(place, now, matched=1, member=member)


@transaction.atomic
def follow(*, place: Place, member_id: int | None, purchase_id: int) -> None:
    """Note that the purchase is why the member, or somebody just now, was looked for."""
    now = timezone.now()
    just_now = Q(member=None, at__gt=now - ONE_CUSTOMER)
    led_here = Q(member=member_id) | just_now if member_id else just_now
    _in_vain(place, now).filter(led_here).update(purchase=purchase_id)


def forget_old_look_ups() -> int:
    """Delete what is too old to be asked about; say how much it was."""
    return LookUp.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _in_vain(place: Place, now: datetime) -> QuerySet[LookUp]:
    """Return the recent look-ups of whoever works here that no purchase followed."""
    return _recent(place, now).filter(purchase=None)


def _recent(place: Place, now: datetime) -> QuerySet[LookUp]:
    return LookUp.objects.filter(staff=place.staff, at__gt=now - WINDOW)


def _refuse_browsing(place: Place, now: datetime) -> None:
    newest = _in_vain(place, now).order_by("-at").values("pk")[:IN_VAIN_MAX]
    counted = LookUp.objects.filter(pk__in=newest).aggregate(first=Min("at"), count=Count("pk"))
    if counted["count"] >= IN_VAIN_MAX:
        wait = counted["first"] + WINDOW - now
        raise TooManyLookUps(retry_after=max(1, round(wait.total_seconds())))


def _note(place: Place, now: datetime, *, matched: int, member: Member | None = None) -> None:
    assert place.staff and place.register, "somebody looks, and somewhere"  # noqa: PT018 one fact
    LookUp.objects.create(
        staff=place.staff, register=place.register, at=now, matched=matched, member=member
    )
