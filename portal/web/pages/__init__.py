"""One file per page; a page reads rooms and renders one template."""

from __future__ import annotations
