"""Writes the program that the set-up assistant describes, or shows what it would be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from core.actors import SYSTEM, Actor
from core.models import Organization
from loyalty.models import Program
from loyalty.queries import programs_of
from loyalty.services.programs import FIRST_SLUG, Loaded, load_program
from rewards.starting.answers import Answers
from rewards.starting.document import document_of

Status = Program.Status


def first_program(organization: Organization) -> Program | None:
    """Return the program that the assistant sets up: the oldest that has not ended."""
    return programs_of(organization).exclude(status=Status.ENDED).first()


def set_up(*, organization: Organization, answers: Answers, is_open: bool, actor: Actor) -> Loaded:
    """Bring the first program to what was answered, and open it unless it is to rest as a draft.

    What a program gave before stays. Raises ``ProgramInvalid`` with every fault.
    """
    document = _document(organization, answers, is_open=is_open)
    return load_program(organization_id=organization.pk, document=document, actor=actor)


@contextmanager
def tried(*, organization: Organization, answers: Answers) -> Iterator[Loaded]:
    """Have the program there as it would be, for as long as the body looks; nothing stays."""
    with transaction.atomic():
        yield set_up(organization=organization, answers=answers, is_open=True, actor=SYSTEM)
        transaction.set_rollback(True)


def _document(organization: Organization, answers: Answers, *, is_open: bool) -> dict[str, Any]:
    known = first_program(organization)
    slug = known.slug if known else FIRST_SLUG
    status = Status.LIVE if is_open else (Status(known.status) if known else Status.DRAFT)
    return document_of(answers, slug=slug, status=status.value)
