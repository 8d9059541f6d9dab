"""What Temporal keeps, written and read back; deliveries as fast as they can come.

Temporal's SDK looks the fields of a dataclass up anew for each value, which takes 0.15 ms to read a delivery, and
several times that within a workflow. A mailbox that thousands of them reach at once would not have read them, nor
written down what it has not done yet, within the 2 s after which a worker takes a workflow for dead, and so would never
get out of that. What we write is to the byte what the SDK would have written.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    JSONTypeConverter,
)

from workflows.item_mailbox import MailboxState
from workflows.model import Delivery

# made here, since within a workflow nothing may be imported for it
DELIVERY = TypeAdapter(Delivery)
WRITERS: Mapping[type, TypeAdapter[Any]] = MappingProxyType(
    {Delivery: DELIVERY, MailboxState: TypeAdapter(MailboxState)}
)


class _Reader(JSONTypeConverter):
    """Reads deliveries; everything else is the SDK's."""

    def to_typed_value(self, hint: type, value: Any) -> Any:  # noqa: ANN401  # as the SDK has it
        return DELIVERY.validate_python(value) if hint is Delivery else JSONTypeConverter.Unhandled


class _Json(JSONPlainPayloadConverter):
    """The SDK's JSON, faster for what has a writer."""

    def to_payload(self, value: object) -> Payload | None:
        """Write a value, as the SDK would."""
        writer = WRITERS.get(type(value))
        if not writer:
            return super().to_payload(value)
        try:
            fields = writer.dump_python(value, warnings=False)
        except UnicodeEncodeError:  # half a character, which JSON can express and UTF-8 can not
            return super().to_payload(value)
        return super().to_payload(fields)


class PayloadConverter(CompositePayloadConverter):
    """The SDK's, with our JSON."""

    def __init__(self) -> None:
        """Put it in the place of the one for JSON."""
        ours = _Json(custom_type_converters=[_Reader()])
        usual = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(ours if isinstance(each, JSONPlainPayloadConverter) else each for each in usual))


CONVERTER = replace(DataConverter.default, payload_converter_class=PayloadConverter)
