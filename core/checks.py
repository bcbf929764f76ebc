"""What `manage.py check --deploy` says about an installation beyond Django's own advice."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 Django's name

ONE_ROLE = Warning(
    "The product owns its tables, so that it could empty them and switch their guards off.",
    hint="Let migrations run as another role, named in DATABASE_OWNER_URL; see docs/running.md.",
    id="regulars.W001",
)


@register(Tags.security, deploy=True)
def warn_of_one_role(**_asked: Any) -> list[CheckMessage]:
    """Advise two roles in the database where there is one."""
    return [] if settings.DATABASE_OWNER else [ONE_ROLE]
