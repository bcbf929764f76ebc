"""Stamp cards: what they ask for and give, and how full they are by what came and went."""
