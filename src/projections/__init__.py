"""Read models: pure folds from facts to documents, one file each, with their queries."""
