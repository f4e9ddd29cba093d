"""What came of the events of a request, and how an answer lists those that were refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from jsonschema_tools.events.problems import errors_text
from jsonschema_tools.events.verdict import Verdict
from jsonschema_tools.values import as_object

if TYPE_CHECKING:
    from jsonschema_tools.values import Json

#: `produce`: the log did not take it
Kind: TypeAlias = Literal["invalid", "error", "produce"]


@dataclass(frozen=True, slots=True)
class Failure:
    """An event that was not accepted.

    Attributes:
        index: its place in the request.
        kind: why.
        event: the event, with what was filled in.
        verdict: what is wrong.
    """

    index: int
    kind: Kind
    event: Json
    verdict: Verdict

    def item(self) -> dict[str, Json]:
        """Return the failure as the answer lists it, in EventGate's shape."""
        if self.kind != "invalid":
            context: dict[str, Json] = {"message": self.verdict.message}
            return {"status": "error", "event": self.event, "context": context}
        errors: list[Json] = [
            {
                "keyword": problem.keyword,
                "dataPath": problem.data_path,
                "schemaPath": problem.schema_path,
                "params": problem.params,
                "message": problem.message,
                **({"hint": problem.hint} if problem.hint else {}),
            }
            for problem in self.verdict.problems
        ]
        text = errors_text(self.verdict.problems)
        return {
            "status": "invalid",
            "event": self.event,
            "context": {"errors": errors, "errorsText": text},
        }


@dataclass(slots=True)
class Outcome:
    """What came of the events of a request.

    Attributes:
        total: how many there were.
        failures: those that were not accepted, in their order.
    """

    total: int
    failures: list[Failure] = field(default_factory=list)


def stream_of(event: dict[str, Json]) -> Json:
    """Return `meta.stream` of an event; None where it has none."""
    meta = event.get("meta")
    return meta.get("stream") if isinstance(meta, dict) else None


def refusal(message: str, event: Json) -> Verdict:
    """Return the verdict on an event that is refused for another reason than its schema."""
    uri = as_object(event).get("$schema")
    stream = stream_of(as_object(event))
    return Verdict(
        status="error",
        uri=uri if isinstance(uri, str) else None,
        stream=stream if isinstance(stream, str) else None,
        message=message,
    )


def error_type(failure: Failure) -> str:
    """Return the name under which metrics count a failure."""
    return {"invalid": "ValidationError", "error": "Error", "produce": "ProduceError"}[failure.kind]


def why(verdict: Verdict) -> str:
    """Return what is wrong, on one line."""
    return errors_text(verdict.problems) or verdict.message or "unknown"
