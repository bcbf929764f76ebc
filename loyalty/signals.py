"""What loyalty announces to the apps above it, inside the transaction; history stays silent."""

from __future__ import annotations

from django.dispatch import Signal

purchase_recorded = Signal()  # sent with recorded=Recorded
purchase_returned = Signal()  # sent with done=Returned; a receiver may refuse, and lower refund
rule_activating = Signal()  # sent with spec=RuleVersionSpec, program; a receiver may refuse
gifts_promised = Signal()  # sent with gifts=[AnyGift], program; a receiver may refuse
# Sent with grants=[Grant], is_silent; who owns what they name fulfills it.
grants_given = Signal()
# Sent with grants=[Grant]; a receiver returns the keys of those that cannot be taken back.
grants_withdrawn = Signal()
