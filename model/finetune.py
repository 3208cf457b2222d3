"""Fine-tunes a checkpoint on what a search harvested: SFT on good conversations, or KTO on good and bad turns.

    python model/finetune.py sft --checkpoint model/build/run/last.pt --data sft.jsonl --out model/build/sft.pt
    python model/finetune.py kto --checkpoint model/build/run/last.pt --data kto.jsonl --out model/build/kto.pt

Reads the rows that TRL reads, one JSON object a line: `{"messages", "tools"}` for SFT, where loss falls on the assistant's
messages; `{"prompt", "completion", "label", "tools"}` for KTO. Other keys are ignored. Losses and weights are the paper's;
learning rates are higher than there, because the model is a thousand times smaller.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

import checkpoint
from batches import Batch, make_batch
from chat import Message, render
from corpus import CorpusError, Encoded, View, encode_views, parse_view
from tokenizer import Tokenizer
from train import rate
from transformer import Transformer

T = TypeVar('T')
_end = len('\n')
"""What the template writes behind a message's `<|im_end|>`; the engine writes it, so the model need not learn it."""


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


def said(model: Transformer, batch: Batch) -> Tensor:
    """Log-probability of what each row has to say: [rows]."""
    learn = batch.learn[:, 1:]
    logits = model.logits(model(batch.ids[:, :-1])[learn]).float()
    each = -F.cross_entropy(logits, batch.ids[:, 1:][learn], reduction='none')
    return torch.zeros(len(learn)).index_add(0, learn.nonzero()[:, 0], each)


def said_by_all(model: Transformer, data: Encoded, rows: int) -> Tensor:
    """`said` of every view, [views], without gradient."""
    with torch.no_grad():
        parts = [said(model, make_batch(data, part)) for part in np.array_split(np.arange(len(data)), -(-len(data) // rows))]
    return torch.cat(parts)


def steps(count: int, rows: int, epochs: int, seed: int) -> Iterator[tuple[float, np.ndarray]]:
    """Progress from 0 to 1 and the views of each step."""
    batches = []
    for epoch in range(epochs):
        order = np.random.default_rng([seed, epoch]).permutation(count)
        batches += np.array_split(order, -(-count // rows))
    for number, batch in enumerate(batches):
        yield number / len(batches), batch


def kto_loss(policy: Tensor, reference: Tensor, drift: Tensor, good: Tensor, options: argparse.Namespace) -> Tensor:
    """How little good turns gained on the reference, and bad ones lost, both against `drift`: how much the policy gained on
    completions that do not belong to their prompts. All but drift: [rows]."""
    gain = policy - reference
    losses = torch.where(good, 1 - torch.sigmoid(options.beta * (gain - drift)), 1 - torch.sigmoid(options.beta * (drift - gain)))
    return (losses * torch.where(good, options.desirable, options.undesirable)).mean()


def sft(model: Transformer, tokenizer: Tokenizer, options: argparse.Namespace) -> None:
    data = encode_views(tokenizer, read_rows(options.data, sft_row))
    _check_length(data, model)

    def loss(views: np.ndarray) -> Tensor:
        batch = make_batch(data, views)
        return -said(model, batch).sum() / batch.learn.sum()

    _train(model, len(data), loss, options)


def kto(model: Transformer, tokenizer: Tokenizer, options: argparse.Namespace) -> None:
    turns = read_rows(options.data, kto_row)
    if len(turns) < 2:
        raise CorpusError(f'{options.data}: one row has no other to be compared with')
    # Neighbours often come from one dialogue and hold the same completion: mismatched pairs are made from a shuffled list.
    turns = [turns[i] for i in np.random.default_rng(options.seed).permutation(len(turns))]
    good = torch.tensor([turn.good for turn in turns])
    print(f'{int(good.sum())} good turns, {int((~good).sum())} bad ones', flush=True)
    data = encode_views(tokenizer, [turn.after(turn.prompt) for turn in turns])
    mismatched = encode_views(tokenizer, [turns[i - 1].after(turn.prompt) for i, turn in enumerate(turns)])
    _check_length(data, model)
    _check_length(mismatched, model)
    frozen = copy.deepcopy(model).eval()
    reference, reference_mismatched = (said_by_all(frozen, part, options.rows) for part in (data, mismatched))

    def loss(views: np.ndarray) -> Tensor:
        with torch.no_grad():
            gains = said(model, make_batch(mismatched, views)) - reference_mismatched[views]
        return kto_loss(said(model, make_batch(data, views)), reference[views], gains.mean().clamp(min=0), good[views], options)

    _train(model, len(data), loss, options)


def _check_length(data: Encoded, model: Transformer) -> None:
    if data.lengths.max() > model.shape.context:
        row = int(data.lengths.argmax())
        raise CorpusError(f'row {row} has {data.lengths[row]} tokens, the model reads {model.shape.context}: leave such rows out')


def _train(model: Transformer, count: int, loss_of: Callable[[np.ndarray], Tensor], options: argparse.Namespace) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    started, recent = time.monotonic(), []
    for number, (progress, views) in enumerate(steps(count, options.rows, options.epochs, options.seed)):
        for group in optimizer.param_groups:
            group['lr'] = options.rate * rate(progress, number, warm_up=10, fall=0.8)
        loss = loss_of(views)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        recent.append(loss.item())
        if len(recent) == 20:
            print(f'{time.monotonic() - started:5.0f} s  {progress:4.0%}  loss {np.mean(recent):.4f}', flush=True)
            recent = []


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    methods = parser.add_subparsers(dest='method', required=True)
    for name, default_rate, epochs in (('sft', 3e-4, 2), ('kto', 1e-4, 1)):
        method = methods.add_parser(name)
        add = method.add_argument
        add('--checkpoint', required=True, type=Path)
        add('--data', required=True, type=Path)
        add('--out', required=True, type=Path)
        add('--rate', type=float, default=default_rate)
        add('--epochs', type=int, default=epochs)
        add('--rows', type=int, default=16, help='in a step')
        add('--threads', type=int, default=2)
        add('--seed', type=int, default=1)
    add('--beta', type=float, default=0.1)
    add('--desirable', type=float, default=1.0, help='weight of good turns')
    add('--undesirable', type=float, default=2.71, help='weight of bad turns')
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    options = parse(arguments)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model, tokenizer, _ = checkpoint.load(options.checkpoint)
    {'sft': sft, 'kto': kto}[options.method](model, tokenizer, options)
    checkpoint.save(options.out, model, tokenizer)
    print(f'{options.out}: written')


if __name__ == '__main__':
    main()
