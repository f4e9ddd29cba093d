"""Reading over http, from real servers on this machine that behave in all kinds of ways."""

from __future__ import annotations

import gzip
import os
import re
import socket
import sys
import threading
import time
import zlib
from collections import Counter
from contextlib import contextmanager
from functools import partial
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request

import pytest

from jsonschema_tools.dereferencing.budget import Budget, RunLimits, SpentError
from jsonschema_tools.dereferencing.connections import is_public
from jsonschema_tools.dereferencing.content_encoding import decoded
from jsonschema_tools.dereferencing.dereference import dereference
from jsonschema_tools.dereferencing.http import Limits, Redirects, Remote
from jsonschema_tools.dereferencing.loader import Loader
from jsonschema_tools.dereferencing.remote_cache import DocumentCache, cache_folder
from jsonschema_tools.dereferencing.remote_error import RemoteError
from jsonschema_tools.documents.document import parse_document
from jsonschema_tools.errors import ForbiddenRefError, ParseError, UnresolvedRefError
from jsonschema_tools.runner.processes import run_forked
from jsonschema_tools.schema_shape import holds_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import RunTool

    from jsonschema_tools.values import Json

QUICK = Limits(timeout=1, deadline=2, attempts=3, pause=0.01, size=1000, redirects=5)
NO_CACHE = DocumentCache(None)
GOOD = b"type: string\n"
_bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)
PACKED = {
    "plain": GOOD,
    "gzip": gzip.compress(GOOD),
    "members": gzip.compress(GOOD[:5]) + gzip.compress(GOOD[5:]) + b"\0\0",
    "zlib": zlib.compress(GOOD),
    "bare": _bare.compress(GOOD) + _bare.flush(),
    "twice": gzip.compress(zlib.compress(GOOD)),
    "cut": gzip.compress(GOOD)[:-9],
    "bomb": gzip.compress(b"#" * 100_000),
    "layers": gzip.compress(gzip.compress(b"#" * 100_000)),
    "bombs": gzip.compress(b"#" * 600) * 2,
    "empty": b"",
}
# what portals and broken servers send with status 200
PAGES = {
    "text": ("text/plain", b"Please log in at the portal"),
    "prolog": ("application/xhtml+xml", b'<?xml version="1.0"?>\n<html><body>log in</body></html>'),
    "comment": ("application/octet-stream", b"<!-- portal -->\n<html>log in</html>"),
    "fragment": ("text/plain", b"\xef\xbb\xbf <head><title>502 Bad Gateway</title></head>"),
    "error": ("application/json", b'{"error": "rate limit exceeded"}'),
    "problem": ("application/problem+json", b'{"type": "about:blank", "title": "Not found"}'),
    "type": ("application/json", b'{"type": "about:blank", "title": "Not found"}'),
    "list": ("text/plain", b"- a\n"),
    "number": ("text/plain", b"1"),
}


