"""Results day: what happened beside what was predicted, and what is said of it."""
