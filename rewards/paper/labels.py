"""Address labels and the list to pick by: what goes with a reward that is sent or picked up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from rewards.paper.document import APT, Form, pages_of

LABELS_MAX = 200
LABELS_ON_A_SHEET = 8

LABEL_SHEET = Form("labels", _("Sheet of eight labels, A4"))
PARCEL = Form("parcel", _("One label a page, 100 × 150 mm"))
LABEL_FORMS = {form.name: form for form in (LABEL_SHEET, PARCEL)}
PICK_LIST = Form("picks", _("List to pick by, A4"))


@dataclass(frozen=True, slots=True)
class Label:
    """Who a parcel goes to, and the code by which the shop knows it; nothing of what is in it."""

    shop: str
    name: str
    lines: Sequence[str]
    code: str
    qr: str
    bars: str


@dataclass(frozen=True, slots=True)
class Pick:
    """One piece to be picked; whose it is stands there only if somebody asks for it by name."""

    code: str
    reward: str
    number: str
    goes_to: str
    name: str


@dataclass(frozen=True, slots=True)
class PickList:
    """What is to be picked: each reward with how many of it, then piece by piece."""

    shop: str
    at: datetime
    sums: Sequence[tuple[str, int]]
    picks: Sequence[Pick]


def label_context(form: Form, labels: Sequence[Label], *, first: int = 1) -> dict[str, Any]:
    """Return what paper/labels.html shows; ``first`` is the first free place of the sheet."""
    assert len(labels) <= LABELS_MAX, "more labels are printed in parts"
    size = LABELS_ON_A_SHEET if form is LABEL_SHEET else 1
    blanks = first - 1 if form is LABEL_SHEET else 0
    return {
        "form": form,
        "sheets": list(_sheets([*[None] * blanks, *labels], size)),
        "title": _("Address labels"),
        "apt": APT,
    }


def labels_pdf(form: Form, labels: Sequence[Label], *, first: int = 1) -> bytes:
    """Return the labels as a PDF; raise ``NoPango``."""
    context = label_context(form, labels, first=first)
    return pages_of("paper/labels.html", context).write_pdf()  # type: ignore[no-any-return]


def pick_context(picks: PickList) -> dict[str, Any]:
    """Return what paper/picks.html shows."""
    return {"form": PICK_LIST, "list": picks, "title": _("To pick"), "apt": APT}


def picks_pdf(picks: PickList) -> bytes:
    """Return the list to pick by as a PDF; raise ``NoPango``."""
    return pages_of("paper/picks.html", pick_context(picks)).write_pdf()  # type: ignore[no-any-return]


def _sheets(labels: Sequence[Label | None], size: int) -> Iterator[Sequence[Label | None]]:
    """Cut labels into sheets."""
    for at in range(0, len(labels), size):
        yield labels[at : at + size]
