"""Fine-tunes a model on what a search harvested: SFT on good conversations, or KTO on good and bad turns.

    python model/finetune.py sft --model public/models/embedded.gguf --data sft.jsonl --out sft.gguf
    python model/finetune.py kto --model public/models/embedded.gguf --data kto.jsonl --out kto.gguf

Reads the rows that TRL reads, one JSON object a line: `{"messages", "tools"}` for SFT, where loss falls on the assistant's
messages; `{"prompt", "completion", "label", "tools"}` for KTO. Other keys are ignored. Losses and weights are the paper's;
learning rates are higher than there, because the model is a thousand times smaller.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

import from_gguf
import to_gguf
from batches import by_length, make_batch
from chat import Message, render
from corpus import CorpusError, Encoded, View, encode_views, parse_view
from tokenizer import Tokenizer
from train import rate
from transformer import Transformer

T = TypeVar('T')
_end = len('\n')
"""What the template writes behind a message's `<|im_end|>`; the engine writes it, so the model need not learn it."""
_tokens_at_once = 4096
"""Read in one pass, padding included."""
_seconds_between_lines = 5


@dataclass(frozen=True)
class Turn:
    """A row of KTO as text."""

    prompt: str
    completion: str
    spans: list[tuple[int, int]]
    """Where in the completion the assistant speaks."""
    good: bool

    def after(self, prompt: str) -> View:
        """This completion behind a prompt, its own or another row's."""
        shifted = [(len(prompt) + start, len(prompt) + end) for start, end in self.spans]
        return _view(prompt + self.completion, shifted)


def conversation(messages: list[Message], tools: list[dict[str, Any]] | None, said: int = 0) -> View:
    """A conversation as text, with the spans of assistant messages from message number `said` on."""
    text, spans = render(messages, tools), []
    for index, message in enumerate(messages):
        if message['role'] == 'assistant' and index >= said:
            before, through = render(messages[:index], tools, reply_next=True), render(messages[: index + 1], tools)
            if not text.startswith(through) or not through.startswith(before):
                raise CorpusError(f'message {index} is rendered otherwise when nothing follows it: the template is at fault')
            spans.append((len(before), len(through) - _end))
    if not spans:
        raise CorpusError('no message of the assistant to learn from')
    return _view(text, spans)


def _view(text: str, spans: list[tuple[int, int]]) -> View:
    """Checked as lines of the corpus are."""
    return parse_view(json.dumps({'id': '', 'role': 'agent', 'kind': 'travel', 'text': text, 'spans': spans}))


def sft_row(row: dict[str, Any]) -> View:
    return conversation(row['messages'], row.get('tools'))


def kto_row(row: dict[str, Any]) -> Turn:
    if not isinstance(row['label'], bool):
        raise CorpusError(f'label must be true or false, not {row["label"]!r}')
    prompt, tools = row['prompt'], row.get('tools')
    view = conversation(prompt + row['completion'], tools, said=len(prompt))
    start = view.spans[0][0]
    spans = [(first - start, last - start) for first, last in view.spans]
    return Turn(view.text[:start], view.text[start:], spans, row['label'])


def read_rows(path: Path, make: Callable[[dict[str, Any]], T]) -> list[T]:
    if not path.is_file():
        raise FileNotFoundError(f'{path}: no such file; export a run as TRL rows first')
    rows = []
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
        try:
            rows.append(make(json.loads(line)))
        except (CorpusError, json.JSONDecodeError, KeyError, TypeError) as error:
            raise CorpusError(f'{path}, line {number}: {error!r}') from None
    if not rows:
        raise CorpusError(f'{path}: empty')
    return rows


def said(model: Transformer, data: Encoded, views: np.ndarray, precision: str = 'f32') -> Iterator[tuple[np.ndarray, Tensor]]:
    """Log-probability of what each view has to say. In parts, so that little is padded and held at a time: which views,
    and their values [views]."""
    for part in by_length(data, views, _tokens_at_once):
        batch = make_batch(data, part)
        learn = batch.learn[:, 1:]
        with torch.autocast('cpu', torch.bfloat16, enabled=precision == 'bf16'):
            logits = model.logits(model(batch.ids[:, :-1])[learn]).float()
        each = -F.cross_entropy(logits, batch.ids[:, 1:][learn], reduction='none')
        yield part, torch.zeros(len(part)).index_add(0, learn.nonzero()[:, 0], each)


@torch.no_grad()
def said_by_all(model: Transformer, data: Encoded, precision: str = 'f32') -> Tensor:
    """`said` of every view, [views], without gradient."""
    values = torch.empty(len(data))
    for part, each in said(model, data, np.arange(len(data)), precision):
        values[part] = each
    return values


