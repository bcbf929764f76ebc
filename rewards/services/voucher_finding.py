"""Finds the voucher behind a code, for somebody who may not guess: failures are counted.

What is unknown, another organization's, or no code at all gets one answer. A slip of the finger is
told by the check character before anything is looked up, and not counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.errors import TriedTooOften
from core.models import Organization
from core.services.windows import Window, count_failure, refuse_full
from rewards.errors import VoucherMistyped, VoucherUnknown
from rewards.models import Voucher
from rewards.queries import voucher_named
from rewards.voucher_codes import check, clean

PER_ASKER = (10, timedelta(minutes=1))
PER_ADDRESS = (30, timedelta(hours=1))
PER_ORGANIZATION = (1_000, timedelta(hours=1))

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who shows a code: ``name`` is the shop system, the session at a register or the member."""

    organization: Organization
    name: str
    address: str


def find_voucher(*, asker: Asker, text: str, counts: bool = True) -> Voucher:
    """Return the voucher of a code that was typed, scanned or sent; no transaction is open yet.

    Without ``counts`` it may be something else, and a failure is none.
    Raises ``VoucherMistyped``, ``VoucherUnknown`` or ``TriedTooOften``, also for a right code.
    """
    code = clean(text)
    if code and not check(code):
        raise VoucherMistyped
    with against_voucher_guessing(asker=asker, codes=[text], counts=counts):
        voucher = voucher_named(asker.organization, text)
        if voucher is None:
            raise VoucherUnknown
    return voucher


@contextmanager
def against_voucher_guessing(
    *, asker: Asker, codes: Collection[str], counts: bool = True
) -> Iterator[None]:
    """Count a ``VoucherUnknown`` among these codes, if any; to be entered before any transaction.

    Raises ``TriedTooOften`` for whoever has failed too often, also for right codes.
    """
    if not codes:
        yield
        return
    windows = _windows(asker)
    with _guesses_logged(asker):
        refuse_full(windows)
    try:
        yield
    except VoucherUnknown:
        with _guesses_logged(asker):
            count_failure(windows if counts else ())
        raise


@contextmanager
def _guesses_logged(asker: Asker) -> Iterator[None]:
    try:
        yield
    except TriedTooOften:
        _log.warning("voucher_codes_guessed", organization=asker.organization.pk)
        raise


def _windows(asker: Asker) -> list[Window]:
    return [
        Window(f"voucher:{asker.name}", *PER_ASKER),
        Window(f"voucher:address:{asker.organization.pk}:{asker.address}", *PER_ADDRESS),
        Window(f"voucher:organization:{asker.organization.pk}", *PER_ORGANIZATION),
    ]
