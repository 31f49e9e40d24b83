"""The description of the API for programs, and a page of it for people."""

import re
from html import escape
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, get

from adapters.http.backend import backend_of
from adapters.http.openapi import OPERATIONS, PROBLEMS, document
from adapters.http.openapi_parts import Operation
from adapters.http.replies import Reply

HTML = b"text/html; charset=utf-8"
CSS = b"text/css; charset=utf-8"

_CODE = re.compile(r"`([^`]+)`")
_STYLE = Path(__file__).parent / "assets" / "docs.css"


@get("/openapi.json")
async def openapi(request: Request[Any, Any, Any]) -> Reply:
    """Return the description as OpenAPI 3.1."""
    guarded = backend_of(request).guarded
    return Reply(msgspec.json.encode(document(guarded=guarded)))


@get("/docs")
async def page(request: Request[Any, Any, Any]) -> Reply:
    """Return the description as a page. Nothing in it comes from the request."""
    del request
    return Reply(render().encode(), HTML)


@get("/docs/docs.css")
async def style(request: Request[Any, Any, Any]) -> Reply:
    """Return the style of the page."""
    del request
    return Reply(_STYLE.read_bytes(), CSS)


def render() -> str:
    """Write the page."""
    rows = "".join(_operation(operation) for operation in OPERATIONS)
    problems = "".join(
        f"<tr><th>{status}</th><td>{escape(text)}</td></tr>" for status, text in PROBLEMS.items()
    )
    schemas = "".join(
        _schema(name, schema) for name, schema in document()["components"]["schemas"].items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Strongroom API</title>'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="stylesheet" href="/docs/docs.css"></head><body><main><h1>Strongroom API</h1>'
        '<p>For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>'
        f"<h2>Calls</h2>{rows}<h2>Problems</h2><p>Every refusal is a problem document (RFC 9457)."
        f"</p><table>{problems}</table><h2>Shapes</h2>{schemas}</main></body></html>"
    )


def _operation(operation: Operation) -> str:
    """Write one call."""
    parameters = "".join(
        f"<tr><th><code>{escape(item['name'])}</code></th><td>{escape(item['in'])}</td>"
        f"<td>{_prose(item['description'])}</td></tr>"
        for item in operation.parameters
    )
    table = f"<table>{parameters}</table>" if parameters else ""
    body = f"<p>Body: {_link(operation.body)}</p>" if operation.body else ""
    return (
        f'<section id="{operation.name}"><h3><code class="{operation.method}">'
        f"{operation.method.upper()}</code> <code>{escape(operation.path)}</code></h3>"
        f"<p>{escape(operation.summary)}.</p>{table}{body}"
        f"<p>Answer: {_answer(operation.answer)}</p></section>"
    )


def _answer(schema: dict[str, Any]) -> str:
    """Write what comes back."""
    if "$ref" in schema:
        return _link(schema["$ref"].rpartition("/")[2])
    if "oneOf" in schema:
        return " or ".join(_answer(one) for one in schema["oneOf"])
    return f"array of {_answer(schema['items'])}"


def _prose(text: str) -> str:
    """Write a sentence, and what it has between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _link(name: str) -> str:
    """Write a link to a shape."""
    return f'<a href="#{name}">{name}</a>'


def _schema(name: str, schema: dict[str, Any]) -> str:
    """Write one shape."""
    text = msgspec.json.format(msgspec.json.encode(schema), indent=2).decode()
    return f'<section id="{name}"><h3>{name}</h3><pre>{escape(text)}</pre></section>'


HANDLERS = [openapi, page, style]
