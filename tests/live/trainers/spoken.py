"""What a model is to learn, written without any chat template: the checks compare masks with it."""

from __future__ import annotations

import json
from typing import Any

Message = dict[str, Any]

end = '<|im_end|>'


def spoken(message: Message) -> str:
    """An assistant's message as ChatML with Hermes calls, from behind its header to its end."""
    parts = [message['content']] if message['content'] else []
    for call in message.get('tool_calls') or []:
        parts.append(hermes_call(call['function']['name'], call['function']['arguments']))
    return '\n'.join(parts) + end


def hermes_call(name: str, arguments: dict[str, Any]) -> str:
    text = json.dumps({'name': name, 'arguments': arguments}, ensure_ascii=False)
    return f'<tool_call>\n{text}\n</tool_call>'


def spoken_of(messages: list[Message]) -> list[str]:
    """Of a conversation, one text for each message of the assistant."""
    return [spoken(message) for message in messages if message['role'] == 'assistant']
