"""Lays slips out on pages: as PDF where Pango is installed, elsewhere for the browser's printer.

The layout engine is imported when it is first needed: it takes half a second and libraries that
not every machine has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rewards.paper.slips import Slip

SLIPS_MAX = 200
STYLE = "css/paper.css"
APT = "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto"
FETCHED = ("data",)


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of paper: the name by which the style knows it, and what people call it."""

    name: str
    label: str | Promise


STRIP = Form("strip", _("Strip for a receipt printer, 80 mm"))
SHEET = Form("sheet", _("Sheet to print at home, A4"))
SIGN = Form("sign", _("Sign for a table, A5"))
FORMS = {form.name: form for form in (STRIP, SHEET, SIGN)}


class NoPango(Exception):
    """This machine lacks the libraries that PDFs are laid out with."""


def page_context(
    form: Form, slips: Sequence[Slip], *, title: str, first: int = 1
) -> dict[str, Any]:
    """Return what templates/paper/ shows; ``first`` is the place of the first slip in its batch."""
    return {"form": form, "slips": list(enumerate(slips, start=first)), "title": title, "apt": APT}


def pdf_of(form: Form, slips: Sequence[Slip], *, title: str, first: int = 1) -> bytes:
    """Return the slips as a PDF, at most ``SLIPS_MAX`` of them; raise ``NoPango``."""
    return laid_out(form, slips, title=title, first=first).write_pdf()  # type: ignore[no-any-return]


def laid_out(form: Form, slips: Sequence[Slip], *, title: str, first: int = 1) -> Any:
    """Return the pages before they are written, for who wants to look at them."""
    assert len(slips) <= SLIPS_MAX, "longer ranges are printed in parts"
    weasyprint = _engine()
    context = page_context(form, slips, title=title, first=first)
    html = render_to_string("paper/document.html", context)
    fetcher = only_data(weasyprint)
    style = weasyprint.CSS(string=_style(), url_fetcher=fetcher)
    return weasyprint.HTML(string=html, url_fetcher=fetcher).render(stylesheets=[style])


def only_data(weasyprint: Any) -> Any:
    """Return what reads data: addresses, refuses every other, and so fetches nothing."""
    return weasyprint.urls.URLFetcher(allowed_protocols=FETCHED)


def _engine() -> Any:
    try:
        return import_module("weasyprint")
    except OSError as fault:
        raise NoPango from fault


@cache
def _style() -> str:
    path = finders.find(STYLE)
    assert path is not None, "the style of paper is one of our files"
    return Path(str(path)).read_text(encoding="utf-8")
