"""The words of the commands, one module a theme; `cli` assembles them."""
