"""What can be done to programs, purchases and the ledger: one function per verb."""
