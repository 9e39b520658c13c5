"""What every room shares: errors, progress, array vocabulary, paths and plain geometry."""
