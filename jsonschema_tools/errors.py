"""What goes wrong, as values: where it is, what it is, what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_BUG = 3


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file or remote document.

    Attributes:
        path: the file, relative to the working directory where it is below it, or a URL.
        pointer: JSON Pointer (RFC 6901) into the document; "" is the whole document.
        line: 1-based line.
        column: 1-based column, in characters.
    """

    path: str
    pointer: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Return `path:line:column`, as editors and terminals link it."""
        parts = [self.path]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


class SchemaToolsError(Exception):
    """The run, or one schema of it, cannot go on.

    Attributes:
        code: stable, kebab-case name of the kind of error.
        message: what is wrong, in one line.
        at: where.
        hint: what to do.
        counterexample: an event that shows it, in words and one line.
    """

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = EXIT_FAILED

    def __init__(
        self,
        message: str,
        *,
        at: Location | None = None,
        hint: str | None = None,
        counterexample: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.hint = hint
        self.counterexample = counterexample

    def placed(self, at: Location | None) -> Self:
        """Return the same error with another place."""
        return self._with(at=at)

    def hinted(self, hint: str) -> Self:
        """Return the same error with another hint."""
        return self._with(hint=hint)

    def _with(self, **facts: object) -> Self:
        other = type(self).__new__(type(self), *self.args)
        other.__dict__.update(self.__dict__, **facts)
        return other

    def __str__(self) -> str:
        """Return the whole error as it is shown: place, code, message, pointer, event, hint."""
        place = f"{self.at}: " if self.at else ""
        pointer = f" (at {self.at.pointer})" if self.at and self.at.pointer else ""
        hint = f"\n  hint: {self.hint}" if self.hint else ""
        example = f"\n  {self.counterexample}" if self.counterexample else ""
        return f"{place}error[{self.code}]: {self.message}{pointer}{example}{hint}"


class ParseError(SchemaToolsError):
    """A document is not YAML or JSON, or not in the subset that we read."""

    code = "parse-error"


class ReadError(SchemaToolsError):
    """A file or remote document cannot be read."""

    code = "read-error"


class WriteError(SchemaToolsError):
    """A file cannot be written; what was there before is still there."""

    code = "write-error"


class ConfigError(SchemaToolsError):
    """The configuration or the call is wrong."""

    code = "config-error"
    exit_status = EXIT_USAGE


class SchemaError(SchemaToolsError):
    """A schema lacks what materializing needs, such as a version in its `$id`."""

    code = "schema-error"


class UnresolvedRefError(SchemaToolsError):
    """A `$ref` points to nothing that can be found."""

    code = "unresolved-ref"


class ForbiddenRefError(SchemaToolsError):
    """A `$ref` leads out of the configured base URIs."""

    code = "forbidden-ref"


class CircularRefError(SchemaToolsError):
    """A chain of `$ref`s leads back to where it began."""

    code = "circular-ref"


class MergeConflictError(SchemaToolsError):
    """Two branches of an `allOf` contradict each other."""

    code = "merge-conflict"


class ExampleError(SchemaToolsError):
    """No example can be generated for a schema."""

    code = "example-error"


class GitError(SchemaToolsError):
    """A git command failed, or git was not found."""

    code = "git-error"


class UnknownRevisionError(GitError):
    """A revision that was asked for does not exist here."""

    code = "unknown-revision"
    exit_status = EXIT_USAGE


# a runner trims what a line begins with; older commands may be anywhere in it
# Patterns are strings, which `re` compiles when they are first used: not at start-up.
_COMMAND = r"(?m)^\s*(?=::)|##(?=\[)"


def printable(text: str, *, has_commands: bool = False) -> str:
    r"""Return text with control characters escaped, so that no document drives a terminal.

    Newline and tab stay. C0 and C1 controls, DEL, bidirectional overrides and lone surrogates
    become `\x1b`, `\u202e` and the like. What GitHub Actions would take for a command (`::error`
    where a line begins, `##[error]` anywhere) gets a backslash.

    Args:
        text: what to show.
        has_commands: whether there are commands in it that are meant.
    """
    if not has_commands and ("::" in text or "##[" in text):
        text = re.sub(_COMMAND, lambda start: f"{start[0]}\\", text)
    if text.replace("\n", "").replace("\t", "").isprintable():  # surrogates are not
        return text
    return "".join(
        c
        if c in "\n\t" or (c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF)
        else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding: something in a schema that its author may fix.

    Attributes:
        message: what is wrong, in plain words and one line.
        pointer: JSON Pointer to the place in the checked document, if there is one.
        hint: what to do.
        at: the place, where it is in another document than the checked one.
        counterexample: an event that shows it, in words and one line.
    """

    message: str
    pointer: str | None = None
    hint: str | None = None
    at: Location | None = None
    counterexample: str | None = None