class Handler(BaseHTTPRequestHandler):
    """Answers by path: /ok, /status/500, /hang, /drip, /endless, /redirect/URL and so on."""

    server: Server

    def do_GET(self) -> None:
        self.server.asked[self.path] += 1
        # as a proxy it is asked for whole URLs, and answers for every host
        path = f"/{self.path.split('/', 3)[3]}" if self.path[0] != "/" else self.path
        kind, _, rest = path[1:].partition("/")
        getattr(self, f"_{kind}", self._missing)(rest)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class's name
        pass

    def _send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content_length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _ok(self, rest: str) -> None:
        self._send(200, GOOD)

    def _page(self, rest: str) -> None:
        kind, body = PAGES[rest.partition("/")[0]]
        self._send(200, body, content_type=kind)

    def _tree(self, rest: str) -> None:
        name = rest.partition("/")[0]
        self._send(
            200,
            "".join(f"a{i}: {{$ref: /{name}{i}/1.0.0}}\n" for i in range(4)).encode()
            + b"title: x\n",
        )

    def _late(self, rest: str) -> None:
        self.server.stopped.wait(0.3)
        self._tree(rest)

    def _missing(self, rest: str) -> None:
        self._send(404, b"type: object")

    def _status(self, rest: str) -> None:
        self._send(int(rest.partition("/")[0]))

    def _flaky(self, rest: str) -> None:
        self._send(200 if self.server.asked[self.path] == 3 else 503, GOOD)

    def _html(self, rest: str) -> None:
        self._send(200, b"<p>Hello", content_type="text/html; charset=utf-8")

    def _doctype(self, rest: str) -> None:
        self._send(200, b"\n <!DOCTYPE html><p>Hello", content_type="text/plain")

    def _text(self, rest: str) -> None:
        self._send(200, b"a: [", content_type="text/plain")

    def _redirect(self, rest: str) -> None:
        self._send(302, location=rest.replace("!", "/"))

    def _loop(self, rest: str) -> None:
        self._send(302, location=self.path)

    def _count(self, rest: str) -> None:
        number = int(rest)
        if number:
            self._send(301, location=f"/count/{number - 1}")
        else:
            self._send(200, GOOD)

    def _hang(self, rest: str) -> None:
        self.server.stopped.wait(10)

    def _drip(self, rest: str) -> None:
        self.send_response(200)
        self.end_headers()
        self._trickle(b"#")

    def _dripheaders(self, rest: str) -> None:
        self._trickle(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 1000)

    def _trickle(self, data: bytes) -> None:
        for byte in data * 1000:
            if self.server.stopped.wait(0.05):
                return
            self.wfile.write(bytes([byte]))

    def _endless(self, rest: str) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.stopped.is_set():
            self.wfile.write(b"#" * 100)

    def _short(self, rest: str) -> None:
        self._send(200, GOOD, content_length="100")

    def _long(self, rest: str) -> None:
        self._send(200, GOOD, content_length=rest.partition("/")[0])

    def _cut(self, rest: str) -> None:
        """Answer without a length, as if the connection had been cut after some lines."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(GOOD)

    def _raw(self, rest: str) -> None:
        """Answer /raw/HEADERS/... with one more line of HEADERS for each `!`."""
        headers = rest.partition("/")[0].replace("!", "\r\n")
        self.wfile.write(f"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n".encode() + GOOD)

    def _packed(self, rest: str) -> None:
        """Answer /packed/ENCODING/NAME with a body of PACKED."""
        encoding, name = rest.split("/")
        self._send(200, PACKED[name], content_encoding=encoding.replace("!", ", "))

    def _nonsense(self, rest: str) -> None:
        self.wfile.write(b"SSH-2.0\r\n\r\n")


class Server(ThreadingHTTPServer):
    """Counts what it is asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: Counter[str] = Counter()
        self.stopped = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of the game."""


@contextmanager
def serve() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.stopped.set()
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("JSONSCHEMA_TOOLS_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def server() -> Iterator[Server]:
    with serve() as server:
        yield server


def remote(*base_uris: str, limits: Limits = QUICK) -> Remote:
    return Remote(base_uris, limits=limits, cache=NO_CACHE)


def refused() -> str:
    """Return the URL of a port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_read(server: Server) -> None:
    assert remote(server.url).read(f"{server.url}/ok/a b/é/1.0.0") == GOOD
    assert [*server.asked] == ["/ok/a%20b/%C3%A9/1.0.0"]


@pytest.mark.parametrize(
    ("path", "message", "times"),
    [
        ("/missing", "HTTP status 404", 1),
        ("/status/403", "HTTP status 403", 1),
        ("/status/500", "HTTP status 500", 3),
        ("/status/503", "HTTP status 503", 3),
        ("/html", "an HTML page, not a schema", 1),
        ("/doctype", "an HTML page, not a schema", 1),
        ("/hang", "timed out", 1),
        ("/drip", "not complete", 1),
        ("/dripheaders", "not complete", 1),
        ("/endless", "larger than 1,000 bytes", 1),
        ("/short", "the connection broke", 3),
        ("/long/5", "longer than its Content-Length", 1),
        ("/long/1", "longer than its Content-Length", 1),
        ("/long/-5", "broken answer: its Content-Length is '-5'", 1),
        ("/long/x", "broken answer: its Content-Length is 'x'", 1),
        ("/raw/content-length:5!Content-Length:100", "its Content-Length is '100, 5'", 1),
        ("/raw/content-length:5,100", "its Content-Length is '100, 5'", 1),
        ("/nonsense", "broken answer", 3),
        ("/status/202", "HTTP status 202", 1),
        ("/status/206", "HTTP status 206", 1),
        ("/loop", "infinite loop", 5),
        ("/count/6", "more than 5 redirects", 1),
        (
            "/redirect/file:!!!etc!passwd",
            "Redirection to url 'file:///etc/passwd' is not allowed",
            1,
        ),
        ("/redirect/ftp:!!example.org!x", "redirects to ftp://example.org/x", 1),
    ],
)
def test_failures(server: Server, path: str, message: str, times: int) -> None:
    with pytest.raises(RemoteError, match=message):
        remote(server.url).read(server.url + path)
    assert server.asked[path] == times


