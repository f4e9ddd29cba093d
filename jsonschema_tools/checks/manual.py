"""The manual of the checks, made from the registry: for `explain`, and for docs/checks.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.checks import CHECKS
from jsonschema_tools.checks.base import SUITES

if TYPE_CHECKING:
    from jsonschema_tools.checks.base import Check

_HEAD = """\
# Checks

<!-- Made from the checks themselves by `python -m jsonschema_tools.checks.manual`; do not edit. -->

`jsonschema-tools check` runs them all but those of the suite `lake`, which run where they are asked
for, and those that say that they run only where they are named; `--select` and `--ignore` choose by
id, `--suite` by suite.
`jsonschema-tools explain CHECK` prints what stands here. To excuse a schema from a check, add a
waiver to `skipSchemaTestCases` in `.jsonschema-tools.yaml`:

```yaml
skipSchemaTestCases:
  '^/thing/change/1\\.':                 # searched in the `$id`
    - schema-snake-case-properties      # or, with more to say:
    - check: schema-deterministic-types
      reason: a legacy schema
      ticket: T12345
      until: 2027-01-31                 # from the next day on it does not count
```
"""


def page(check: Check) -> str:
    """Return the manual page of a check, in Markdown."""
    return (
        f"{check.id}\n\n{check.summary}\n\n"
        f"Suite: {check.suite}. One result for each {check.scope.per}.{_when(check)}\n\n"
        f"{check.explanation}\n"
    )


def table() -> str:
    """Return all checks, one on a line, by suite."""
    width = max(len(check.id) for check in CHECKS)
    lines = []
    for suite in SUITES:
        lines.append(f"{suite}:")
        lines += [f"  {c.id:{width}}  {c.summary}" for c in CHECKS if c.suite == suite]
    return "\n".join(lines) + "\n"


def markdown() -> str:
    """Return docs/checks.md."""
    parts = [_HEAD]
    for suite in SUITES:
        parts.append(f"## {suite.capitalize()}\n")
        parts += [_section(check) for check in CHECKS if check.suite == suite]
    return "\n".join(parts)


def _section(check: Check) -> str:
    return (
        f"### {check.id}\n\n"
        f"{check.summary} One result for each {check.scope.per}.{_when(check)}\n\n"
        f"{check.explanation}\n"
    )


def _when(check: Check) -> str:
    return f" Only with `--select {check.id}`." if check.on_demand else ""


if __name__ == "__main__":
    import sys

    sys.stdout.write(markdown())
