"""A real Apache Kafka for tests: one node in KRaft mode, from the jars that Maven brings."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

POM = Path(__file__).parent.parent / "kafka/pom.xml"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kafka-for-tests-4.1.0"


def why_not() -> str | None:
    """Return why there is no Kafka here; None if there is one."""
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return None
    missing = [name for name in ("java", "mvn") if shutil.which(name) is None]
    return f"no Kafka: {' and '.join(missing)} not found" if missing else None


def jars() -> Path:
    """Return the folder of Kafka's jars; Maven fetches them the first time."""
    if not (_CACHE / "complete").exists():
        _CACHE.mkdir(parents=True, exist_ok=True)
        command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies"]
        subprocess.run([*command, f"-DoutputDirectory={_CACHE}"], check=True, timeout=300)
        (_CACHE / "complete").touch()
    return _CACHE


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Kafka:
    """A broker that can be stopped and started again."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def brokers(self) -> str:
        """Return its address."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = ["java", "-Xmx512m", "-cp", f"{jars()}/*", "kafka.Kafka", "server.properties"]
        self.process = subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            time.sleep(0.2)
        raise AssertionError("Kafka did not start")

    def kill(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def running_kafka(folder: Path) -> Iterator[Kafka]:
    """Run a broker with its data in a folder."""
    broker, controller = free_port(), free_port()
    (folder / "server.properties").write_text(
        "process.roles=broker,controller\nnode.id=1\n"
        f"controller.quorum.bootstrap.servers=127.0.0.1:{controller}\n"
        f"listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}\n"
        f"controller.listener.names=CONTROLLER\nlog.dirs={folder}/data\n"
        "offsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\n"
        "transaction.state.log.min.isr=1\nlog.retention.ms=-1\n"
    )
    tool = ["java", "-cp", f"{jars()}/*", "kafka.tools.StorageTool", "format", "--standalone"]
    subprocess.run(
        [*tool, "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", "server.properties"],
        cwd=folder, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    kafka = Kafka(folder, broker)
    try:
        kafka.start()
        yield kafka
    finally:
        kafka.kill()
