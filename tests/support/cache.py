"""Where tests keep what they have downloaded, for later runs."""

from __future__ import annotations

import os
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jsonschema-tools-tests"
