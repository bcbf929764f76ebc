"""What the figures say: the office's first page, and the demo shop."""