def test_a_server_that_recovers(server: Server) -> None:
    assert remote(server.url).read(f"{server.url}/flaky") == GOOD
    assert server.asked["/flaky"] == 3


def test_redirects_are_followed(server: Server) -> None:
    assert remote(server.url).read(f"{server.url}/count/5") == GOOD


def test_no_redirect_to_a_private_address(server: Server) -> None:
    with serve() as private:
        path = f"/redirect/{private.url.replace('/', '!')}!ok"
        with pytest.raises(RemoteError, match=r"has the private address 127\.0\.0\.1"):
            remote(server.url).read(server.url + path)
        assert not private.asked
        assert remote(server.url, private.url).read(server.url + path) == GOOD


def test_no_reference_to_a_private_address(server: Server) -> None:
    with pytest.raises(RemoteError, match=r"has the private address 127\.0\.0\.1"):
        remote("https://example.org/").read(f"{server.url}/ok")
    assert not server.asked


def test_no_redirect_from_https_to_http() -> None:
    secure, headers = Request("https://example.org/x"), HTTPMessage()
    with pytest.raises(RemoteError, match="redirects from https to http://example"):
        Redirects(5).redirect_request(secure, BytesIO(), 302, "", headers, "http://example.org/x")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("192.0.0.8", False),
        ("224.0.0.1", False),
        ("2606:2800::1", True),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("::ffff:8.8.8.8", True),
        ("::ffff:10.0.0.1", False),
        ("::10.0.0.1", False),
        ("64:ff9b::8.8.8.8", True),
        ("64:ff9b::169.254.169.254", False),
        ("64:ff9b:1::8.8.8.8", False),
        ("2002:808:808::1", True),
        ("2002:a9fe:a9fe::1", False),
        ("2001:0:0:1:0:0:f5ff:fffe", False),  # Teredo, whose last bits are inverted: 10.0.0.1
    ],
)
def test_public_addresses(address: str, *, public: bool) -> None:
    assert is_public(address) is public


def behind_proxy(monkeypatch: pytest.MonkeyPatch, proxy: str, direct: str = "") -> None:
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("NO_PROXY", direct)
    monkeypatch.setenv("no_proxy", direct)


def test_a_proxy_is_asked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    behind_proxy(monkeypatch, server.url)
    assert remote("http://schemas.test").read("http://schemas.test/ok/1.0.0") == GOOD
    assert [*server.asked] == ["http://schemas.test/ok/1.0.0"]


