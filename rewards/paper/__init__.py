"""What is printed: vouchers as strip, sheet or sign; address labels; the list to pick by."""

from __future__ import annotations

from rewards.paper.document import (
    FORMS,
    SHEET,
    SIGN,
    SLIPS_MAX,
    STRIP,
    Form,
    NoPango,
    page_context,
    pdf_of,
)
from rewards.paper.labels import (
    LABEL_FORMS,
    LABEL_SHEET,
    LABELS_MAX,
    LABELS_ON_A_SHEET,
    PARCEL,
    Label,
    Pick,
    PickList,
    label_context,
    labels_pdf,
    pick_context,
    picks_pdf,
)
from rewards.paper.slips import Slip, slip_of

__all__ = [
    "FORMS",
    "LABELS_MAX",
    "LABELS_ON_A_SHEET",
    "LABEL_FORMS",
    "LABEL_SHEET",
    "PARCEL",
    "SHEET",
    "SIGN",
    "SLIPS_MAX",
    "STRIP",
    "Form",
    "Label",
    "NoPango",
    "Pick",
    "PickList",
    "Slip",
    "label_context",
    "labels_pdf",
    "page_context",
    "pdf_of",
    "pick_context",
    "picks_pdf",
    "slip_of",
]
