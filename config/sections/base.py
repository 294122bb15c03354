"""What all sections share: frozen, closed, and every field documented."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """A closed part of the configuration: unknown keys are refused, values never change after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    @field_validator("*", mode="before")
    @classmethod
    def _a_number_is_not_a_truth(cls, value: Any, info: ValidationInfo) -> Any:
        """YAML reads ``yes`` and ``on`` as booleans, which would pass for the numbers 1 and 0."""
        annotation = cls.model_fields[info.field_name or ""].annotation
        accepted = {annotation, *get_args(annotation)}
        if isinstance(value, bool) and bool not in accepted and accepted & {int, float}:
            raise PydanticCustomError("number_type", "Input should be a number")
        return value


def _in_utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise PydanticCustomError(
            "time_without_zone", "Input should carry its zone, such as 2026-01-31T22:00:00Z"
        )
    return moment.astimezone(UTC)


UtcTime = Annotated[datetime, AfterValidator(_in_utc)]
"""A moment with its zone, kept in UTC; a time without a zone is refused."""
