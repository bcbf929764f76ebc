"""What insights do: the demo shop is made here."""
