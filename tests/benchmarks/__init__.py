"""How right, how often and how fast: measured, never asserted."""
