"""What Temporal keeps, read back; deliveries as fast as they can come.

Temporal's SDK looks the fields of a dataclass up anew for each value, which takes 0.15 ms for a delivery, and several
times that within a workflow. A mailbox that thousands of them reach at once would not have read them within the 2 s
after which a worker takes a workflow for dead, and so would never get out of that.
"""

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    JSONTypeConverter,
)

from workflows.model import Delivery

DELIVERY = TypeAdapter(Delivery)  # made here, since within a workflow nothing may be imported for it


class _Reader(JSONTypeConverter):
    """Reads deliveries; everything else is the SDK's."""

    def to_typed_value(self, hint: type, value: Any) -> Any:  # noqa: ANN401  # as the SDK has it
        return DELIVERY.validate_python(value) if hint is Delivery else JSONTypeConverter.Unhandled


class PayloadConverter(CompositePayloadConverter):
    """The SDK's, with our reader."""

    def __init__(self) -> None:
        """Put it in the place of the one that reads JSON."""
        ours = JSONPlainPayloadConverter(custom_type_converters=[_Reader()])
        usual = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(ours if isinstance(each, JSONPlainPayloadConverter) else each for each in usual))


CONVERTER = replace(DataConverter.default, payload_converter_class=PayloadConverter)
