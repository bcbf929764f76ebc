"""Who asks for vouchers through the API, so that failures are counted."""

from __future__ import annotations

from core.api.views import TenantAPIView
from core.visitors import address_of
from rewards.services.voucher_finding import Asker


def asker_of(view: TenantAPIView) -> Asker:
    """Return the shop system whose request a view answers."""
    return Asker(
        organization=view.organization, name=view.actor.name, address=address_of(view.http)
    )