@pytest.mark.parametrize("to", ["10.0.0.5", "[::1]", "localhost", "127.1", "[64:ff9b::a00:5]"])
def test_no_proxy_is_asked_for_a_private_address(
    server: Server, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    behind_proxy(monkeypatch, server.url)
    url = f"http://schemas.test/redirect/http:!!{to}!ok"
    with pytest.raises(RemoteError, match="has the private address"):
        remote("http://schemas.test").read(url)
    assert [*server.asked] == [url]
    assert remote("http://schemas.test", f"http://{to}").read(url) == GOOD


def test_a_host_without_a_proxy_is_not_trusted_for_that(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind_proxy(monkeypatch, refused(), "127.0.0.1,::1,*.test")
    with serve() as private:
        path = f"/redirect/{private.url.replace('/', '!')}!ok"
        with pytest.raises(RemoteError, match=r"has the private address 127\.0\.0\.1"):
            remote(server.url).read(server.url + path)
        assert not private.asked


def test_a_proxy_itself_is_not_trusted(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    behind_proxy(monkeypatch, server.url)
    url = f"http://schemas.test/redirect/{server.url.replace('/', '!')}!ok"
    with pytest.raises(RemoteError, match=r"has the private address 127\.0\.0\.1"):
        remote("http://schemas.test").read(url)


def test_an_unknown_kind_of_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    behind_proxy(monkeypatch, "socks5://127.0.0.1:1")
    with pytest.raises(RemoteError, match="socks5"):
        remote("http://schemas.test").read("http://schemas.test/ok")


def test_nothing_is_sent_to_a_private_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as private:
        private.settimeout(0.2)
        with pytest.raises(RemoteError, match="has the private address"):
            remote("https://example.org/").read(f"https://127.0.0.1:{private.getsockname()[1]}/")
        with pytest.raises(TimeoutError):
            private.accept()


def test_nobody_listens() -> None:
    url = refused()
    with pytest.raises(RemoteError, match="Connection refused"):
        remote(url).read(f"{url}/ok")


def test_a_name_that_does_not_exist() -> None:
    url = "http://nowhere.invalid"
    with pytest.raises(RemoteError, match=r"cannot be resolved: offline|not complete"):
        remote(url, limits=Limits(pause=0.01)).read(f"{url}/ok")


@pytest.mark.parametrize("url", ["http://u:p@127.0.0.1/x", "http://127.0.0.1:x/", "http://[::1/x"])
def test_odd_urls(url: str) -> None:
    with pytest.raises(RemoteError):
        remote("http://127.0.0.1").read(url)


def test_a_host_that_does_not_answer_is_asked_once(server: Server) -> None:
    client = remote(server.url)
    for path in ("/hang/1", "/hang/2", "/ok"):
        with pytest.raises(RemoteError, match="timed out"):
            client.read(server.url + path)
    assert server.asked == {"/hang/1": 1}


# ------------------------------------------------------------------------ the limits of a run


@pytest.mark.parametrize(
    ("limits", "kind", "message"),
    [
        (RunLimits(requests=20), "tree", "a run may make 20 requests"),
        (RunLimits(size=1000), "tree", "all downloads of a run may have 1,000 bytes"),
        (RunLimits(seconds=1), "late", r"all downloads of a run may take 1 seconds|not complete"),
    ],
)
def test_documents_without_end(
    server: Server, tmp_path: Path, limits: RunLimits, kind: str, message: str
) -> None:
    base = f"{server.url}/{kind}"
    client = Remote([base], cache=NO_CACHE, budget=Budget(limits))
    schema = parse_document("a: {$ref: /x/1.0.0}\n", "schema")
    with pytest.raises(UnresolvedRefError) as caught:
        dereference(schema, Loader(tmp_path, [base], remote=client))
    assert re.search(message, caught.value.hint or "")
    assert server.asked.total() <= 20


def test_forked_processes_share_the_limits_of_a_run() -> None:
    budget = Budget(RunLimits(requests=3))

    def work(_: int) -> bool:
        try:
            budget.asked()
        except SpentError:
            return False
        return True

    for _ in range(2):
        run_forked(work, range(2))
    assert not work(0)


# ------------------------------------------------------------------------ as a base URI


def load(tmp_path: Path, *base_uris: str, allow_external: bool = False) -> Loader:
    return Loader(tmp_path, base_uris, allow_external=allow_external, remote=remote(*base_uris))


@pytest.mark.parametrize("slash", ["", "/"])
def test_base_uri(server: Server, tmp_path: Path, slash: str) -> None:
    resource = load(tmp_path, f"{server.url}/ok{slash}")("/f/x/1.0.0")
    assert resource.document.data == {"type": "string"}
    assert resource.document.path == f"{server.url}/ok/f/x/1.0.0"
    assert [*server.asked] == ["/ok/f/x/1.0.0"]


def test_the_next_base_uri_is_tried(server: Server, tmp_path: Path) -> None:
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "x").write_text("title: local")
    for bad in ("/missing", "/status/500", "/html", "/hang"):
        found = load(tmp_path, server.url + bad, refused(), "local")("/x")
        assert found.document.data == {"title": "local"}


def test_nothing_found_tells_what_happened_where(server: Server, tmp_path: Path) -> None:
    bases = ["local", f"{server.url}/missing", f"{server.url}/html", f"{server.url}/status/500"]
    with pytest.raises(UnresolvedRefError) as caught:
        load(tmp_path, *bases)("/x")
    assert (caught.value.hint or "").startswith(
        f"tried local/x (no such file), {server.url}/missing/x (HTTP status 404), "
        f"{server.url}/html/x (an HTML page, not a schema), "
        f"{server.url}/status/500/x (HTTP status 500)"
    )


def test_no_message_holds_a_password(tmp_path: Path) -> None:
    with pytest.raises(UnresolvedRefError) as caught:
        load(tmp_path, "http://me:secret@127.0.0.1:1/x")("/x")
    assert "tried http://***@127.0.0.1:1/x/x (" in (caught.value.hint or "")
    assert "secret" not in str(caught.value)


def test_failures_are_not_repeated(server: Server, tmp_path: Path) -> None:
    fetch = load(tmp_path, f"{server.url}/missing")
    for _ in range(3):
        with pytest.raises(UnresolvedRefError):
            fetch("/x")
    assert server.asked == {"/missing/x": 1}


def test_a_remote_document_that_is_no_schema(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ParseError) as caught:
        load(tmp_path, f"{server.url}/text")("/1.0.0")
    assert caught.value.at is not None
    assert caught.value.at.path == f"{server.url}/text/1.0.0"
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_neither_used_nor_kept(server: Server, tmp_path: Path, page: str) -> None:
    with pytest.raises(UnresolvedRefError) as caught:
        load(tmp_path, f"{server.url}/page/{page}")("/1.0.0")
    assert re.search("not a schema", caught.value.hint or "")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("data", "holds"),
    [
        ({}, True),
        (True, True),
        ({"title": "a"}, True),
        ({"types": {"a": {"type": ["string", "null"]}}}, True),
        ({"parts": [{"$ref": "/a"}]}, True),
        ({"type": "about:blank"}, False),
        ({"error": {"message": "no", "code": [1]}}, False),
        ("type: object", False),
        ([], False),
        (1, False),
    ],
)
def test_holds_schema(data: Json, *, holds: bool) -> None:
    assert holds_schema(data) is holds


def test_absolute_references(server: Server, tmp_path: Path) -> None:
    fetch = load(tmp_path, f"{server.url}/ok/base")
    below = f"{server.url.replace('http', 'HTTP')}/ok/base/x"
    assert fetch(below).document.data == {"type": "string"}
    for url in ("/ok/based", "/ok/base/../x", "/ok/base/%2e%2e/x", "/ok"):
        with pytest.raises(ForbiddenRefError, match="is not below a base URI"):
            fetch(server.url + url)
    outside = load(tmp_path, f"{server.url}/ok/base", allow_external=True)
    assert outside(f"{server.url}/ok").document.data == {"type": "string"}


def test_references_in_remote_documents(server: Server, tmp_path: Path) -> None:
    schema = parse_document("a: {$ref: /f/1.0.0}\nb: {$ref: '/f/1.0.0'}", "schema")
    result = dereference(schema, load(tmp_path, f"{server.url}/ok")).schema
    assert result == {"a": {"type": "string"}, "b": {"type": "string"}}
    assert result["a"] is result["b"]
    assert server.asked == {"/ok/f/1.0.0": 1}


# ------------------------------------------------------------------------ cache


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/ok/1.0.0", True),
        ("/ok/1.0.0.yaml", True),
        ("/ok/1.0.0.json", True),
        ("/ok/1.0.0-beta.1", True),
        ("/ok/latest", False),
        ("/ok/1.0", False),
        ("/ok/1.0.0/current.yaml", False),
        ("/ok/1.0.0?branch=main", False),
        ("/status/500/1.0.0", False),
        ("/long/5/1.0.0", False),
        ("/short/1.0.0", False),
        ("/cut/1.0.0", False),
    ],
)
def test_versioned_documents_are_kept(
    server: Server, tmp_path: Path, path: str, *, kept: bool
) -> None:
    for _ in range(2):
        fetch = Loader(tmp_path, [server.url], remote=Remote([server.url], limits=QUICK))
        try:
            fetch(path)
        except UnresolvedRefError:
            assert not kept
    assert (server.asked[path] == 1) is kept


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        ("x-gzip", "members"),
        ("identity", "plain"),
        ("deflate", "zlib"),
        ("deflate", "bare"),
        ("deflate!gzip", "twice"),
    ],
)
def test_a_packed_body_is_unpacked(encoding: str, name: str, server: Server) -> None:
    assert remote(server.url).read(f"{server.url}/packed/{encoding}/{name}") == GOOD


