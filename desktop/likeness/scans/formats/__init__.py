"""Readers of the file formats scans come in, one a file, and what they share."""
