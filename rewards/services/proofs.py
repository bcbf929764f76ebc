"""Asks members who spend many points at a till to prove that they are there themselves.

Earning needs no more than a phone number. From ``proof_points_from`` points within an hour on,
spending needs what only the member has: their phone, signed in, or a code that was sent to it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from core.errors import Refusal, TriedTooOften
from core.locking import lock_one
from core.models import Organization, OutgoingMessage, Register, Staff
from core.services.messages import Letter, send_later
from core.services.windows import Window, count_done
from core.text import typed_number
from loyalty.models import Account, Entry, Program, Purchase
from members.models import Member
from members.queries import everyone_in
from rewards import proof_tokens
from rewards.errors import ProofCodeTooSoon, ProofNeeded, ProofNotAccepted, ProofNotSendable
from rewards.models import Proof, ProofCode, Redemption
from rewards.services.baskets import Place

LASTS = timedelta(minutes=10)
CODE_LASTS = timedelta(minutes=5)
DIGITS = 6
TRIES_MAX = 5
PAUSE = timedelta(seconds=60)
CODES_A_DAY_MAX = 10
DAY = timedelta(days=1)
PER_STAFF = (10, timedelta(hours=1))
PER_ORGANIZATION = (2_000, DAY)
WINDOW = timedelta(hours=1)

KEEP = """
    INSERT INTO rewards_proofcode AS had
        (member_id, register_id, code, asked_at, expires_at, tries, asked_today, today_since)
    VALUES (%(member)s, %(register)s, %(code)s, %(now)s, %(expires_at)s, 0, 1, %(now)s)
    ON CONFLICT (member_id) DO UPDATE SET
        register_id = excluded.register_id, code = excluded.code, asked_at = excluded.asked_at,
        expires_at = excluded.expires_at, tries = 0, used_at = NULL,
        asked_today = CASE WHEN had.today_since > %(day_ago)s THEN had.asked_today + 1 ELSE 1 END,
        today_since = CASE WHEN had.today_since > %(day_ago)s THEN had.today_since
                      ELSE excluded.today_since END
    WHERE had.asked_at <= %(before)s
        AND (had.today_since <= %(day_ago)s OR had.asked_today < %(day_max)s)
    RETURNING id
"""


@transaction.atomic
def send_proof_code(*, member_id: int, place: Place) -> None:
    """Send the member a code to say at this register.

    Raises ``ProofNotSendable`` or ``ProofCodeTooSoon`` with ``retry_after``; then nothing was
    counted.
    """
    member = Member.objects.select_related("organization").get(pk=member_id)
    channel, to = _contact(member)
    _count_code(member.organization_id, place)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    _keep(member, place, code)
    send_later(
        organization_id=member.organization_id,
        letter=_letter(member, channel, to, code),
    )


def prove_by_code(*, member_id: int, place: Place, typed: str) -> Proof:
    """Take the code that the member said, once.

    Not one transaction: a try stays counted whatever comes after it. Raises ``ProofNotAccepted``.
    """
    digits = _digits(typed)
    known = _count_try(member_id, place)
    return _use(known, digits, place)


@transaction.atomic
def prove_by_phone(*, organization: Organization, place: Place, text: str) -> Proof:
    """Take what the member's phone shows, once, wherever it is shown.

    Raises ``ProofNotAccepted`` when it is too old, was used or is another club's.
    """
    whose = proof_tokens.read(text)
    known = Member.objects.filter(organization=organization)
    member = known.filter(public_id=whose).first() if whose else None
    if member is None or not member.is_open:
        raise ProofNotAccepted
    try:
        with transaction.atomic():
            shown = hashlib.sha256(text.encode()).digest()
            return _proof(member, place, Proof.Means.PHONE, shown=shown)
    except IntegrityError:  # the same picture was scanned before
        raise ProofNotAccepted from None


def refuse_unproved(*, program: Program, member_id: int, place: Place) -> None:
    """Refuse what was just spent at a till, in its transaction, by who has not proved to be there.

    What was spent at tills within the last hour counts as one, so that many small bites are not
    let pass, nor those of several who share their points: spending locked the account before.
    """
    least = program.terms.proof_points_from
    if least is None:
        return
    now = timezone.now()
    member = Member.objects.get(pk=member_id)
    if _spent_lately(member, now) >= least and proof_of(member, place, now=now) is None:
        raise ProofNeeded(points_from=least)


def proof_of(member: Member, place: Place, *, now: datetime) -> Proof | None:
    """Return the member's proof at this register that still counts, if there is one."""
    shown = Proof.objects.filter(member=member, register=place.register, staff=place.staff)
    return shown.filter(expires_at__gt=now).order_by("-expires_at").first()


def forget_old_proof_codes() -> int:
    """Delete the codes of the day before; say how many."""
    return ProofCode.objects.filter(asked_at__lt=timezone.now() - DAY).delete()[0]


