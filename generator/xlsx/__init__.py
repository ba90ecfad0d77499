"""Everything that reads, patches, writes or encrypts a workbook."""