@pytest.mark.parametrize(
    ("encoding", "name", "why"),
    [
        ("br", "plain", "Content-Encoding 'br' is not known, only gzip and deflate"),
        ("gzip", "plain", "not what its Content-Encoding gzip says"),
        ("gzip", "cut", "not what its Content-Encoding gzip says"),
        ("deflate", "plain", "not what its Content-Encoding deflate says"),
        ("gzip", "bomb", "larger than 1,000 bytes when unpacked"),
        ("gzip!gzip", "layers", "larger than 1,000 bytes when unpacked"),
        ("gzip", "bombs", "larger than 1,000 bytes when unpacked"),
        ("gzip!gzip!gzip!gzip", "gzip", "packed 4 times"),
    ],
)
def test_a_packed_body_that_cannot_be_read(
    encoding: str, name: str, why: str, server: Server
) -> None:
    with pytest.raises(RemoteError, match=why):
        remote(server.url).read(f"{server.url}/packed/{encoding}/{name}")


def test_a_body_of_very_many_members_is_not_unpacked() -> None:
    assert decoded(gzip.compress(b"a") * 100, "gzip", 1000) == b"a" * 100
    with pytest.raises(RemoteError, match="not what its Content-Encoding gzip says"):
        decoded(gzip.compress(b"a") * 101, "gzip", 1000)


