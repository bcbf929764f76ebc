"""Lets members in by a one-time code that is sent to their phone or mailbox.

Whether anybody has the contact that was typed changes nothing that can be seen: the same rows are
written, the same limits hold and the same answers are given; only the message is missing.
"""

from __future__ import annotations

import hmac
import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from core import audit
from core.actors import member_actor
from core.errors import InvalidInput, Refusal
from core.locking import lock_one
from core.models import Organization, OutgoingMessage, User
from core.nudges import nudge
from core.services.messages import SEND, Letter, send_later
from core.text import refuse_controls, typed_number
from members.emails import clean_email, email_key
from members.errors import (
    CodeAskedTooSoon,
    CodeNotAccepted,
    PhoneCannotReceiveCodes,
    SignInContactUnreadable,
)
from members.models import Member, SignInCode
from members.phones import e164_for_codes
from members.queries import find_member

DIGITS = 6
LASTS = timedelta(seconds=300)
TRIES_MAX = 5
# How long to wait before the second code, the third and so on; and how many there are in a day.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 900))
CODES_A_DAY_MAX = 10
DAY = timedelta(days=1)

Channel = OutgoingMessage.Channel


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a code goes: an E.164 number or an e-mail address, and what is the same for both."""

    channel: OutgoingMessage.Channel
    to: str
    key: str


def read_contact(organization: Organization, typed: str) -> Contact:
    """Return the phone number or e-mail address somebody typed to sign in."""
    text = typed.strip()
    try:
        refuse_controls(text)
        if "@" in text:
            email = clean_email(text)
            return Contact(Channel.EMAIL, email, f"email:{email_key(email)}")
        phone = e164_for_codes(text, region=organization.country)
    except InvalidInput as refusal:
        if isinstance(refusal, PhoneCannotReceiveCodes):
            refusal.field = "contact"
            raise
        raise SignInContactUnreadable from refusal
    return Contact(Channel.SMS, phone, f"phone:{phone}")


@transaction.atomic
def ask_code(*, organization_id: int, typed: str, language: str) -> uuid.UUID:
    """Send a code to the member of this contact; return the ticket of the browser that asked.

    Raises ``CodeAskedTooSoon`` with ``retry_after``, for contacts of members and of nobody alike.
    """
    organization = Organization.objects.get(pk=organization_id)
    contact = read_contact(organization, typed)
    ticket, code = uuid.uuid4(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    member = _member_behind(organization, contact)
    _keep(organization, contact, member=member, ticket=ticket, code=code)
    speaks = (member and member.language) or language
    letter = _letter(organization, contact, code=code, language=speaks)
    _send_to_members_only(organization, letter, is_member=member is not None)
    return ticket


def sign_in(*, organization_id: int, ticket: uuid.UUID, typed: str) -> Member:
    """Return the member whose code this is, and use it up; afterwards the member has a user.

    Not one transaction: a try stays counted whatever happens after it. Raises ``CodeNotAccepted``
    and says no more than that.
    """
    digits = _read(typed)
    known = _count_try(organization_id, ticket)
    return _use(known, digits)


def forget_old_codes() -> int:
    """Delete the codes of the day before; say how many."""
    return SignInCode.objects.filter(asked_at__lt=timezone.now() - DAY).delete()[0]


def _member_behind(organization: Organization, contact: Contact) -> Member | None:
    if contact.channel == Channel.SMS:
        member = find_member(organization, phone=contact.to)
    else:
        member = find_member(organization, email=contact.to)
    return member if member is not None and member.is_open else None


KEEP = """
    INSERT INTO members_signincode AS had
        (organization_id, contact, member_id, ticket, code, asked_at, again_at, expires_at,
         tries, asked_today, today_since)
    VALUES (%(organization)s, %(contact)s, %(member)s, %(ticket)s, %(code)s, %(now)s,
            %(now)s + make_interval(secs => %(first_pause)s), %(expires_at)s, 0, 1, %(now)s)
    ON CONFLICT (organization_id, contact) DO UPDATE SET
        member_id = excluded.member_id, ticket = excluded.ticket, code = excluded.code,
        asked_at = excluded.asked_at, expires_at = excluded.expires_at, tries = 0, used_at = NULL,
        asked_today = CASE WHEN had.today_since > %(day_ago)s THEN had.asked_today + 1 ELSE 1 END,
        today_since = CASE WHEN had.today_since > %(day_ago)s THEN had.today_since
                      ELSE excluded.today_since END,
        again_at = CASE
            WHEN had.today_since <= %(day_ago)s THEN excluded.again_at
            WHEN had.asked_today + 1 >= %(day_max)s THEN had.today_since + interval '1 day'
            ELSE excluded.asked_at + make_interval(
                secs => (%(pauses)s::int[])[least(had.asked_today + 1, %(pause_count)s)])
        END
    WHERE had.again_at <= excluded.asked_at
    RETURNING id
