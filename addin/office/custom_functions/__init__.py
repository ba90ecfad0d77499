"""The worksheet functions, under the names that the server expects."""

from __future__ import annotations

from addin.function_calls import server_function
from udfs.excel.functions import FUNCTIONS

globals().update(
    {name: server_function(function) for name, function in FUNCTIONS.items()}
)
