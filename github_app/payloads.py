"""What Temporal keeps, written and read back: what comes in masses as fast as it can come, and packed if it is large.

Temporal's SDK looks the fields of a dataclass up anew for each value, which takes 0.15 ms to read a delivery, and
several times that within a workflow. A mailbox that thousands of them reach at once would not have read them, nor
written down what it has not done yet, within the 2 s after which a worker takes a workflow for dead, and so would never
get out of that. Nor would reconciliation that knows thousands of repositories, which is more than Temporal takes as one
value, too. What we write is, but for what is packed, to the byte what the SDK would have written.
"""

import zlib
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, cast

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    EncodingPayloadConverter,
    JSONPlainPayloadConverter,
    JSONTypeConverter,
)

from workflows.item_mailbox import MailboxState
from workflows.model import Delivery
from workflows.model.reconciling import Covered, Looks, Reconciled, Round

PACKED = "json/zlib"
LARGE = 64 * 1024
"""Bytes; what is smaller stays readable to people who look at Temporal. It takes 2 MiB, and 4 MiB of a whole step."""

# made here, since within a workflow nothing may be imported for it
DELIVERY = TypeAdapter(Delivery)
MASSES: Mapping[Any, TypeAdapter[Any]] = MappingProxyType(
    {it: TypeAdapter(it) for it in (Covered, Looks, Reconciled, Round, tuple[Covered, ...])}
)
"""What there is of many repositories."""
READERS: Mapping[Any, TypeAdapter[Any]] = MappingProxyType({Delivery: DELIVERY, **MASSES})
WRITERS: Mapping[Any, TypeAdapter[Any]] = MappingProxyType(
    {Delivery: DELIVERY, MailboxState: TypeAdapter(MailboxState), **MASSES}
)


class _Reader(JSONTypeConverter):
    """Reads what comes in masses; everything else is the SDK's."""

    def to_typed_value(self, hint: type, value: Any) -> Any:  # noqa: ANN401  # as the SDK has it
        reader = READERS.get(hint)
        return reader.validate_python(value) if reader else JSONTypeConverter.Unhandled


class _Json(JSONPlainPayloadConverter):
    """The SDK's JSON, faster for what has a writer, and packed where many repositories make it large."""

    def to_payload(self, value: object) -> Payload | None:
        """Write a value, as the SDK would if it is not too large."""
        kind = _kind(value)
        writer = WRITERS.get(kind)
        if not writer:
            return super().to_payload(value)
        try:
            packed = _packed(writer.dump_json(value)) if kind in MASSES else None
            return packed or super().to_payload(writer.dump_python(value, warnings=False))
        except (UnicodeEncodeError, PydanticSerializationError):  # half a character, which UTF-8 can not express
            return super().to_payload(value)


class _Packed(EncodingPayloadConverter):
    """Reads what was packed."""

    def __init__(self, json: _Json) -> None:
        """Know what it is, once unpacked."""
        self._json = json

    @property
    def encoding(self) -> str:
        """Name the encoding."""
        return PACKED

    def to_payload(self, value: object) -> Payload | None:
        """Leave it to JSON, which packs what it finds too large."""
        del value

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:  # noqa: ANN401  # as the SDK has it
        """Unpack and read."""
        data = zlib.decompress(payload.data)
        reader = READERS.get(type_hint)
        return reader.validate_json(data) if reader else self._json.from_payload(Payload(data=data), type_hint)


class PayloadConverter(CompositePayloadConverter):
    """The SDK's, with our JSON."""

    def __init__(self) -> None:
        """Put it in the place of the one for JSON."""
        ours = _Json(custom_type_converters=[_Reader()])
        usual = DefaultPayloadConverter.default_encoding_payload_converters
        replaced = (ours if isinstance(each, JSONPlainPayloadConverter) else each for each in usual)
        super().__init__(*replaced, _Packed(ours))


def _kind(value: Any) -> object:  # noqa: ANN401
    """Tell what it is, as in a type hint."""
    listed = isinstance(value, tuple) and isinstance(next(iter(cast("tuple[object, ...]", value)), None), Covered)
    return tuple[Covered, ...] if listed else type(cast("object", value))


def _packed(data: bytes) -> Payload | None:
    if len(data) <= LARGE:
        return None
    return Payload(metadata={"encoding": PACKED.encode()}, data=zlib.compress(data, level=1))


CONVERTER = replace(DataConverter.default, payload_converter_class=PayloadConverter)
