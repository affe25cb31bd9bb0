"""What the catalog's tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.catalog.documents import Files, write_files

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Write files: `folder({"a.yaml": "text"})`; the folder that holds them."""
    root = tmp_path / "catalog"
    root.mkdir()

    def write(files: Files) -> Path:
        write_files(root, files)
        return root

    return write
