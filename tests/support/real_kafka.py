"""A broker for tests: Apache Kafka, one node in KRaft mode, from the jars that Maven brings.

Where Java or Maven is not found, noida-db: a broker in a wheel that speaks Kafka's protocol and
keeps all in memory. It proves nothing about durability. `BROKER_FOR_TESTS=noida-db` asks for it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from support.maven import jars, why_no_maven

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: a JVM that lives for seconds: no optimizing compiler, no threads of a garbage collector
_JAVA = ("java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
POM = Path(__file__).parent.parent / "kafka/pom.xml"


def why_not() -> str | None:
    """Return why there is no broker here; None if there is one."""
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or find_spec("noida_db") is not None:
        return None
    return why_no_kafka()


def why_no_kafka() -> str | None:
    """Return why there is no Apache Kafka that tests may stop and start; None if there is one."""
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return "the broker is not ours to stop"
    if os.environ.get("BROKER_FOR_TESTS") == "noida-db":
        return "noida-db was asked for, which forgets"
    missing = why_no_maven()
    return f"no Kafka: {missing}" if missing else None


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Broker:
    """A broker that can be stopped and started again."""

    folder: Path
    port: int
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def brokers(self) -> str:
        """Return its address."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(
            self.command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            time.sleep(0.2)
        raise AssertionError("the broker did not start")

    def kill(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def running_kafka(folder: Path) -> Iterator[Broker]:
    """Run a broker with its data in a folder."""
    broker = _noida_db(folder) if why_no_kafka() else _kafka(folder)
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()


def lay_topics(brokers: str, *names: str) -> None:
    """Make topics that keep records of any age: noida-db forgets old ones at once."""
    from confluent_kafka.admin import AdminClient
    from confluent_kafka.cimpl import NewTopic

    topics = [NewTopic(name, 1, 1, config={"retention.ms": "-1"}) for name in names]
    client = AdminClient({"bootstrap.servers": brokers})
    for made in client.create_topics(topics).values():
        made.result(30)


def _noida_db(folder: Path) -> Broker:
    port = free_port()
    program = str(Path(sys.executable).parent / "noida-db")
    options = ["--data-dir", str(folder / "data"), "--only", "kafka", "--kafka-port", str(port)]
    return Broker(folder, port, [program, "start", *options])


def _kafka(folder: Path) -> Broker:
    broker, controller = free_port(), free_port()
    (folder / "server.properties").write_text(
        "process.roles=broker,controller\nnode.id=1\n"
        f"controller.quorum.bootstrap.servers=127.0.0.1:{controller}\n"
        f"listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}\n"
        f"controller.listener.names=CONTROLLER\nlog.dirs={folder}/data\n"
        "offsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\n"
        "transaction.state.log.min.isr=1\nlog.retention.ms=-1\n"
    )
    tool = [*_JAVA, "-cp", f"{jars(POM)}/*", "kafka.tools.StorageTool", "format", "--standalone"]
    subprocess.run(
        [*tool, "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", "server.properties"],
        cwd=folder, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    command = [*_JAVA, "-cp", f"{jars(POM)}/*", "kafka.Kafka", "server.properties"]
    return Broker(folder, broker, command)
