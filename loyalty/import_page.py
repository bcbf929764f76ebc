"""What the office's pages of imports show, finished: how far, and what came of each row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import Organization
from core.templatetags.formats import money, number
from loyalty.importing.tally import Tally
from loyalty.models import ImportRefusal, ReceiptImport, ReceiptUpload

FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # how a spreadsheet begins to calculate


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One file in the list."""

    name: str
    url: str
    state: str
    label: str
    at: datetime
    rows: int | None
    result: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is, in rows; ``percent`` while all of them are counted."""

    done: int
    rows: int | None

    @property
    def percent(self) -> int | None:
        """Return how much of the file is done."""
        return min(100, self.done * 100 // self.rows) if self.rows else None


def import_row(organization: Organization, one: ReceiptImport) -> ImportRow:
    """Return an import as the list shows it."""
    tally = Tally.from_data(one.report)
    return ImportRow(
        name=one.file_name,
        url=reverse("office:import", args=[organization.slug, one.public_id]),
        state=one.status,
        label=one.get_status_display(),
        at=one.started_at,
        rows=tally.rows,
        result=in_words(tally),
    )


def upload_row(organization: Organization, one: ReceiptUpload) -> ImportRow:
    """Return a file that is not imported yet as the list shows it."""
    return ImportRow(
        name=one.file_name,
        url=reverse("office:upload", args=[organization.slug, one.public_id]),
        state=state_of(one),
        label=one.get_status_display(),
        at=one.created_at,
        rows=one.rows,
        result=one.problem,
    )


def state_of(one: ReceiptUpload) -> str:
    """Return the state by which chips are colored."""
    known = {"ready": "draft", "checked": "draft", "failed": "blocked", "removed": "ended"}
    working = {"checking": "running", "importing": "running"}
    return {**known, **working}.get(one.status, one.status)


def in_words(tally: Tally) -> str:
    """Say in a line what became of the rows."""
    return _("%(accepted)s accepted, %(refused)s refused, %(skipped)s there before") % {
        "accepted": number(tally.accepted),
        "refused": number(tally.refused),
        "skipped": number(tally.skipped),
    }


def progress_of(one: ReceiptUpload) -> Progress:
    """Return how far the import of a file is."""
    job = one.receipt_import
    return Progress(Tally.from_data(job.report).rows if job else 0, one.rows)


def report_rows(report: Mapping[str, Any], currency: str) -> list[tuple[str, str]]:
    """Return what came of a file as pairs of a name and what is to be said of it."""
    tally = Tally.from_data(report)
    rows = [
        (_("Rows"), in_words(tally)),
        (_("Purchases"), number(tally.purchases)),
        (_("Returns"), number(tally.returns)),
        (_("Receipts that were there before"), number(tally.duplicates)),
        (_("New members"), number(tally.members)),
        (_("Points given"), number(tally.points_given)),
        (_("Points taken back"), number(tally.points_taken)),
        (_("Sold"), money(tally.sold, currency)),
        (_("Returned"), money(tally.returned, currency)),
    ]
    return [*rows, *_reasons(tally)]


def balance_rows(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what came of a file of balances, likewise."""
    tally = Tally.from_data(report)
    rows = [
        (_("Rows"), in_words(tally)),
        (_("New members"), number(tally.members)),
        (_("Points brought forward"), number(tally.points_given)),
    ]
    return [*rows, *_reasons(tally)]


def _reasons(tally: Tally) -> list[tuple[str, str]]:
    refused = ", ".join(f"{code} ({number(rows)})" for code, rows in tally.reasons.most_common())
    return [(_("Reasons of refusals"), refused)] if refused else []


def more_refused(report: Mapping[str, Any], kept: int) -> str:
    """Say how many rows were refused beyond those that are listed."""
    more = Tally.from_data(report).refused - kept
    if more <= 0:
        return ""
    sentence = ngettext(
        "And %(count)s more row, which is not kept.",
        "And %(count)s more rows, which are not kept.",
        more,
    )
    return sentence % {"count": number(more)}


def refusals_as_csv(refusals: Iterable[ImportRefusal]) -> str:
    """Return the refused rows as a table that spreadsheets read and never calculate."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["row", "receipt", "code", "message"])
    for one in refusals:
        table.writerow([one.row, _inert(one.receipt), one.code, _inert(one.message)])
    return text.getvalue()


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULAS) else text
