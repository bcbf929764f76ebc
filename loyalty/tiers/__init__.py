"""Tiers: what a ladder asks for, who stands where by their past, and what is missing."""
