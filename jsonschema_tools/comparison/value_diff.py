"""Two JSON values, and how they differ, in words."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING

from jsonschema_tools.messages import format_value
from jsonschema_tools.pointers import join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.values import Json

_MOST = 3


def named(name: str) -> str:
    """Return a name between backticks, on one line whatever is in it."""
    return f"`{dumps(name, ensure_ascii=False)[1:-1]}`"


def from_to(old: Json, new: Json) -> str:
    """Return what changed, such as `from 1 to 2` or `/a from 1 to 2, /b added`."""
    containers = {dict, list}
    if type(old) is not type(new) or type(old) not in containers:
        return f"from {format_value(old)} to {format_value(new)}"
    found = sorted(_differences(old, new))
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return f"{', '.join(found[:_MOST])}{more}"


def _differences(old: Json, new: Json) -> Iterator[str]:
    from deepdiff import DeepDiff  # 0.3 s to import, which only findings and `diff` need

    for kind, levels in DeepDiff(old, new, view="tree").items():
        for level in levels:
            place = named(join(level.path(output_format="list")))
            if kind.endswith("_added"):
                yield f"{place} {format_value(level.t2)} added"
            elif kind.endswith("_removed"):
                yield f"{place} {format_value(level.t1)} removed"
            else:
                yield f"{place} from {format_value(level.t1)} to {format_value(level.t2)}"
