"""The pages of rewards and the checkout, by surface."""
