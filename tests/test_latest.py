"""One meaning of *latest*: the greatest release; a prerelease only where there is no release."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.authoring.assessment import Assessor
from jsonschema_tools.authoring.bump import target
from jsonschema_tools.authoring.dependencies import uses
from jsonschema_tools.authoring.diff import between
from jsonschema_tools.authoring.outdated import ExternalVersions, find_outdated
from jsonschema_tools.catalog import catalog
from jsonschema_tools.checks import CHECKS
from jsonschema_tools.checks.stream_scope import Schemas
from jsonschema_tools.config import load_config
from jsonschema_tools.events.registry import Registry
from jsonschema_tools.events.replay import find_schema
from jsonschema_tools.events.stream_files import load_streams
from jsonschema_tools.found_files import find_files
from jsonschema_tools.lake.plan import plan
from jsonschema_tools.lake.subjects import Subjects
from jsonschema_tools.repository import scan
from jsonschema_tools.runner.check_run import CheckRun, check_files
from jsonschema_tools.site.collect import Options, collect
from jsonschema_tools.site.schema_pages import schema_pages
from jsonschema_tools.versions import latest, parse
from support.materializing import materialize_all

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.runner.run import Result

SCHEMA = """\
title: {title}
description: version {version}
$id: /{title}/{version}
$schema: https://json-schema.org/draft-07/schema#
type: object
additionalProperties: false
properties:
  $schema: {{type: string, maxLength: 99}}
  size: {{type: {kind}}}
