"""``manage.py migrate``: Django's, as the owner of the tables, who then grants their use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connection

from core.services.grants import READER, as_owner, grant


class Command(migrate.Command):
    """Bring tables up to date; with an owner of their own, say again who may do what."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, and renew the grants where the product does not own its tables."""
        product = connection.settings_dict["USER"]
        with as_owner():
            super().handle(*args, **options)
            if settings.DATABASE_OWNER:
                grant(app=product, reader=READER)
