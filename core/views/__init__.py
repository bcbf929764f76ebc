"""The pages of the ground floor: signing in, the office home, enrolling a till."""
