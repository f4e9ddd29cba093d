"""yaml-language-server, as an editor runs it: installed from npm once, spoken to over stdio."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from queue import Empty, Queue
from typing import IO, TYPE_CHECKING, Any, Self

import pytest

from support.cache import CACHE

if TYPE_CHECKING:
    from types import TracebackType

PACKAGE = "yaml-language-server@1"
_PROGRAM = "node_modules/yaml-language-server/bin/yaml-language-server"
_PATIENCE = 60  # seconds: an answer that takes so long will not come


def installed() -> Path:
    """Return the program, installed in a folder that later runs use again; skip without it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("needs node and npm")
    folder = CACHE / PACKAGE
    if not (folder / _PROGRAM).is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=CACHE))
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        try:
            done = subprocess.run(
                [*npm, "--prefix", str(fresh), PACKAGE],
                check=False, capture_output=True, text=True, timeout=300,
            )  # fmt: skip
            if done.returncode:
                pytest.skip(f"npm could not install {PACKAGE}: {done.stderr.strip()[:200]}")
            with contextlib.suppress(OSError):  # another process was faster
                fresh.rename(folder)
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm did not install {PACKAGE} within 300 s")
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return folder / _PROGRAM


class LanguageServer:
    """A running server, to which files of one folder are opened."""

    def __init__(self, program: Path, root: Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(program), "--stdio"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=root,
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin = self._process.stdin
        self._received: Queue[dict[str, Any]] = Queue()
        self._root = root
        self._last = 0
        self._reader = threading.Thread(
            target=self._read, args=(self._process.stdout,), daemon=True
        )
        self._reader.start()

    def __enter__(self) -> Self:
        self._ask(
            "initialize",
            {"processId": os.getpid(), "rootUri": self._root.as_uri(), "capabilities": {}},
        )
        self._tell("initialized", {})
        # without a network: only what the file itself names
        settings = {"yaml": {"schemaStore": {"enable": False}, "validate": True}}
        self._tell("workspace/didChangeConfiguration", {"settings": settings})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._stdin.close()

    def diagnostics(self, path: Path, text: str) -> list[tuple[int, str]]:
        """Open a file with some text; return the lines (from 1) and messages of what is wrong."""
        uri = path.as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        while True:
            message = self._next()
            if message.get("method") == "textDocument/publishDiagnostics":
                params = message["params"]
                if params["uri"] == uri:
                    return [
                        (found["range"]["start"]["line"] + 1, found["message"])
                        for found in params["diagnostics"]
                    ]

    def completions(self, path: Path, line: int, column: int) -> dict[str, str]:
        """Return what the server offers at a place (from 1) of an open file, with documentation."""
        result = self._ask(
            "textDocument/completion",
            {
                "textDocument": {"uri": path.as_uri()},
                "position": {"line": line - 1, "character": column - 1},
            },
        )
        items = result["items"] if isinstance(result, dict) else result
        return {item["label"]: _text(item.get("documentation")) for item in items}

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        self._last += 1
        self._send({"id": self._last, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == self._last and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def _tell(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def _next(self) -> dict[str, Any]:
        try:
            message = self._received.get(timeout=_PATIENCE)
        except Empty:
            raise AssertionError("the language server does not answer") from None
        if "id" in message and "method" in message:  # it asks for settings, and may have none
            asked = message.get("params", {}).get("items", [])
            self._send({"id": message["id"], "result": [None] * len(asked)})
        return message

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._stdin.flush()

    def _read(self, stdout: IO[bytes]) -> None:
        with stdout:
            while header := stdout.readline():
                length = int(header.partition(b":")[2])
                while stdout.readline().strip():
                    pass
                self._received.put(json.loads(stdout.read(length)))


def _text(documentation: Any) -> str:
    return str(documentation["value"] if isinstance(documentation, dict) else documentation or "")