def test_what_was_kept_can_be_passed_over(server: Server, tmp_path: Path) -> None:
    url = f"{server.url}/ok/1.0.0"
    kept = DocumentCache(tmp_path)
    kept.put(url, b"type: number")
    plain = Remote([server.url], limits=QUICK, cache=kept)
    assert plain.read(url) == b"type: number"
    assert plain.kept_since(url) == kept.entries()[0].time
    again = Remote([server.url], limits=QUICK, cache=DocumentCache(tmp_path, refresh=True))
    assert again.read(url) == GOOD
    assert again.kept_since(url) is None
    again.keep(url, GOOD)
    assert kept.get(url) == GOOD


def test_a_finding_says_that_a_kept_copy_decided(
    tmp_path: Path, run_tool: RunTool, no_proxy: None
) -> None:
    """The author has an old copy of a document, CI has none: each is told what it went by."""
    fragment = tmp_path / "host/f/c/1.0.0"
    fragment.parent.mkdir(parents=True)
    fragment.write_text("type: object\nproperties: {dt: {type: string}}\n")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "host"))
    repository = tmp_path / "repository"
    current = repository / "a/b/current.yaml"
    current.parent.mkdir(parents=True)
    current.write_text("title: a/b\n$id: /a/b/1.0.0\nallOf: [{$ref: /f/c/1.0.0}]\n")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        (repository / ".jsonschema-tools.yaml").write_text(f"schemaBaseUris: ['{url}']\n")
        check = ("check", "--select", "structure-current-equals-latest")
        elsewhere = {"JSONSCHEMA_TOOLS_CACHE_DIR": str(tmp_path / "elsewhere")}

        assert run_tool("materialize-all", cwd=repository).returncode == 0
        fragment.write_text("type: object\nproperties: {when: {type: string}}\n")
        assert run_tool(*check, cwd=repository).returncode == 0
        done = run_tool(*check, cwd=repository, env=elsewhere)
        assert done.returncode == 1
        assert f"; {url}/f/c/1.0.0 was downloaded now: who materialized may have" in done.stdout
        for option in ("--refresh", "--no-cache"):  # it is kept anew: the second one sees it, too
            assert run_tool(*check, option, cwd=repository).returncode == 1
        assert "1 downloaded document still kept" in run_tool("cache", "clear").stderr

        assert run_tool("materialize-all", cwd=repository).returncode == 0
        fragment.write_text("type: object\nproperties: {dt: {type: string}}\n")
        assert run_tool("materialize-all", "--refresh", cwd=repository).returncode == 0
        done = run_tool(*check, cwd=repository, env=elsewhere)
        day = time.strftime("%Y-%m-%d", time.gmtime())
        assert f"{url}/f/c/1.0.0 was not downloaded: the copy of {day} decided" in done.stdout
        server.shutdown()


