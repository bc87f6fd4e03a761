"""Long-running loops. Thin: each round is one call of a handler, testable without the loop."""
