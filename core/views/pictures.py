"""Pictures as browsers fetch them."""

from __future__ import annotations

from csp.constants import HEADER as CONTENT_SECURITY_POLICY
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.doors import public
from core.queries import picture_known_as

NEVER_CHANGES = "public, max-age=31536000, immutable"
RUNS_NOTHING = "default-src 'none'; sandbox"


@public(reason="members' pages show it, and its name is known to who may see them")
@require_safe
def picture(_request: HttpRequest, digest: str, *, is_small: bool = False) -> HttpResponse:
    """Answer with a picture; its name is its digest, so that it never changes."""
    found = picture_known_as(digest)
    if found is None:
        raise Http404
    content = found.small if is_small else found.content
    headers = {"Cache-Control": NEVER_CHANGES, CONTENT_SECURITY_POLICY: RUNS_NOTHING}
    return HttpResponse(bytes(content), content_type="image/webp", headers=headers)
