"""What is typed into the pages of the back-office; shapes only, services and vocabulary decide."""
