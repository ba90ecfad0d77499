"""The worksheet functions, as the server looks for them."""

from __future__ import annotations

from addin.wire import served
from udfs.functions import FUNCTIONS

globals().update({name: served(made) for name, made in FUNCTIONS.items()})
