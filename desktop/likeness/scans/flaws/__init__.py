"""What can be wrong with a scan, one kind of flaw a file."""
