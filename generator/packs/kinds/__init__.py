"""One module for each kind of pack: whom it is for, and what it opens on."""