"""


def write(root: Path, version: str, kind: str = "integer", title: str = "shop/order") -> None:
    path = root / "schemas" / title / "current.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SCHEMA.format(title=title, version=version, kind=kind))
    materialize_all(root)


@pytest.fixture
def repository(tmp_path: Path) -> Config:
    """A title with 1.0.0, and 2.0.0-beta.1, which breaks what that promises."""
    (tmp_path / ".jsonschema-tools.yaml").write_text(
        "schemaBasePath: ./schemas\nrequiredFields: []\nstreamConfigs: streams.yaml\n"
    )
    (tmp_path / "streams.yaml").write_text("streams: {shop.order: {schema_title: shop/order}}\n")
    write(tmp_path, "1.0.0")
    write(tmp_path, "2.0.0-beta.1", "string")
    return load_config(tmp_path)


def links(config: Config) -> dict[str, str]:
    folder = config.root / "schemas/shop/order"
    names = ("latest", "latest.json", "latest.yaml")
    return {name: str((folder / name).readlink()) for name in names}


TO_RELEASE = {"latest": "1.0.0.yaml", "latest.json": "1.0.0.json", "latest.yaml": "1.0.0.yaml"}


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (["1.0.0", "2.0.0-beta.1"], "1.0.0"),
        (["1.0.0-alpha", "1.0.0-beta.2", "1.0.0-beta.11"], "1.0.0-beta.11"),
        (["1.9.0", "1.10.0+build-2", "1.10.0-rc"], "1.10.0+build-2"),
        ([], "None"),
    ],
)
def test_the_rule(known: Sequence[str], expected: str) -> None:
    assert str(latest(version for text in known if (version := parse(text)))) == expected


def test_links(repository: Config) -> None:
    assert links(repository) == TO_RELEASE
    write(repository.root, "2.0.0-beta.2", "string")
    assert links(repository) == TO_RELEASE
    write(repository.root, "2.0.0", "string")
    assert links(repository)["latest"] == "2.0.0.yaml"


def test_a_link_to_a_prerelease_goes_to_the_release_with_the_next_materializing(
    repository: Config,
) -> None:
    folder = repository.root / "schemas/shop/order"
    for name in TO_RELEASE:
        (folder / name).unlink()
        (folder / name).symlink_to(f"2.0.0-beta.1.{name[7:] or 'yaml'}")
    assert failures(repository) == [
        "structure-latest-extensionless-symlink",
        "structure-latest-symlink",
    ]
    materialize_all(repository.root)
    assert links(repository) == TO_RELEASE
    assert failures(repository) == []


def test_the_only_prerelease_is_the_latest(tmp_path: Path) -> None:
    (tmp_path / ".jsonschema-tools.yaml").write_text("schemaBasePath: ./schemas\n")
    write(tmp_path, "1.0.0-beta.1")
    config = load_config(tmp_path)
    assert links(config)["latest"] == "1.0.0-beta.1.yaml"
    assert str(catalog(config)[0].latest) == "1.0.0-beta.1"


def results(config: Config) -> list[Result]:
    found = check_files(find_files(config), CheckRun(config, CHECKS, date(2026, 1, 1)), jobs=1)
    return [*(result for done in found.titles for result in done.results), *found.streams]


def failures(config: Config) -> list[str]:
    return sorted({r.check for r in results(config) if r.outcome == "failed"})


def test_checks(repository: Config) -> None:
    (title,) = scan(repository).titles
    file, greatest = title.latest("yaml"), title.greatest("yaml")
    assert file is not None
    assert greatest is not None
    assert (file.name, greatest.name) == ("1.0.0.yaml", "2.0.0-beta.1.yaml")
    assert failures(repository) == []


def test_prereleases_promise_nothing_to_each_other(repository: Config) -> None:
    write(repository.root, "1.1.0-beta.1", "string")
    write(repository.root, "1.1.0-beta.2", "boolean")
    write(repository.root, "1.1.0")
    write(repository.root, "2.0.0-beta.2", "boolean")
    write(repository.root, "2.0.0", "array")
    write(repository.root, "2.1.0", "string")
    pairs = {
        (result.subject.label, result.outcome)
        for result in results(repository)
        if result.check == "schema-version-compatibility"
    }
    assert pairs == {
        ("1.0.0..1.1.0", "passed"),
        ("2.0.0..2.1.0", "failed"),
    }


def test_outdated(repository: Config) -> None:
    user = repository.root / "schemas/shop/basket/current.yaml"
    user.parent.mkdir()
    text = SCHEMA.format(title="shop/basket", version="1.0.0", kind="integer")
    user.write_text(f"{text}  order: {{$ref: /shop/order/1.0.0}}\n")
    entries = catalog(repository)
    assert find_outdated(uses(entries, repository), ExternalVersions(repository)) == []


def test_catalog(repository: Config) -> None:
    assert str(catalog(repository)[0].latest) == "1.0.0"


def test_site(repository: Config) -> None:
    site = collect(repository, Options(), {})
    (schema,) = site.schemas
    assert schema.latest is not None
    assert schema.latest.name == "1.0.0"
    assert b"version 1.0.0" in schema.raw["latest"]
    assert b"version 1.0.0" in schema.raw["latest.json"]


def test_the_page_of_a_schema_shows_the_latest_release(repository: Config) -> None:
    site = collect(repository, Options(), {})
    pages = dict(schema_pages(site.schemas[0], site))
    fields = {
        name: re.findall(r'<section id="fields">.*?</section>', page.decode(), re.DOTALL)
        for name, page in pages.items()
    }
    assert len(fields["shop/order/index.html"]) == 1
    assert fields["shop/order/index.html"] == fields["shop/order/1.0.0.html"]
    assert fields["shop/order/index.html"] != fields["shop/order/2.0.0-beta.1.html"]


def test_events(repository: Config) -> None:
    registry = Registry.of(repository)
    assert registry.get("/shop/order/latest").id == "/shop/order/1.0.0"
    assert find_schema("shop/order", repository, registry).id == "/shop/order/1.0.0"
    for link in (repository.root / "schemas/shop/order").glob("latest*"):
        link.unlink()
    assert find_schema("shop/order", repository, registry).id == "/shop/order/1.0.0"


def test_streams(repository: Config) -> None:
    schema = Schemas(repository, load_streams(repository)).latest("shop/order")
    assert schema is not None
    assert schema.id == "/shop/order/1.0.0"


def test_lake(repository: Config) -> None:
    table = Subjects(repository).find("shop/order").latest
    assert str(table.version) == "1.0.0"
    (entry,) = catalog(repository)
    planned = plan("shop.order", entry, repository)
    assert planned.known == {"1.0.0"}
    assert list(planned.misfits) == ["2.0.0-beta.1"]


def test_diff(repository: Config) -> None:
    found = between("/shop/order/1.0.0", "/shop/order/2.0.0-beta.1", repository)
    assert not found.is_bound
    assert found.counterexamples == {}


@pytest.mark.parametrize(
    ("declared", "kind", "needed", "wanted"),
    [
        ("2.0.0-beta.1", "string", None, None),
        ("2.0.0-beta.1", "boolean", "major", "2.0.0"),
        ("2.0.0-beta.1", "integer", "patch", "2.0.0"),
        ("2.0.0-beta.2", "boolean", "major", None),
    ],
)
def test_bump_counts_from_the_latest_release(
    repository: Config, declared: str, kind: str, needed: str | None, wanted: str | None
) -> None:
    path = repository.root / "schemas/shop/order/current.yaml"
    path.write_text(
        SCHEMA.format(title="shop/order", version=declared, kind=kind).replace(
            f"description: version {declared}", "description: version 2.0.0-beta.1"
        )
    )
    entries = catalog(repository)
    (entry,) = entries
    assert entry.current is not None
    assert entry.current.document is not None
    found = Assessor(repository, entries).assess(entry.current.document, entry.path)
    assert found is not None
    assert found.needed == needed
    version = target(found, None)
    assert (version and str(version)) == wanted
