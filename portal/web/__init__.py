"""The pages: what people see in a browser."""

from __future__ import annotations
