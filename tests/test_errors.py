"""An error that is told another place stays the error that it is."""

from __future__ import annotations

from jsonschema_tools.errors import Location, UnresolvedRefError
from jsonschema_tools.merging.conflict import AllOfConflictError


def test_another_place() -> None:
    error = UnresolvedRefError("nothing found", hint="look elsewhere")
    placed = error.placed(Location("a.yaml", line=3))
    assert str(placed) == "a.yaml:3: error[unresolved-ref]: nothing found\n  hint: look elsewhere"
    assert placed.args == ("nothing found",)
    assert error.at is None


def test_another_hint() -> None:
    error = AllOfConflictError("they disagree", ("type",), hint="choose")
    other = error.hinted("drop one")
    assert (other.hint, other.path) == ("drop one", ("type",))
    assert error.hint == "choose"
