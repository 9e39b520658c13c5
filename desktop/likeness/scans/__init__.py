"""The scan: reading it, its unit and axes, what is wrong with it, and cleaning it."""
