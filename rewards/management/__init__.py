"""What the operator does with rewards on the command line."""
