"""Files of receipts: what their columns mean, how they are read, and which rows make a receipt."""