"""


def _keep(
    organization: Organization,
    contact: Contact,
    *,
    member: Member | None,
    ticket: uuid.UUID,
    code: str,
) -> None:
    """Make this the contact's only code, in one statement: two who ask at once get one code."""
    now = timezone.now()
    pauses = [round(pause.total_seconds()) for pause in PAUSES]
    row: dict[str, Any] = {
        "organization": organization.pk,
        "contact": _contact_digest(organization, contact),
        "member": member.pk if member else None,
        "ticket": ticket,
        "code": _code_digest(ticket, code),
        "now": now,
        "expires_at": now + LASTS,
        "day_ago": now - DAY,
        "day_max": CODES_A_DAY_MAX,
        "first_pause": pauses[0],
        "pauses": pauses,
        "pause_count": len(pauses),
    }
    with connection.cursor() as cursor:
        cursor.execute(KEEP, row)
        if cursor.fetchone() is None:
            raise CodeAskedTooSoon(retry_after=_wait(row, now))


def _wait(row: dict[str, Any], now: datetime) -> int:
    same = SignInCode.objects.filter(organization=row["organization"], contact=row["contact"])
    again_at = same.values_list("again_at", flat=True).first() or now
    return max(1, round((again_at - now).total_seconds()))


def _send_to_members_only(organization: Organization, letter: Letter, *, is_member: bool) -> None:
    """Write the message either way, and take it back when nobody is to get it.

    The work is the same, so that the time an answer takes tells nothing.
    """
    nudge(SEND)
    with suppress(_NobodyThere), transaction.atomic():
        send_later(organization_id=organization.pk, letter=letter)
        if not is_member:
            raise _NobodyThere


class _NobodyThere(Exception):
    """No member has the contact; it is told to nobody."""


def _letter(organization: Organization, contact: Contact, *, code: str, language: str) -> Letter:
    with translation.override(language):
        said = {"code": code, "organization": organization.name}
        text = _("%(code)s is your code for %(organization)s. It works for 5 minutes.") % said
        subject = _("Your code for %(organization)s") % said
    return Letter(
        channel=contact.channel,
        to=contact.to,
        text=text,
        subject=subject if contact.channel == Channel.EMAIL else "",
        worthless_at=timezone.now() + LASTS,
    )


def _read(typed: str) -> str:
    try:
        return typed_number(typed)
    except Refusal as refusal:
        raise CodeNotAccepted from refusal


@transaction.atomic(durable=True)
def _count_try(organization_id: int, ticket: uuid.UUID) -> SignInCode:
    """Count one more try before anything is compared, while tries are left."""
    mine = SignInCode.objects.filter(organization=organization_id, ticket=ticket)
    live = mine.filter(used_at__isnull=True, expires_at__gt=timezone.now(), tries__lt=TRIES_MAX)
    if not live.update(tries=F("tries") + 1):
        raise CodeNotAccepted
    found = mine.first()
    if found is None:  # somebody asked for another code in this moment
        raise CodeNotAccepted
    return found


@transaction.atomic
def _use(known: SignInCode, digits: str) -> Member:
    """Use the code up under its lock, and give the member a user at the first time."""
    row = lock_one(SignInCode, known.pk)
    is_right = hmac.compare_digest(bytes(row.code), _code_digest(known.ticket, digits))
    is_live = row.used_at is None and row.ticket == known.ticket
    if not (is_right and is_live and row.member_id):
        raise CodeNotAccepted
    row.used_at = timezone.now()
    row.save(update_fields=["used_at"])
    member = lock_one(Member, row.member_id)
    if not member.is_open:
        raise CodeNotAccepted
    _give_user(member)
    audit.record(
        "signed_in",
        member,
        organization_id=member.organization_id,
        actor=member_actor(member.pk),
    )
    return member


def _give_user(member: Member) -> None:
    """Let the member be somebody who can sign in; phone and e-mail stay with the organization."""
    if member.user_id is not None:
        return
    member.user = User.objects.create_user()
    member.save(update_fields=["user"])


def _contact_digest(organization: Organization, contact: Contact) -> bytes:
    said = f"{organization.pk}:{contact.key}"
    return salted_hmac("members.sign_in.contact", said, algorithm="sha256").digest()


def _code_digest(ticket: uuid.UUID, code: str) -> bytes:
    return salted_hmac("members.sign_in.code", f"{ticket}:{code}", algorithm="sha256").digest()
