"""One verb of the procedure per module; each can be run twice and returns an `Outcome`."""
