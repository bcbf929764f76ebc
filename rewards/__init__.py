"""The catalog, redemptions and checkout: where a receipt is priced, recorded and answered."""
