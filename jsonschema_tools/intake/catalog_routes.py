"""What an intake shows of its repository: stream configuration and schemas."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from jsonschema_tools.errors import ConfigError
from jsonschema_tools.events.constraints import parse_constraints
from jsonschema_tools.files import read_file
from jsonschema_tools.intake import answers
from jsonschema_tools.intake.app import response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from jsonschema_tools.intake.stream_source import StreamSource

_TYPES = {".json": "application/json", ".yaml": "application/yaml", ".yml": "application/yaml"}
#: streams that one request may name: each is looked for among all patterns
MOST_NAMES = 1000
_LARGEST = 16 * 2**20  # bytes of a file


@dataclass(frozen=True, slots=True)
class CatalogRoutes:
    """Answers for stream configuration and schemas.

    Attributes:
        streams: the stream configuration.
        folders: the schema base paths.
    """

    streams: StreamSource
    folders: Sequence[Path]

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/v1/stream-configs", self.stream_configs),
            Route("/v1/stream-configs/{names:path}", self.stream_configs),
            Route("/w/api.php", self.api),
            Route("/schemas/{path:path}", self.schema),
        ]

    async def stream_configs(self, request: Request) -> Response:
        """Answer as EventGate does: settings by name; unknown names are left out."""
        names = request.path_params.get("names", "").replace("|", ",")
        wanted = list(dict.fromkeys(name for name in names.split(",") if name))
        if len(wanted) > MOST_NAMES:
            raise HTTPException(400, f"Too many streams: at most {MOST_NAMES:,} at a time")
        current = self.streams.current
        return response(answers.json_answer(current.select(wanted) if current is not None else {}))

    async def api(self, request: Request) -> Response:
        """Answer `action=streamconfigs` as MediaWiki's EventStreamConfig does."""
        query = request.query_params
        if query.get("action") != "streamconfigs":
            error = {"code": "badvalue", "info": 'Unrecognized value for parameter "action".'}
            return response(answers.json_answer({"error": error}, 400))
        wanted = list(dict.fromkeys(n for n in query.get("streams", "").split("|") if n))
        if len(wanted) > MOST_NAMES:
            text = f'Too many values for parameter "streams"; at most {MOST_NAMES:,}.'
            error = {"code": "toomanyvalues", "info": text}
            return response(answers.json_answer({"error": error}, 400))
        texts = [text for text in query.get("constraints", "").split("|") if text]
        try:
            constraints = parse_constraints(texts)
        except ConfigError as problem:
            error = {"code": "badvalue", "info": problem.message}
            return response(answers.json_answer({"error": error}, 400))
        current = self.streams.current
        found = current.select(wanted, constraints) if current is not None else {}
        return response(answers.json_answer({"streams": found}))

    async def schema(self, request: Request) -> Response:
        """Answer with a file of the schema base paths; links are followed within them."""
        try:
            content = await run_in_threadpool(self._read, request.path_params["path"])
        except OSError:
            content = None
        if content is None:
            raise HTTPException(404)
        body, kind = content
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"etag": tag, "content-type": kind, "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers)

    def _read(self, path: str) -> tuple[bytes, str] | None:
        if "\0" in path or "\\" in path or any(part.startswith(".") for part in path.split("/")):
            return None
        roots = [Path(os.path.realpath(folder)) for folder in self.folders]
        for root in roots:
            file = _file(root / path, roots)
            if file is not None:
                body = read_file(file)
                name = body.decode(errors="replace").strip() if len(body) < 256 else "/"
                target = None if "/" in name else _file(file.parent / name, roots)
                if target is not None and target != file:  # a link that git checked out as a file
                    file, body = target, read_file(target)
                return body, _TYPES.get(file.suffix, "application/yaml")
        return None


def _file(path: Path, roots: Sequence[Path]) -> Path | None:
    """Return the file that a path leads to; None where it is none, too large, or elsewhere."""
    try:
        real = Path(os.path.realpath(path))
        if not any(real.is_relative_to(root) for root in roots):
            return None
        status = real.stat()
    except (OSError, ValueError):  # also where a name is too long, or holds NUL
        return None
    is_file = stat.S_ISREG(status.st_mode)
    return real if is_file and status.st_size <= _LARGEST else None
