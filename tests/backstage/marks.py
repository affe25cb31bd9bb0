"""What marks a test that needs the real Backstage: slow, and one after another."""

from __future__ import annotations

import pytest

REAL = [
    pytest.mark.slow,
    pytest.mark.backstage,
    pytest.mark.xdist_group("backstage"),
]
