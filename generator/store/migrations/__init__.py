"""How a store made by an earlier version is brought up to date."""
