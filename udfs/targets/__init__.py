"""Targets: how each is drawn, settled, reviewed and added up."""
