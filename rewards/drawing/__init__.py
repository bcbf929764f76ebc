"""Prize draws that anyone can check: the list of tickets, the hat, and the proof. No database.

docs/draws.md explains the method in plain words; ``snippet`` holds the same in a few lines.
"""
