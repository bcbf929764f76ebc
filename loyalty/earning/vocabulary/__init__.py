"""The words rules are written in: triggers, conditions, effects and limits, as checked data."""
