"""The worksheet functions, and how they read what Excel hands them."""
