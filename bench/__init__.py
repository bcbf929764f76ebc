"""Measures; no part of the product imports this."""
