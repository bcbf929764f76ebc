"""Lets members take part in challenges that ask for it: once, and while they run."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.outbox import event, tell
from loyalty.challenges.counting import CompiledChallenge
from loyalty.challenges.periods import is_over
from loyalty.errors import ChallengeJoined, ChallengeNotOpen, ChallengeOver
from loyalty.models import Account, Challenge, ChallengeRun, Program
from loyalty.services.accounts import accounts_for
from loyalty.services.challenge_runs import compiled
from loyalty.services.ledger import open_book
from members.errors import MemberBlocked, MemberUnknown
from members.models import Member, MemberStatus


@transaction.atomic
def join_challenge(*, challenge_id: int, member_id: int, actor: Actor) -> ChallengeRun:
    """Let a member take part from this minute on.

    Raises ``ChallengeNotOpen``, ``ChallengeOver``, ``ChallengeJoined`` or ``MemberBlocked``.
    """
    now = timezone.now()
    challenge = Challenge.objects.select_related("program__organization").get(pk=challenge_id)
    version = version_at(challenge, now)
    _refuse_closed(challenge, member_id)
    holding = (challenge.program_id, member_id)
    # Under the lock of the account, so that two clicks begin one run.
    with open_book(accounts_for([holding]).values(), actor=actor, to_earn=True) as book:
        account = book.accounts[book.living(next(iter(book.accounts)))]
        if challenge.runs.filter(account=account, starts_at__lte=now, ends_at__gt=now).exists():
            raise ChallengeJoined
        run = _begun(challenge, version, account, now)
        run.save(force_insert=True)
        _announce(run, account, actor)
    return run


def version_at(challenge: Challenge, now: datetime) -> CompiledChallenge:
    """Return what a challenge says at that moment to those who want to join; or refuse them."""
    if challenge.status == Challenge.Status.ENDED:
        raise ChallengeOver
    program = challenge.program
    is_live = program.status == Program.Status.LIVE and program.is_open
    if challenge.status != Challenge.Status.ACTIVE or not is_live:
        raise ChallengeNotOpen
    begun = challenge.versions.filter(effective_from__lte=now).order_by("-number").first()
    if begun is None or not compiled(begun.pk).spec.is_opt_in:
        raise ChallengeNotOpen
    return compiled(begun.pk)


def _refuse_closed(challenge: Challenge, member_id: int) -> None:
    organization = challenge.program.organization
    member = Member.objects.filter(pk=member_id, organization=organization).first()
    if member is None:
        raise MemberUnknown
    if member.status != MemberStatus.ACTIVE:
        raise MemberBlocked


def _begun(
    challenge: Challenge, version: CompiledChallenge, account: Account, now: datetime
) -> ChallengeRun:
    zone = challenge.program.organization.zone
    minute = now.replace(second=0, microsecond=0)  # tills that tell no seconds count as well
    span = version.spec.period.span_at(minute, zone)
    if span is None:
        raise ChallengeOver if is_over(version.spec.period, now, zone) else ChallengeNotOpen
    return ChallengeRun(
        account=account,
        challenge=challenge,
        version_id=int(version.version_key),
        period=span.day,
        starts_at=max(span.starts_at, minute),
        ends_at=span.ends_at,
        opted_in_at=now,
    )


def _announce(run: ChallengeRun, account: Account, actor: Actor) -> None:
    """Tell of it, and note it where somebody else than the member let them take part."""
    payload = {
        "challenge": run.challenge.code,
        "account": str(account.public_id),
        "period": run.period.isoformat(),
        "actor": actor.kind,
    }
    organization_id = run.challenge.program.organization_id
    if actor.kind == "staff":
        audit.record("joined", run, organization_id=organization_id, actor=actor)
    tell([event("challenge.joined", run, organization_id=organization_id, payload=payload)])
