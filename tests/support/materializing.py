"""Materializing a whole repository in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.config import load_config
from jsonschema_tools.materialization import Materializer, Source
from jsonschema_tools.repository import current_files

if TYPE_CHECKING:
    from pathlib import Path


def materialize_all(root: Path) -> None:
    """Write the versioned files of every current file below a repository's root."""
    config = load_config(root)
    sources = [Source(f.document, f.path.parent) for f in current_files(config) if f.document]
    for result in Materializer(config).run(sources):
        assert result.error is None, result.error
        for output in result.outputs:
            output.write()
