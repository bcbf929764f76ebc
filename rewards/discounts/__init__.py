"""Discounts: what benefits, tiers and vouchers take off a purchase, and why; values in, values out.

Nothing here asks the database, the clock or the settings. Amounts are exact decimals.
"""
