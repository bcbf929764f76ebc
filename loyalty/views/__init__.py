"""Loyalty's pages in the back-office."""
