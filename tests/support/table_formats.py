"""The formats of tables, and the libraries that write them."""

from __future__ import annotations

import pytest

FORMATS = ["parquet", "delta", "iceberg"]
_LIBRARIES = {"parquet": "duckdb", "delta": "deltalake", "iceberg": "pyiceberg"}


def need_library(table_format: str) -> None:
    """Skip a test where the library of a format is not installed."""
    pytest.importorskip(_LIBRARIES[table_format])
