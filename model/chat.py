"""Chat messages to the text that the model reads, through the template that its GGUF carries."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

TEMPLATE = Path(__file__).with_name('template.jinja')
Message = dict[str, Any]


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(undefined=jinja2.ChainableUndefined)
    # Jinja's own tojson escapes for HTML and sorts keys; chat engines write plain JSON.
    environment.filters['tojson'] = lambda value: json.dumps(value, ensure_ascii=False)
    return environment.from_string(TEMPLATE.read_text())


def render(messages: list[Message], tools: list[dict[str, Any]] | None = None, reply_next: bool = False) -> str:
    """reply_next: end where the assistant's next message begins."""
    return _template().render(messages=messages, tools=tools or None, add_generation_prompt=reply_next)
