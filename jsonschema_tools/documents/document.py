"""Read a YAML or JSON text or file as a Document: plain data that knows its lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from jsonschema_tools.documents.json_reader import NotPlainJsonError, read_json
from jsonschema_tools.documents.plain_yaml import NotPlainYamlError, read_plain_yaml
from jsonschema_tools.errors import Location, ParseError, ReadError
from jsonschema_tools.files import read_file
from jsonschema_tools.messages import closest

if TYPE_CHECKING:
    from pathlib import Path

    from jsonschema_tools.documents.yaml_reader import LossyNumber
    from jsonschema_tools.values import Json

MAX_SIZE: Final = 16 * 2**20
"""Largest document, in bytes; that takes a few seconds to read."""

_TOO_LARGE: Final = f"larger than {MAX_SIZE // 2**20} MiB"
_SPLIT: Final = "split it into fragments that are referred to with $ref"


@dataclass(frozen=True, slots=True)
class Document:
    """What was read from one file or string.

    Attributes:
        path: the file, as messages name it, or a URL.
        data: the content, see `jsonschema_tools.values`.
        text: the content as it was written, without byte order mark.
        lossy: the numbers in it that changed when they were read.
    """

    path: str
    data: Json
    text: str = field(repr=False)
    lossy: tuple[LossyNumber, ...] = ()

    def locate(self, pointer: str) -> Location:
        """Return where a value is: a property's key, or the nearest parent that is there."""
        from jsonschema_tools.documents.positions import (
            positions,  # here, since only errors need it
        )

        line, column = positions(self.text).nearest(pointer) or (None, None)
        return Location(self.path, pointer, line, column)


def parse(text: str | bytes) -> Json:
    """Return the data of a YAML or JSON text; None if it is empty.

    Raises:
        ParseError: it is neither, or not in the subset that we read.
    """
    return parse_document(text, "<text>").data


def parse_document(text: str | bytes, path: str) -> Document:
    """Return the document of a YAML or JSON text.

    Args:
        text: the content; bytes are UTF-8. A byte order mark is dropped.
        path: what to call it in messages.

    Raises:
        ParseError: it is neither, or not in the subset that we read.
    """
    if len(text) > MAX_SIZE:
        raise ParseError(_TOO_LARGE, at=Location(path), hint=_SPLIT)
    if isinstance(text, bytes):
        text = _decode(text, path, ParseError)
    content = text.removeprefix("\ufeff")
    for read in (read_json, read_plain_yaml):
        try:
            return Document(path, read(content), content)
        except (NotPlainJsonError, NotPlainYamlError):
            continue
    from jsonschema_tools.documents.yaml_reader import read_yaml  # here, since it loads libyaml

    data, lossy = read_yaml(content, path)
    return Document(path, data, content, lossy)


def read_document(file: Path, display_path: str | None = None) -> Document:
    """Read a YAML or JSON file.

    Args:
        file: the file.
        display_path: what to call it in messages; the path itself if not given.

    Raises:
        ReadError: the file is missing, cannot be read, is not a regular file, not UTF-8, or too
            large.
        ParseError: it is neither YAML nor JSON, or not in the subset that we read.
    """
    path = str(file) if display_path is None else display_path
    return parse_document(read_text(file, path), path)


def read_text(file: Path, path: str) -> str:
    """Return the text of a file that should hold a document.

    Args:
        file: the file.
        path: what to call it in messages.

    Raises:
        ReadError: as `read_document`.
    """
    try:
        data = read_file(file, MAX_SIZE + 1)
    except FileNotFoundError:
        raise ReadError("no such file", at=Location(path), hint=_similar(file)) from None
    except IsADirectoryError:
        hint = "name the file in it, such as current.yaml"
        raise ReadError("this is a folder", at=Location(path), hint=hint) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReadError(f"cannot be read: {reason}", at=Location(path)) from None
    except ValueError:
        raise ReadError("cannot be read: a null byte in its name", at=Location(path)) from None
    if len(data) > MAX_SIZE:
        raise ReadError(_TOO_LARGE, at=Location(path), hint=_SPLIT)
    return _decode(data, path, ReadError)


def _decode(data: bytes, path: str, error_class: type[ParseError | ReadError]) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        at = Location(path, None, line, column)
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise error_class("this is UTF-16", at=at, hint="save it as UTF-8") from None
        if b"\0" in data:
            raise error_class("this is binary, neither YAML nor JSON", at=at) from None
        raise error_class("this is not UTF-8", at=at, hint="save it as UTF-8") from None


def _similar(file: Path) -> str | None:
    """Return advice about a missing file: where its symlink points, or a name like its own."""
    if file.is_symlink():
        return f"it is a symlink to {file.readlink()}, which does not exist"
    try:
        names = [entry.name for entry in file.parent.iterdir()]
    except FileNotFoundError:
        return f"the folder {file.parent} is missing"
    except (OSError, ValueError):
        return f"the folder {file.parent} cannot be read"
    similar = closest(file.name, names)
    return f"did you mean {similar}?" if similar else None
