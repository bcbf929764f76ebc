"""Fault points: functions of the platform, wrapped in a child server by a test."""
