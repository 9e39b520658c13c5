"""One scan to one result folder; the engine process that does it for the window; batches."""
