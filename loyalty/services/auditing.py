"""Asks every promise about an organization at night, and stops spending where one broke."""

from __future__ import annotations

from datetime import datetime

import structlog

from core.invariants import Violation
from core.metrics import BROKEN_PROMISES
from core.services.audit_ledger import violations
from loyalty.services.reviews import quarantine, scope_since

ROWS_LOGGED = 20

log = structlog.get_logger(__name__)


def audit_organization(*, organization_id: int, since: datetime | None = None) -> list[Violation]:
    """Audit what was touched since then, or everything, and put what is wrong under review."""
    found = violations(scope_since(organization_id, since))
    marked = quarantine(found)
    BROKEN_PROMISES.labels(str(organization_id)).set(len(found))
    if found:
        log.error(
            "ledger_promises_broken",
            organization=organization_id,
            rows=len(found),
            first=[_told(row) for row in found[:ROWS_LOGGED]],
            put_under_review=[account.pk for account in marked],
        )
    else:
        log.info("ledger_audited", organization=organization_id, in_full=since is None)
    return found


def _told(row: Violation) -> str:
    return f"{row.invariant} {row.subject}:{row.subject_id} {row.detail}"