def _spent_lately(member: Member, now: datetime) -> int:
    """Return the points spent at tills in the last hour: taken for rewards, or paid with.

    What the member spent counts, and what anybody spent from an account that the member holds.
    """
    people = everyone_in(member)
    accounts = _accounts_of(people)
    since = now - WINDOW
    taken = Redemption.objects.filter(
        Q(member__in=people) | Q(account__in=accounts),
        created_at__gte=since,
        store__isnull=False,
        status__in=[Redemption.Status.HELD, Redemption.Status.ISSUED],
        actor__startswith="staff:",
    ).aggregate(points=Sum("points"))["points"]
    paid = Purchase.objects.filter(
        Q(member__in=people) | Q(pk__in=_paid_from(accounts, since)),
        occurred_at__gte=since,
        source="till",
    ).aggregate(points=Sum("payments__points"))["points"]
    return (taken or 0) + (paid or 0)


def _accounts_of(people: QuerySet[Member]) -> list[int]:
    """Return the accounts that the people hold, with those that were merged into them."""
    held = Q(holders__member__in=people) | Q(merged_into__holders__member__in=people)
    return list(Account.objects.filter(held).values_list("pk", flat=True))


def _paid_from(accounts: list[int], since: datetime) -> list[int]:
    """Return the purchases that were paid with points of these accounts."""
    spent = Entry.objects.filter(account__in=accounts, occurred_at__gte=since)
    paying = spent.filter(kind=Entry.Kind.REDEEM, cause="purchase", cause_id__isnull=False)
    return list(paying.values_list("cause_id", flat=True))  # type: ignore[arg-type]  # none is None


def _contact(member: Member) -> tuple[OutgoingMessage.Channel, str]:
    if member.phone:
        return OutgoingMessage.Channel.SMS, str(member.phone)
    if member.email:
        return OutgoingMessage.Channel.EMAIL, member.email
    raise ProofNotSendable


def _count_code(organization_id: int, place: Place) -> None:
    """Count one more code of who works here and of the organization, before it is sent."""
    windows = [
        Window(f"proof_code:staff:{_here(place)[1].pk}", *PER_STAFF),
        Window(f"proof_code:organization:{organization_id}", *PER_ORGANIZATION),
    ]
    try:
        count_done(windows)
    except TriedTooOften as full:
        raise ProofCodeTooSoon(**full.data) from None


def _keep(member: Member, place: Place, code: str) -> None:
    """Make this the member's only code, in one statement."""
    now = timezone.now()
    row: dict[str, Any] = {
        "member": member.pk,
        "register": _here(place)[0].pk,
        "code": _digest(member.pk, code),
        "now": now,
        "expires_at": now + CODE_LASTS,
        "before": now - PAUSE,
        "day_ago": now - DAY,
        "day_max": CODES_A_DAY_MAX,
    }
    with connection.cursor() as cursor:
        cursor.execute(KEEP, row)
        if cursor.fetchone() is None:
            raise ProofCodeTooSoon(retry_after=_wait(member.pk, now))


def _wait(member_id: int, now: datetime) -> int:
    had = ProofCode.objects.get(member=member_id)
    is_over = had.asked_today >= CODES_A_DAY_MAX and had.today_since > now - DAY
    again_at = had.today_since + DAY if is_over else had.asked_at + PAUSE
    return max(1, round((again_at - now).total_seconds()))


def _letter(member: Member, channel: OutgoingMessage.Channel, to: str, code: str) -> Letter:
    with translation.override(member.language or translation.get_language()):
        said = {"code": code, "organization": member.organization.name}
        text = _(
            "Say %(code)s at the till of %(organization)s if you are spending points there now. "
            "If you are not, tell nobody."
        )
        subject = _("Are you at %(organization)s?") % said
    return Letter(
        channel=channel,
        to=to,
        text=text % said,
        subject=subject if channel == OutgoingMessage.Channel.EMAIL else "",
        worthless_at=timezone.now() + CODE_LASTS,
    )


def _digits(typed: str) -> str:
    try:
        return typed_number(typed)
    except Refusal as refusal:
        raise ProofNotAccepted from refusal


@transaction.atomic(durable=True)
def _count_try(member_id: int, place: Place) -> ProofCode:
    """Count one more try before anything is compared, while tries are left."""
    live = ProofCode.objects.filter(
        member=member_id,
        register=place.register,
        used_at__isnull=True,
        expires_at__gt=timezone.now(),
        tries__lt=TRIES_MAX,
    )
    if not live.update(tries=F("tries") + 1):
        raise ProofNotAccepted
    return ProofCode.objects.get(member=member_id)


@transaction.atomic
def _use(known: ProofCode, digits: str, place: Place) -> Proof:
    row = lock_one(ProofCode, known.pk, "member")
    is_right = hmac.compare_digest(bytes(row.code), _digest(row.member_id, digits))
    if not is_right or row.used_at is not None:
        raise ProofNotAccepted
    row.used_at = timezone.now()
    row.save(update_fields=["used_at"])
    return _proof(row.member, place, Proof.Means.CODE)


def _proof(
    member: Member, place: Place, means: Proof.Means, *, shown: bytes | None = None
) -> Proof:
    now = timezone.now()
    register, staff = _here(place)
    return Proof.objects.create(
        member=member,
        register=register,
        staff=staff,
        means=means,
        shown=shown,
        at=now,
        expires_at=now + LASTS,
    )


def _here(place: Place) -> tuple[Register, Staff]:
    assert place.register and place.staff, "somebody asks, at a register"  # noqa: PT018 one fact
    return place.register, place.staff


def _digest(member_id: int, code: str) -> bytes:
    return salted_hmac("rewards.proof.code", f"{member_id}:{code}", algorithm="sha256").digest()
