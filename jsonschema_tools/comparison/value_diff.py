"""Two JSON values, and how they differ, in words."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING

from jsonschema_tools.messages import cut
from jsonschema_tools.pointers import join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.values import Json

_LONGEST = 48
_MOST = 3


def shown(value: object) -> str:
    """Return a value as compact JSON, cut where it gets too long to read."""
    text = dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return cut(text, _LONGEST)


def named(name: str) -> str:
    """Return a name between backticks, on one line whatever is in it."""
    return f"`{dumps(name, ensure_ascii=False)[1:-1]}`"


def from_to(old: Json, new: Json) -> str:
    """Return what changed, such as `from 1 to 2` or `/a from 1 to 2, /b added`."""
    containers = {dict, list}
    if type(old) is not type(new) or type(old) not in containers:
        return f"from {shown(old)} to {shown(new)}"
    found = sorted(_differences(old, new))
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return f"{', '.join(found[:_MOST])}{more}"


def _differences(old: Json, new: Json) -> Iterator[str]:
    from deepdiff import DeepDiff  # 0.3 s to import, which only findings and `diff` need

    for kind, levels in DeepDiff(old, new, view="tree").items():
        for level in levels:
            place = named(join(level.path(output_format="list")))
            if kind.endswith("_added"):
                yield f"{place} {shown(level.t2)} added"
            elif kind.endswith("_removed"):
                yield f"{place} {shown(level.t1)} removed"
            else:
                yield f"{place} from {shown(level.t1)} to {shown(level.t2)}"
