"""People: members, their cards and consents; how they join and how a till finds them."""
