"""What an MIS exports, read as it comes: sheets, lists, then pupils and classes."""
