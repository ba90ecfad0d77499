"""The issued file: what stands where, how it is written, how it is known again."""
