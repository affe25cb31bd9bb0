"""What programs send: bodies of exactly the fields described, and times as written."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)
from pydantic_core import PydanticCustomError

_BEGINS = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")


class Sent(BaseModel):
    """A body: an object of these fields and no others.

    Not Ninja's `Schema`, which takes anything that has attributes of these names: of
    the text "AAA" it would call `title()`.
    """

    model_config = ConfigDict(extra="forbid")


def _not_blank(value: str) -> str:
    if value and not value.isspace():
        return value
    raise PydanticCustomError("blank", "It is empty.")


def _as_number(value: Any) -> Any:
    # `true` and "30" would be taken for numbers; 30.0 is one.
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise PydanticCustomError("whole", "Write a whole number, such as 30")


def _as_written(value: Any) -> Any:
    # A bare number would be taken for seconds or milliseconds, whichever is nearer.
    if isinstance(value, str) and _BEGINS.match(value):
        return value
    raise PydanticCustomError("moment", "Write a time as 2026-11-25T00:00:00Z")


Whole = Annotated[int, BeforeValidator(_as_number)]
Line = Annotated[
    str, AfterValidator(_not_blank), Field(json_schema_extra={"pattern": r"\S"})
]
# A time as RFC 3339 has it, with its zone.
Moment = Annotated[AwareDatetime, BeforeValidator(_as_written)]
