"""The least that could record a purchase, to measure against."""