def test_what_another_host_had_is_not_kept(server: Server, tmp_path: Path) -> None:
    with serve() as other:
        url = f"{server.url}/redirect/{other.url.replace('/', '!')}!ok!1.0.0/1.0.0"
        cache = DocumentCache(tmp_path / "cache")
        client = Remote([server.url, other.url], limits=QUICK, cache=cache)
        client.keep(url, client.read(url))
        assert cache.get(url) is None


def test_an_entry_that_is_a_pipe_is_none(tmp_path: Path) -> None:
    cache = DocumentCache(tmp_path)
    cache.put("http://example.org/1.0.0", GOOD)
    (entry,) = tmp_path.glob("*.entry")
    entry.unlink()
    os.mkfifo(entry)
    assert cache.get("http://example.org/1.0.0") is None


def test_kept_documents_can_be_read_offline(server: Server, tmp_path: Path) -> None:
    url = f"{server.url}/ok/1.0.0"
    cache = DocumentCache(tmp_path)
    cache.put(url, GOOD)
    server.server_close()
    assert Remote([server.url], limits=QUICK, cache=cache).read(url) == GOOD


def test_a_damaged_entry_is_none(tmp_path: Path) -> None:
    cache = DocumentCache(tmp_path / "cache")
    url = "http://example.org/1.0.0"
    cache.put(url, GOOD)
    (entry,) = (tmp_path / "cache").glob("*.entry")
    whole = entry.read_bytes()
    for damaged in (b"", whole[:-1], whole.replace(b"string", b"number"), b"\xff" * 99, b"\n"):
        entry.write_bytes(damaged)
        assert cache.get(url) is None
        cache.put(url, GOOD)
        assert cache.get(url) == GOOD


def test_the_cache_has_a_bound(tmp_path: Path) -> None:
    cache = DocumentCache(tmp_path / "cache", max_bytes=1000)
    urls = [f"http://example.org/{i}.0.0" for i in range(20)]
    for url in urls:
        cache.put(url, b"x" * 100)
        time.sleep(0.002)  # entries are ordered by time
    assert cache.get(urls[-1]) is not None
    assert cache.get(urls[0]) is None
    assert sum(path.stat().st_size for path in (tmp_path / "cache").glob("*.entry")) <= 1000


@pytest.mark.parametrize("blocked", ["file", "cache"])
def test_a_cache_that_cannot_be_written_is_empty(tmp_path: Path, blocked: str) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = DocumentCache(tmp_path / "file" / blocked)
    cache.put("http://example.org/1.0.0", GOOD)
    assert cache.get("http://example.org/1.0.0") is None


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"JSONSCHEMA_TOOLS_CACHE_DIR": "/own"}, Path("/own/documents")),
        ({"JSONSCHEMA_TOOLS_CACHE_DIR": ""}, None),
        *(
            (environment, Path(folder))
            for environment, folder in (
                ({"HOME": "/home/a"}, "/home/a/.cache/jsonschema-tools/documents"),
                ({"HOME": "/h", "XDG_CACHE_HOME": "/c"}, "/c/jsonschema-tools/documents"),
            )
            if sys.platform == "linux"
        ),
    ],
)
def test_cache_folder(
    environment: dict[str, str], folder: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "JSONSCHEMA_TOOLS_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == folder


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no XDG folders")
def test_a_relative_cache_folder_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """platformdirs takes the usual one instead from 4.13 on; before, nothing is kept."""
    for name, value in {"HOME": "/h", "XDG_CACHE_HOME": "x"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("JSONSCHEMA_TOOLS_CACHE_DIR", raising=False)
    assert cache_folder() in {Path("/h/.cache/jsonschema-tools/documents"), None}


def test_documents_share_the_folder_with_nobody(tmp_path: Path) -> None:
    cache = DocumentCache(tmp_path / "cache")
    cache.put("http://example.org/1.0.0", GOOD)
    (tmp_path / "cache/of-somebody").write_text("else")
    (kept,) = cache.entries()
    assert (kept.url, kept.size) == ("http://example.org/1.0.0", len(GOOD))
    assert cache.clear() == [kept]
    assert cache.get("http://example.org/1.0.0") is None
    assert (tmp_path / "cache/of-somebody").read_text() == "else"
