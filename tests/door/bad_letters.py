"""Letters that the door must refuse, each with the one status it deserves."""

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace

from door_kit import SECRET, Letter, labeled, letter, signature

MEBIBYTE = 1024 * 1024
GOOD = letter(labeled())
DIGEST = signature(GOOD.body).removeprefix("sha256=")

TYPE, EVENT, DELIVERY, SIGNATURE = "Content-Type", "X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256"

BAD_SIGNATURES = {
    "empty": "",
    "only the name": "sha256=",
    "only the digest": DIGEST,
    "sha1 by its name": "sha1=" + hmac.digest(SECRET.encode(), GOOD.body, "sha1").hex(),
    "sha1 under sha256's name": "sha256=" + hmac.digest(SECRET.encode(), GOOD.body, "sha1").hex(),
    "sha256 under sha1's name": "sha1=" + DIGEST,
    "sha512": "sha512=" + hmac.digest(SECRET.encode(), GOOD.body, "sha512").hex(),
    "another name": "other=" + DIGEST,
    "name in capitals": "SHA256=" + DIGEST,
    "digest in capitals": "sha256=" + DIGEST.upper(),
    "colon": "sha256:" + DIGEST,
    "space after the name": "sha256= " + DIGEST,
    "quoted": f'"sha256={DIGEST}"',
    "one digit short": "sha256=" + DIGEST[:-1],
    "one digit long": "sha256=" + DIGEST + "0",
    "twice in one header": f"sha256={DIGEST},sha256={DIGEST}",
    "a good one after a bad one": f"sha256={'0' * 64}, sha256={DIGEST}",
    "not hexadecimal": "sha256=" + "g" * 64,
    "base64": "sha256=" + base64.b64encode(bytes.fromhex(DIGEST)).decode(),
    "not ASCII": "sha256=" + "ä" * 64,
    "full-width digits": "sha256=" + ("\uff11" * 64).encode().decode("latin-1"),
    "all zeros": "sha256=" + "0" * 64,
    "one bit off": "sha256=" + DIGEST[:-1] + format(int(DIGEST[-1], 16) ^ 1, "x"),
    "another secret": signature(GOOD.body, "another secret of enough length"),
    "the empty secret": signature(GOOD.body, ""),
    "a secret with a newline": signature(GOOD.body, SECRET + "\n"),
    "another body": signature(GOOD.body + b"\n"),
    "the empty body": signature(b""),
    "a plain hash": "sha256=" + hashlib.sha256(GOOD.body).hexdigest(),
    "a plain hash with the secret": "sha256=" + hashlib.sha256(SECRET.encode() + GOOD.body).hexdigest(),
    "the secret itself": SECRET,
    "null": "null",
}

BAD_TYPES = {
    "a form": "application/x-www-form-urlencoded",
    "plain text": "text/plain",
    "empty": "",
    "json with a suffix": "application/json5",
    "vendor json": "application/vnd.github+json",
    "two in one": "application/json, application/json",
    "utf-16": "application/json; charset=utf-16",
    "another parameter": "application/json; boundary=x",
    "trailing semicolon": "application/json;",
    "multipart": "multipart/form-data; boundary=application/json",
}

BAD_EVENTS = {
    "empty": "",
    "capitals": "Issues",
    "a dash": "issue-comment",
    "a path": "../issues",
    "long": "i" * 65,
}
BAD_DELIVERIES = {
    "empty": "",
    "underscore": "a_b",
    "path": "../1",
    "long": "1" * 65,
    "not ASCII": "é",
    "space": "a b",
    "braces": "{1}",
}

BAD_JSON = {
    "nothing": b"",
    "blanks": b" \n\t ",
    "byte order mark": b"\xef\xbb\xbf{}",
    "utf-16": json.dumps(labeled()).encode("utf-16"),
    "utf-32": json.dumps(labeled()).encode("utf-32-le"),
    "latin-1": '{"a": "ä"}'.encode("latin-1"),
    "overlong utf-8": b'{"a": "\xc0\xaf"}',
    "a surrogate in utf-8": b'{"a": "\xed\xa0\x80"}',
    "cut in a character": '{"a": "ä'.encode()[:-1],
    "an array": b"[]",
    "an array of objects": b"[{}]",
    "a string": b'"issues"',
    "a number": b"1",
    "null": b"null",
    "true": b"true",
    "a key twice": b'{"action": "closed", "action": "labeled"}',
    "a key twice, deep": b'{"issue": {"a": [{"number": 1, "number": 2}]}}',
    "a key twice, once escaped": b'{"a": 1, "\\u0061": 2}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "-Infinity": b'{"a": [-Infinity]}',
    "a number beyond doubles": b'{"a": 1e999}',
    "65 digits": b'{"a": ' + b"1" * 65 + b"}",
    "65 decimals": b'{"a": 0.' + b"1" * 65 + b"}",
    "a million digits": b'{"a": ' + b"1" * 1_000_000 + b"}",
    "65 arrays deep": b'{"a": ' + b"[" * 64 + b"]" * 64 + b"}",
    "65 objects deep": b'{"a":' * 65 + b"1" + b"}" * 65,
    "200,000 arrays deep": b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "never closed": b'{"a":' * 100_000,
    "trailing comma": b'{"a": 1,}',
    "comment": b'{"a": 1} // aidp',
    "single quotes": b"{'a': 1}",
    "bare key": b"{a: 1}",
    "two objects": b"{}{}",
    "trailing brace": b"{}}",
    "newline in a string": b'{"a": "\n"}',
    "unknown escape": b'{"a": "\\x41"}',
    "half an escape": b'{"a": "\\u00',
    "hexadecimal": b'{"a": 0x10}',
    "leading zero": b'{"a": 01}',
    "plus": b'{"a": +1}',
    "bare fraction": b'{"a": .5}',
    "fraction without digits": b'{"a": 5.}',
    "a NUL after it": b"{}\x00",
    "cut": json.dumps(labeled()).encode()[:-1],
    "no value": b'{"a":}',
    "no colon": b'{"a" 1}',
    "python": b"{'a': None}",
    "a form": b"payload=%7B%7D",
    "gzip": gzip.compress(b"{}"),
}


