"""Events: what producers send, the schemas that events name, and the streams that they go to."""

from jsonschema_tools.events.fill import fill
from jsonschema_tools.events.registry import Registry
from jsonschema_tools.events.schema import EventSchema, UnusableSchemaError
from jsonschema_tools.events.stream_files import load_streams
from jsonschema_tools.events.streams import Stream, StreamConfigs
from jsonschema_tools.events.verdict import Verdict, judge

__all__ = [
    "EventSchema",
    "Registry",
    "Stream",
    "StreamConfigs",
    "UnusableSchemaError",
    "Verdict",
    "fill",
    "judge",
    "load_streams",
]
