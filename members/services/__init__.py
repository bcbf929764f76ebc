"""What can be done with people; each service is one transaction."""
