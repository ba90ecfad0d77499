"""The add-ins for Excel, and the entry point of the command line."""
