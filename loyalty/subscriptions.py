"""What loyalty listens to."""

from __future__ import annotations

from core.subscriptions import Subscriber
from loyalty.services.seal_copies import keep_copy
from loyalty.services.seals import SEALED

SUBSCRIBERS = (Subscriber("copy of seals", frozenset({SEALED}), keep_copy),)
