"""What an MIS exports, read as it comes: files, sheets, lists, then pupils and classes."""
