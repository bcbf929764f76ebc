"""From nothing to a program: the questions, shops to begin like, and the file that is made."""
