"""What a workbook is and what is published: data files only, no code."""
