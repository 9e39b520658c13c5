"""People and scans whose truth is known, for tests and benchmarks."""
