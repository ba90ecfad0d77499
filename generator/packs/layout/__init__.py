"""How a pack is drawn: its workbook, pages, tables and page breaks."""
