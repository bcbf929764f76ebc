"""Chores that an operator starts by `manage.py`."""
