"""A column that holds plain values as text."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

from mailing.values import Encoded, decoded, encoded


class PlainValuesField(models.TextField):
    """Plain values (`mailing.values`): what comes out is what went in, with its types and its order.

    Not Django's JSONField: PostgreSQL's JSON type forgets the order of mappings and parses every row, and
    nobody searches in the values of letters.
    """

    description = "Plain values"

    if TYPE_CHECKING:
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: object, connection: object) -> object:
        return None if value is None else decoded(value)

    def get_prep_value(self, value: Any) -> str | None:
        return value if value is None or isinstance(value, Encoded) else encoded(value)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            try:
                return decoded(value)
            except ValueError as error:
                raise ValidationError("This is not JSON.") from error
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return encoded(self.value_from_object(obj))
