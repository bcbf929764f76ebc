"""Challenges: what is asked for, in which period, how far somebody has come, and what it gives."""
