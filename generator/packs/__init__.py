"""The leaders' workbooks: `write_packs` writes them, `import_returned` reads them back.

A kind of pack is a module of `kinds`, its words in `workbook_templates/packs.toml`, and
one line of `registry`. `facts` holds what is computed from the store, `pages` the pages
that several kinds share, and `layout` how a workbook is drawn.
"""
