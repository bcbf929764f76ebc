"""`manage.py compile_catalogs`: makes the languages ready to be shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.catalogs import compile_catalogs


class Command(BaseCommand):
    """Compile what is new in the languages; `up` does so by itself."""

    help = "Compile the catalogs of locale/ that are newer than what was compiled of them."
    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Compile, and say what."""
        for folder in settings.LOCALE_PATHS:
            for text in compile_catalogs(Path(folder)):
                self.stdout.write(str(text.with_suffix(".mo")))
