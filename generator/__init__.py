"""Files in and files out: a school's exports, markbooks, returns and packs."""