def steps(count: int, rows: int, epochs: int, seed: int) -> list[np.ndarray]:
    """The rows of each step: about `rows` at random, every row once an epoch."""
    made: list[np.ndarray] = []
    for epoch in range(epochs):
        order = np.random.default_rng([seed, epoch]).permutation(count)
        made += np.array_split(order, -(-count // rows))
    return made


def kto_loss(gain: Tensor, drift: float, good: Tensor, options: argparse.Namespace) -> Tensor:
    """Of each row, [rows]: how little a good turn gained on the reference, or a bad one lost, both against `drift`: how much
    the policy gained, on average, on completions that do not belong to their prompts."""
    signs, weights = torch.where(good, 1.0, -1.0), torch.where(good, options.desirable, options.undesirable)
    return weights * (1 - torch.sigmoid(options.beta * signs * (gain - drift)))


def sft(model: Transformer, tokenizer: Tokenizer, options: argparse.Namespace) -> None:
    data = _encode(tokenizer, model, options.data, read_rows(options.data, sft_row))
    counts = np.add.reduceat(data.learn, data.offsets[:-1], dtype=np.int64)
    print(f'{options.data}: {len(data)} conversations, {counts.sum()} tokens to learn of {len(data.ids)}', flush=True)

    def losses(views: np.ndarray) -> Iterator[Tensor]:
        for _, each in said(model, data, views, options.precision):
            yield -each.sum() / counts[views].sum()

    _train(model, len(data), losses, options)


def kto(model: Transformer, tokenizer: Tokenizer, options: argparse.Namespace) -> None:
    turns = read_rows(options.data, kto_row)
    if len(turns) < 2:
        raise CorpusError(f'{options.data}: one row has no other to be compared with')
    # Neighbours often come from one dialogue and hold the same completion: mismatched pairs are made from a shuffled list.
    turns = [turns[i] for i in np.random.default_rng(options.seed).permutation(len(turns))]
    good = torch.tensor([turn.good for turn in turns])
    print(f'{options.data}: {int(good.sum())} good turns, {int((~good).sum())} bad ones', flush=True)
    data = _encode(tokenizer, model, options.data, [turn.after(turn.prompt) for turn in turns])
    mismatched = _encode(tokenizer, model, options.data, [turns[i - 1].after(turn.prompt) for i, turn in enumerate(turns)])
    reference, reference_mismatched = (said_by_all(model, part, options.precision) for part in (data, mismatched))

    def losses(views: np.ndarray) -> Iterator[Tensor]:
        with torch.no_grad():
            gained = [each - reference_mismatched[part] for part, each in said(model, mismatched, views, options.precision)]
        drift = max(0.0, torch.cat(gained).mean().item())
        for part, each in said(model, data, views, options.precision):
            yield kto_loss(each - reference[part], drift, good[part], options).sum() / len(views)

    _train(model, len(data), losses, options)


def _encode(tokenizer: Tokenizer, model: Transformer, path: Path, views: list[View]) -> Encoded:
    data = encode_views(tokenizer, views)
    if data.lengths.max() > model.shape.context:
        long = int((data.lengths > model.shape.context).sum())
        raise CorpusError(f'{path}: {long} rows do not fit the {model.shape.context} tokens that the model reads: leave them out')
    return data


def _train(model: Transformer, count: int, losses: Callable[[np.ndarray], Iterator[Tensor]], options: argparse.Namespace) -> None:
    """losses: parts that add up to the loss of a step's rows."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    plan = steps(count, options.rows, options.epochs, options.seed)
    done, told, started, recent = 0, time.monotonic(), time.monotonic(), []
    for number, views in enumerate(plan):
        for group in optimizer.param_groups:
            group['lr'] = options.rate * rate(number / len(plan), number, warm_up=max(1, len(plan) // 10), fall=0.9)
        optimizer.zero_grad()
        loss = 0.0
        for part in losses(views):
            part.backward()
            loss += part.item()
        if not math.isfinite(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)):
            raise FloatingPointError(f'the gradient is no number at step {number}: lower --rate')
        optimizer.step()
        recent.append(loss)
        done += len(views)
        if time.monotonic() - told > _seconds_between_lines or number == len(plan) - 1:
            told = time.monotonic()
            print(f'{told - started:5.0f} s  {done} of {count * options.epochs} rows  loss {np.mean(recent):.4f}', flush=True)
            recent = []


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    methods = parser.add_subparsers(dest='method', required=True)
    for name, default_rate, epochs in (('sft', 1e-3, 2), ('kto', 5e-5, 1)):
        method = methods.add_parser(name)
        add = method.add_argument
        add('--model', required=True, type=Path, help='GGUF file to begin with')
        add('--data', required=True, type=Path, help='rows, one JSON object a line')
        add('--out', required=True, type=Path, help='GGUF file to write')
        add('--name', default=f'Joshtree travel, {name.upper()}', help='what the written file calls itself')
        add('--rate', type=float, default=default_rate, help='highest learning rate')
        add('--epochs', type=int, default=epochs)
        add('--rows', type=int, default=16, help='in a step')
        add('--precision', choices=['f32', 'bf16'], default='f32')
        add('--threads', type=int, default=2)
        add('--seed', type=int, default=1)
    add('--beta', type=float, default=1.0, help='the higher, the closer to the model it began with')
    add('--desirable', type=float, default=1.0, help='weight of good turns')
    add('--undesirable', type=float, default=2.71, help='weight of bad turns')
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    options = parse(arguments)
    torch.set_num_threads(options.threads)
    model, tokenizer = from_gguf.load(options.model)
    {'sft': sft, 'kto': kto}[options.method](model, tokenizer, options)
    to_gguf.write(options.out, model, tokenizer, options.name)
    print(f'{options.out}: written')


if __name__ == '__main__':
    main()
