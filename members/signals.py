"""What this app announces to the apps above it, inside the transaction."""

from __future__ import annotations

from django.dispatch import Signal

member_enrolled = Signal()  # sender=Member; member=Member
