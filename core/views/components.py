"""The page on which developers see every component in every look; production has none."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from core.doors import public
from core.specimens import SPECIMENS, Contents

# The name in the address: what it is called, its theme, and a language that is written that way.
LOOKS = {
    "light-ltr": ("Light, left to right", "light", "en"),
    "dark-ltr": ("Dark, left to right", "dark", "en"),
    "light-rtl": ("Light, right to left", "light", "fa"),
    "dark-rtl": ("Dark, right to left", "dark", "fa"),
}
IN_LISTS = frozenset({"activity_row", "timeline_row"})  # stand in a list
IN_FIGURES = frozenset({"stat"})  # stand in a list of names and values


@public(reason="it shows invented contents, and only where the product is being made")
@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Show every component in the look that the address asks for."""
    if settings.PRODUCTION:
        raise Http404
    look = request.GET.get("look", "light-ltr")
    if look not in LOOKS:
        raise Http404
    _label, theme, language = LOOKS[look]
    with translation.override(language):
        looks = [
            {"url": f"?look={name}", "label": label, "current": name == look}
            for name, (label, _theme, _language) in LOOKS.items()
        ]
        context = {"components": drawn(get_token(request)), "looks": looks, "theme": theme}
        return render(request, "office/components.html", context)


def drawn(csrf_token: str) -> list[Contents]:
    """Return every component with its specimens, in the words of the active language."""
    return [
        {
            "name": name,
            "in_list": name in IN_LISTS,
            "in_figures": name in IN_FIGURES,
            "specimens": [_html(name, contents | {"csrf_token": csrf_token}) for contents in each],
        }
        for name, each in SPECIMENS.items()
        if each
    ]


def _html(name: str, contents: Contents) -> SafeString:
    return render_to_string(f"components/{name}.html", contents)
