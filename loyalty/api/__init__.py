"""Members, entries, adjustments and the program for shop systems."""
