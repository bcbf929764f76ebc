"""Vouchers on paper: a strip for a receipt printer, a sheet for at home, a sign for a table."""

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
from rewards.paper.slips import Slip, slip_of

__all__ = [
    "FORMS",
    "SHEET",
    "SIGN",
    "SLIPS_MAX",
    "STRIP",
    "Form",
    "NoPango",
    "Slip",
    "page_context",
    "pdf_of",
    "slip_of",
]
