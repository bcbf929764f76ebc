"""The checkout and redemptions for shop systems."""
