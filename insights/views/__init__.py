"""The pages of insights, by surface."""
