"""The worksheet functions, as the server looks for them."""

from __future__ import annotations

from udfs.functions import FUNCTIONS

globals().update({name: made.ask for name, made in FUNCTIONS.items()})
