"""Documents for parents and pupils, as tagged PDF files."""
