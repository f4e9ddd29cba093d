"""The versioned schemas of the real repository, where it is beside this checkout."""

from __future__ import annotations

from pathlib import Path

PRIMARY = Path(__file__).parents[3] / "shared/repositories/primary"
SCHEMAS = sorted(
    path
    for path in PRIMARY.glob("jsonschema/**/*.yaml")
    if path.name[0].isdecimal() and not path.is_symlink()
)
