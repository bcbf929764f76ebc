"""What loyalty announces to the apps above it, inside the transaction; history stays silent."""

from __future__ import annotations

from django.dispatch import Signal

purchase_recorded = Signal()  # sent with recorded=Recorded
purchase_returned = Signal()  # sent with done=Returned
rule_activating = Signal()  # sent with spec=RuleVersionSpec, program; a receiver may refuse
