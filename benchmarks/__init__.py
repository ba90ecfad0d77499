"""How quick the writer and the reader are, beside other ways of doing the same."""
