"""What can be done at the checkout and with rewards: one function per verb."""