OTHER_METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
OTHER_PATHS = ("/", "/webhook/", "//webhook", "/WEBHOOK", "/webhook%00", "/webhook/../webhook", "/hooks", "/docs")

BadLetter = tuple[str, Letter, int]


def bad_letters() -> list[BadLetter]:
    """Every bad letter with its name and status."""
    return [*_unsigned(), *_misaddressed(), *_mistyped(), *_too_large(), *_misrouted(), *_not_json()]


def _unsigned() -> Iterator[BadLetter]:
    yield from ((f"signature: {name}", GOOD.having(SIGNATURE, value), 401) for name, value in BAD_SIGNATURES.items())
    yield "signature: none", GOOD.lacking(SIGNATURE), 401
    yield "signature: only the old header", GOOD.lacking(SIGNATURE).also("X-Hub-Signature", "sha1=" + "0" * 40), 401
    yield "signature: wrong, and bad JSON", letter(b"[" * 200_000).having(SIGNATURE, "sha256=" + "0" * 64), 401
    yield "signature: wrong, and a ping", letter({}, event="ping").having(SIGNATURE, "sha256=" + "0" * 64), 401
    yield "signature: the same twice", GOOD.also(SIGNATURE, signature(GOOD.body)), 400
    yield "signature: good, then bad", GOOD.also(SIGNATURE, "sha256=" + "0" * 64), 400
    yield "signature: bad, then good", GOOD.having(SIGNATURE, "x").also(SIGNATURE, signature(GOOD.body)), 400


def _misaddressed() -> Iterator[BadLetter]:
    yield from ((f"event: {name}", GOOD.having(EVENT, value), 400) for name, value in BAD_EVENTS.items())
    yield from ((f"delivery: {name}", GOOD.having(DELIVERY, value), 400) for name, value in BAD_DELIVERIES.items())
    for name in (EVENT, DELIVERY):
        yield f"{name}: none", GOOD.lacking(name), 400
        yield f"{name}: the same twice", GOOD.also(name.lower(), dict(GOOD.headers)[name]), 400
        yield f"{name}: two", GOOD.also(name, "push"), 400


def _mistyped() -> Iterator[BadLetter]:
    yield from ((f"type: {name}", GOOD.having(TYPE, value), 415) for name, value in BAD_TYPES.items())
    yield "type: none", GOOD.lacking(TYPE), 415
    yield "type: twice", GOOD.also(TYPE, "application/json"), 415
    for encoding in ("gzip", "deflate", "br", "zstd", "identity", ""):
        yield f"encoding: {encoding}", GOOD.also("Content-Encoding", encoding), 415


def _too_large() -> Iterator[BadLetter]:
    for name, length, status in (
        ("one byte too many", str(25 * MEBIBYTE + 1), 413),
        ("a petabyte", "1" + "0" * 15, 413),
        ("not a number of this world", "9" * 20, 400),
        ("negative", "-1", 400),
        ("signed", "+5", 400),
        ("exponent", "1e3", 400),
        ("two lengths", "5, 6", 400),
    ):
        yield f"length: {name}", GOOD.having("Content-Length", length), status
    yield "length: contradicted", GOOD.also("Content-Length", "1"), 400
    yield "length: chunked as well", GOOD.also("Transfer-Encoding", "chunked"), 400
    chunked = replace(GOOD.lacking("Content-Length").also("Transfer-Encoding", "chunked"), body=b"no length\r\n{}\r\n")
    yield "length: broken chunk", chunked, 400
    yield "length: headers without end", GOOD.also("X-Padding", "x" * 1_000_000), 400


def _misrouted() -> Iterator[BadLetter]:
    yield from ((f"method: {method}", replace(GOOD, method=method), 405) for method in OTHER_METHODS)
    yield "method: post", replace(GOOD, method="post"), 400
    yield from ((f"path: {path}", replace(GOOD, path=path), 404) for path in OTHER_PATHS)
    yield "path: /healthz", replace(GOOD, path="/healthz"), 405


def _not_json() -> Iterator[BadLetter]:
    return ((f"JSON: {name}", letter(body), 400) for name, body in BAD_JSON.items())
