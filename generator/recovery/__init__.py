"""Getting everything back: adoption, keys, backups and the audit."""
