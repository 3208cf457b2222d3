"""Trains the embedded model on the corpus.

    python model/train.py --data 'model/build/corpus-*.jsonl.gz' --tokenizer model/build/tokenizer.json \\
        --out model/build/run --minutes 45 --procs 3

Each process reads its own batches on its own core, and gradients are summed: for a model this small that beats one process
with several threads. The learning rate warms up, stays, and falls to zero over the budget's last part. `stable.pt` is kept
from just before the fall, so training can be extended: `--resume model/build/run/stable.pt --minutes 90`.

Resuming goes on exactly, given the same options: weights, optimizer, position in the data. With `--tokens` the outcome is
the same to the bit as without a break; with `--minutes` the schedule follows the clock.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor

import checkpoint
import corpus
from batches import Batch, make_batch, plan, repeats
from evaluation import measure, summary
from initialise import initialise
from tokenizer import Tokenizer
from transformer import Shape, Transformer, parameters_of


@dataclass
class Clock:
    """How far training is. Saved with each checkpoint."""

    step: int = 0
    tokens: int = 0
    """Read, padding excluded, by all processes."""
    seconds: float = 0.0
    """Spent training, breaks excluded."""


def rate(progress: float, step: int, warm_up: int, fall: float) -> float:
    """The share of the full learning rate: rises over `warm_up` steps, stays, and falls over the last `fall` of the budget."""
    rising = min(1.0, (step + 1) / warm_up)
    falling = min(1.0, max(0.0, 1 - progress) / fall) if fall else 1.0
    return rising * falling


def optimizers(model: Transformer, options: argparse.Namespace) -> list[torch.optim.Optimizer]:
    """Muon turns each matrix of a block by the same small angle in every direction, which spends tokens better; it is not
    meant for embeddings and norms."""
    matrices = [p for name, p in model.named_parameters() if name.startswith('blocks.') and p.dim() == 2]
    norms = [p for p in model.parameters() if p.dim() == 1]
    embedding = [model.embedding.weight]
    groups = [{'params': embedding, 'lr': options.embedding_rate}, {'params': norms, 'lr': options.norm_rate}]
    made: list[torch.optim.Optimizer] = []
    if options.optimizer == 'muon':
        made.append(torch.optim.Muon(matrices, lr=options.rate, momentum=0.95, weight_decay=options.decay))
    else:
        groups.append({'params': matrices, 'lr': options.rate})
    made.append(torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.0, eps=1e-9))
    for group in (group for optimizer in made for group in optimizer.param_groups):
        group['full_rate'] = group['lr']
    return made


def loss_sum(model: Transformer, batch: Batch) -> Tensor:
    hidden = model(batch.ids[:, :-1])
    learn = batch.learn[:, 1:]
    logits = model.logits(hidden[learn])
    return F.cross_entropy(logits.float(), batch.ids[:, 1:][learn], reduction='sum')


class Trainer:
    """One process of the training."""

    def __init__(self, rank: int, options: argparse.Namespace) -> None:
        self.rank, self.options = rank, options
        self.tokenizer = Tokenizer.load(options.tokenizer)
        self.data = corpus.load(options.data, self.tokenizer)
        self.counts = np.add.reduceat(self.data.learn, self.data.offsets[:-1], dtype=np.int64)
        """How many tokens of each view are learnt from."""
        self.clock = Clock()
        if options.resume:
            self.model, self.tokenizer_kept, kept = checkpoint.load(options.resume)
            if self.tokenizer_kept.to_json() != self.tokenizer.to_json():
                raise ValueError(f'{options.resume} was trained with another tokenizer than {options.tokenizer}')
            self.optimizers = optimizers(self.model, options)
            if 'optimizers' not in kept:
                raise ValueError(f'{options.resume} holds no optimizer state: it was made by fine-tuning, not by training')
            for optimizer, state in zip(self.optimizers, kept['optimizers'], strict=True):
                wanted = [group['full_rate'] for group in optimizer.param_groups]
                optimizer.load_state_dict(state)
                for group, full_rate in zip(optimizer.param_groups, wanted):
                    group['full_rate'] = full_rate  # the options', not the checkpoint's
            self.clock = Clock(**kept['clock'])
        else:
            shape = Shape(self.tokenizer.size, options.width, options.layers, options.heads, options.feed_forward, options.rope_base)
            self.model = initialise(shape, options.seed, induction=not options.no_induction)
            self.optimizers = optimizers(self.model, options)
        longest = int(self.data.lengths.max())
        if longest > self.model.shape.context:
            raise ValueError(f'a view of {longest} tokens does not fit the context of {self.model.shape.context}: shorten the corpus')
        self.parameters = list(self.model.parameters())
        self.sizes = [p.numel() for p in self.parameters]

    def run(self) -> None:
        options = self.options
        if self.rank == 0:
            kinds = Counter(zip(self.data.role.tolist(), self.data.kind.tolist()))
            views = {f'{corpus.ROLES[r]} {corpus.KINDS[k]}': n for (r, k), n in sorted(kinds.items())}
            self.report(event='start', parameters=parameters_of(self.model), views=views, tokens=len(self.data.ids))
        steps = plan(self.data, options.seed, options.batch, options.procs * options.accumulate)
        started = time.monotonic() - self.clock.seconds
        saved = logged = measured = self.clock.seconds
        since = Clock(**vars(self.clock))
        losses = Counter()
        stable_kept = self.progress() >= 1 - options.fall
        for views in islice(steps, self.clock.step, None):
            progress = self.progress()
            if progress >= 1:
                break
            if not stable_kept and progress >= 1 - options.fall:
                stable_kept = True
                self.save('stable.pt')
            losses.update(self.step(views, rate(progress, self.clock.step, options.warm_up, options.fall), time.monotonic() - started))
            now = self.clock.seconds
            if now - logged >= options.log_seconds:
                speed = (self.clock.tokens - since.tokens) / (now - since.seconds)
                repeat_loss = losses['repeats'] / max(1, losses['repeats count'])
                loss = losses['loss'] / losses['count']
                self.report(event='train', loss=loss, repeats=repeat_loss, tokens_per_second=round(speed))
                logged, since, losses = now, Clock(**vars(self.clock)), Counter()
            if now - measured >= options.measure_minutes * 60:
                self.measure()
                measured = now
            if now - saved >= options.save_minutes * 60:
                self.save('last.pt')
                saved = now
        self.measure()
        self.save('last.pt')

    def progress(self) -> float:
        """The share of the budget that is spent; the same in every process."""
        options = self.options
        return self.clock.tokens / options.tokens if options.tokens else self.clock.seconds / (options.minutes * 60)

    def step(self, views: list[np.ndarray], share: float, seconds: float) -> Counter[str]:
        """One step of all processes. views: the batches of all of them; process r takes every procs-th from r on."""
        options, model = self.options, self.model
        total = sum(int(self.counts[batch].sum()) for batch in views)
        model.zero_grad(set_to_none=True)
        loss = 0.0
        for batch in views[self.rank :: options.procs]:
            with self.precision():
                value = loss_sum(model, make_batch(self.data, batch))
            (value / total).backward()
            loss += value.item()
        repeat_loss = repeat_count = 0.0
        if options.repeat_every and self.clock.step % options.repeat_every == 0:
            batch = repeats(self.tokenizer.size, [options.seed, self.clock.step, self.rank])
            repeat_count = float(batch.learn.sum())
            with self.precision():
                value = loss_sum(model, batch)
            (value * (options.repeat_weight / (repeat_count * options.procs))).backward()
            repeat_loss = value.item()

        if options.procs > 1:
            extra = torch.tensor([loss, repeat_loss, repeat_count, seconds if self.rank == 0 else 0.0])
            flat = torch.cat([*(p.grad.reshape(-1) for p in self.parameters), extra])
            dist.all_reduce(flat)
            for parameter, part in zip(self.parameters, flat[: -len(extra)].split(self.sizes)):
                parameter.grad = part.view_as(parameter)
            loss, repeat_loss, repeat_count, seconds = flat[-len(extra) :].tolist()
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, options.clip)
        if not math.isfinite(norm):
            raise FloatingPointError(f'the gradient is {norm} at step {self.clock.step}: lower --rate and resume from last.pt')
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group['lr'] = group['full_rate'] * share
            optimizer.step()
        self.clock.step += 1
        self.clock.tokens += sum(int(self.data.lengths[batch].sum()) for batch in views)
        self.clock.seconds = seconds
        return Counter({'loss': loss, 'count': total, 'repeats': repeat_loss, 'repeats count': repeat_count})

    def precision(self) -> torch.autocast:
        return torch.autocast('cpu', torch.bfloat16, enabled=self.options.precision == 'bf16')

    def measure(self) -> None:
        """Each process reads its share of the same held-out views."""
        held_out = np.flatnonzero(self.data.validation)[: self.options.measure_views]
        with self.precision():
            sums = measure(self.model, self.tokenizer, self.data, held_out[self.rank :: self.options.procs])
        everyone: list[Any] = [sums]
        if self.options.procs > 1:
            everyone = [None] * self.options.procs
            dist.all_gather_object(everyone, sums)
        if self.rank == 0:
            self.report(event='measure', **summary(sum(everyone, Counter())))

    def report(self, **values: Any) -> None:
        """One JSON object a line, in `log.jsonl` and on the screen. Called from outside rank 0 it does nothing."""
        if self.rank:
            return
        rounded = {name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}
        line = json.dumps({'minutes': round(self.clock.seconds / 60, 2), 'step': self.clock.step, 'read': self.clock.tokens, **rounded})
        print(line, flush=True)
        with open(self.options.out / 'log.jsonl', 'a') as log:
            log.write(line + '\n')

    def save(self, name: str) -> None:
        if self.rank == 0:
            state = [optimizer.state_dict() for optimizer in self.optimizers]
            checkpoint.save(self.options.out / name, self.model, self.tokenizer, optimizers=state, clock=vars(self.clock))


def _process(rank: int, options: argparse.Namespace, meeting: str) -> None:
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    if options.procs > 1:
        os.environ.setdefault('GLOO_SOCKET_IFNAME', 'lo')
        dist.init_process_group('gloo', init_method=f'file://{meeting}', rank=rank, world_size=options.procs)
    Trainer(rank, options).run()
    if options.procs > 1:
        dist.destroy_process_group()


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add('--data', required=True, nargs='+', help='corpus files, or patterns of their names')
    add('--tokenizer', required=True, type=Path)
    add('--out', required=True, type=Path, help='folder of last.pt, stable.pt and log.jsonl')
    add('--resume', type=Path, help='a checkpoint to go on from')
    add('--minutes', type=float, help='budget by the clock')
    add('--tokens', type=float, help='budget in tokens read')
    add('--procs', type=int, default=3)
    add('--threads', type=int, default=1, help='of each process')
    add('--precision', choices=['bf16', 'f32'], default='bf16')
    add('--seed', type=int, default=1)

    add('--width', type=int, default=256)
    add('--layers', type=int, default=4)
    add('--heads', type=int, default=4)
    add('--feed-forward', type=int, default=576)
    add('--rope-base', type=float, default=1e6)
    add('--no-induction', action='store_true', help='no hand-written copying heads')

    add('--batch', type=int, default=4096, help='tokens that a process reads at once')
    add('--accumulate', type=int, default=1, help='batches of each process in a step')
    add('--optimizer', choices=['muon', 'adamw'], default='muon')
    add('--rate', type=float, default=0.01, help='of the matrices; 0.002 is right for AdamW')
    add('--embedding-rate', type=float, default=0.002)
    add('--norm-rate', type=float, default=0.002)
    add('--decay', type=float, default=0.0, help='weight decay of the matrices')
    add('--clip', type=float, default=1.0)
    add('--warm-up', type=int, default=50, help='steps')
    add('--fall', type=float, default=0.35, help='last share of the budget, over which the learning rate falls to zero')
    add('--repeat-every', type=int, default=8, help='steps between rows of random repeats; 0 for none')
    add('--repeat-weight', type=float, default=0.3)

    add('--measure-minutes', type=float, default=4.0)
    add('--measure-views', type=int, default=600)
    add('--save-minutes', type=float, default=3.0)
    add('--log-seconds', type=float, default=20.0)
    options = parser.parse_args(arguments)
    if (options.minutes is None) == (options.tokens is None):
        parser.error('give --minutes or --tokens')
    return options


def main(arguments: list[str] | None = None) -> None:
    options = parse(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    # Encode once here, so that the processes find the cache; then errors in the corpus are also told once.
    corpus.load(options.data, Tokenizer.load(options.tokenizer))
    if options.procs == 1:
        _process(0, options, '')
        return
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(_process, (options, f'{folder}/meeting'), nprocs=options.procs)


if __name__ == '__main__':
    main()
