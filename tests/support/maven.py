"""Jars that tests start: Maven brings what a pom names, once."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.cache import CACHE


def why_no_maven() -> str | None:
    """Return why there are no jars here; None if there are."""
    missing = [name for name in ("java", "mvn") if shutil.which(name) is None]
    return f"{' and '.join(missing)} not found" if missing else None


def jars(pom: Path) -> Path:
    """Return the folder with the jars that a pom names."""
    digest = hashlib.sha256(pom.read_bytes()).hexdigest()[:12]
    folder = CACHE / f"{pom.parent.name}-{digest}"
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        fresh = tempfile.mkdtemp(dir=CACHE)  # complete before it has its name
        command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
        subprocess.run([*command, f"-DoutputDirectory={fresh}"], check=True, timeout=300)
        try:
            Path(fresh).rename(folder)
        except OSError:  # another process was faster
            shutil.rmtree(fresh)
    return folder
