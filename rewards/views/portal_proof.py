"""What a member's phone shows at the till to prove who holds it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from members.doors import PortalRequest, portal
from rewards import proof_tokens


@never_cache
@portal
@require_safe
def proof(request: PortalRequest) -> HttpResponse:
    """Show a picture that is good for two minutes; the page asks for the picture alone."""
    shown = {
        "qr": proof_tokens.image(proof_tokens.make(request.member.public_id)),
        "until": timezone.now() + proof_tokens.LASTS,
        "is_blocked": not request.member.is_open,
    }
    page = "portal/parts/proof.html" if request.headers.get("HX-Request") else "portal/proof.html"
    return render(request, page, shown)
