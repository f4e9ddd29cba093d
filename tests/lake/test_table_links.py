"""Tables that are links: nothing is written out of the folder that the user named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("duckdb", reason="the extra `lake` is not installed")

from jsonschema_tools.lake.sinks import TableError, open_sink

if TYPE_CHECKING:
    from pathlib import Path

    from jsonschema_tools.lake.sinks import TableFormat


@pytest.mark.parametrize("table_format", ["parquet", "delta", "iceberg"])
def test_a_table_that_is_a_link_out_is_refused(table_format: TableFormat, tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    folder.mkdir()
    (folder / "thing").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TableError, match="link out of its folder"):
        open_sink(folder, "thing", table_format, partitioned=True)
    assert not (tmp_path / "elsewhere").exists()


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "lake").symlink_to("real")
    open_sink(tmp_path / "lake", "thing", "parquet", partitioned=True)
