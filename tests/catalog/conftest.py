"""What the catalog's tests share."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from catalog.entities.models import CatalogState

_GENERATIONS = count(1_000_000, 1_000_000)
Folder = Callable[..., Path]


@pytest.fixture(autouse=True)
def fresh_generation(request: pytest.FixtureRequest) -> None:
    """A rolled back test gives its generation numbers back: never use them twice."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        CatalogState.objects.update_or_create(
            pk=1, defaults={"generation": next(_GENERATIONS)}
        )


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Write files: `folder({"a.yaml": "text"})`; the folder that holds them."""
    root = tmp_path / "catalog"
    root.mkdir()

    def write(files: dict[str, str | bytes | None]) -> Path:
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            elif isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_text(content, encoding="utf-8")
        return root

    return write
