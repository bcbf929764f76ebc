"""What the ground floor does: one atomic function per verb."""
