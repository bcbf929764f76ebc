"""Keeps what members agreed to, one line per answer, for ever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from core import audit
from core.actors import Actor
from core.errors import about
from core.locking import lock_one
from core.text import clean_line
from members.errors import ConsentInvalid, MemberClosed
from members.models import Channel, Consent, Member, Purpose, Source

TEXT_VERSION_LENGTH_MAX = 40


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A yes (or a no) that somebody said to a text in a certain version."""

    channel: str
    purpose: str
    text_version: str
    granted: bool = True


@transaction.atomic
def record_consent(*, member_id: int, given: ConsentGiven, source: Source, actor: Actor) -> Consent:
    """Add one answer to the member's consents."""
    member = lock_one(Member, member_id)
    if not member.is_open:
        raise MemberClosed
    (consent,) = consents_from([given], member=member, source=source, actor=actor)
    consent.save()
    audit.record("consented", member, organization_id=member.organization_id, actor=actor)
    return consent


def consents_from(
    given: Iterable[ConsentGiven], *, member: Member, source: Source, actor: Actor
) -> list[Consent]:
    """Compose, unsaved, the lines for these answers, or refuse one that makes no sense."""
    return [
        Consent(
            member=member,
            channel=_known(answer.channel, Channel.values),
            purpose=_known(answer.purpose, Purpose.values),
            granted=answer.granted,
            text_version=_text_version(answer.text_version),
            source=source,
            by=actor.name,
        )
        for answer in given
    ]


def _known(value: str, values: list[str]) -> str:
    if value not in values:
        raise ConsentInvalid(known=values)
    return value


def _text_version(raw: str) -> str:
    with about("consents"):
        version = clean_line(raw, max_length=TEXT_VERSION_LENGTH_MAX)
    if not version:
        raise ConsentInvalid
    return version
