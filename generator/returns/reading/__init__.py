"""Reading what came back: one bounded pass, in a process that may die without harm."""
