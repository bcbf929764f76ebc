"""The earning engine: receipts and rules in, explained points out, without a database."""
