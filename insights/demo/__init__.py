"""What the demo shop is made of: names, stores, staff, program."""
