"""Where this very tool can be installed from, for the requirements of a new schema repository."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Final, NotRequired, TypedDict

from jsonschema_tools._version import __version__

if TYPE_CHECKING:
    from importlib.metadata import Distribution

NAME: Final = "jsonschema-tools"

#: a host that never exists (RFC 2606): what is not replaced fails, and runs nobody's code
_NOWHERE: Final = f"{NAME} @ git+https://replace-me.invalid/{NAME}.git@v{__version__}"
_UNKNOWN: Final = f"""\
# Replace this by where you take {NAME} from, such as git+https://HOST/PATH.git@COMMIT:
# it was installed from a folder, which others do not have.
{_NOWHERE}
"""
_REMOTE: Final = re.compile(r"(?:https?|ssh|git)://[^\s]+|[\w.-]+@[\w.-]+:[^\s]+")


@dataclass(frozen=True, slots=True)
class Requirement:
    """What pip installs this tool from.

    Attributes:
        text: the content of a requirements file.
        is_known: whether others can install from it; if not, it has to be replaced.
    """

    text: str
    is_known: bool = True


def requirement() -> Requirement:
    """Return what pip installs this tool from: the place that it came from, at its version.

    PEP 610 records that place, and nothing where it is the index.
    """
    try:
        installed = distribution(NAME)
    except PackageNotFoundError:
        return Requirement(_UNKNOWN, is_known=False)
    record = installed.read_text("direct_url.json")
    if record is not None:
        found = _from_record(json.loads(record))
    else:
        found = f"{NAME}=={__version__}" if _is_from_index(installed) else _from_checkout(_source())
    if found is None:
        return Requirement(_UNKNOWN, is_known=False)
    return Requirement(f"{found}\n")


class _Vcs(TypedDict):
    vcs: str
    commit_id: NotRequired[str]


class _Archive(TypedDict):
    hash: NotRequired[str]


class _Record(TypedDict):
    """What pip records of where a package came from (PEP 610), as far as it is read here."""

    url: NotRequired[str]
    vcs_info: NotRequired[_Vcs]
    archive_info: NotRequired[_Archive]


def _from_record(origin: _Record) -> str | None:
    """Return the requirement that a record of PEP 610 means; None for a folder without remote."""
    url = origin.get("url", "")
    if "vcs_info" in origin and (commit := origin["vcs_info"].get("commit_id")):
        return f"{NAME} @ {origin['vcs_info']['vcs']}+{url}@{commit}"
    if "archive_info" in origin and url.startswith(("http://", "https://")):
        digest = origin["archive_info"].get("hash", "")
        return f"{NAME} @ {url}" + (f"#{digest}" if digest else "")
    if url.startswith("file://"):
        from urllib.request import url2pathname

        return _from_checkout(Path(url2pathname(url.removeprefix("file://"))))
    return None


def _is_from_index(installed: Distribution) -> bool:
    """Tell whether the package that runs is the one that was installed, not one from a folder."""
    return Path(str(installed.locate_file("jsonschema_tools"))).resolve() == Path(__file__).parents[
        1
    ].resolve() and bool(installed.read_text("INSTALLER"))


def _source() -> Path:
    return Path(__file__).parents[2]


def _from_checkout(folder: Path) -> str | None:
    """Return the remote and the commit of a git checkout that the tool was installed from."""
    from jsonschema_tools.errors import GitError
    from jsonschema_tools.git.work_tree import open_work_tree

    if not (folder / ".git").exists():
        return None
    try:
        tree = open_work_tree(folder)
        remote, commit = tree.remote_url(), tree.resolve("HEAD")
    except GitError:
        return None
    if remote is None or not _REMOTE.fullmatch(remote):
        return None  # none, or a folder
    if "://" not in remote:  # git@HOST:PATH, as only git writes it
        remote = f"ssh://{remote.replace(':', '/', 1)}"
    return f"{NAME} @ git+{_without_secrets(remote)}@{commit}"


def _without_secrets(url: str) -> str:
    """Return a URL without password, and without user name where ssh does not need it."""
    name = r"\1@" if url.startswith("ssh://") else ""
    return re.sub(r"(?<=://)([^/@:]*)(?::[^/@]*)?@", name, url)
