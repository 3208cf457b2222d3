"""Axolotl's own loading and training with the recipes beside its files: no row lost, masks right, three steps.

    python axolotl_check.py DATASET WORK
"""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path
from typing import Any

import layout
from masks import learnt, text
from report import Found, check, same
from spoken import end, spoken_of
from tiny import make_tiny_model

steps = 3


def main(folder: Path, work: Path) -> None:
    make_tiny_model(work / 'model', [layout.axolotl(folder, kind) for kind in ('sft', 'dpo', 'kto')])
    os.chdir(folder)  # Where its recipes look for the files.

    with check('Axolotl sft') as found:
        rows = [_read(row) for row in layout.rows(layout.axolotl(folder, 'sft'))]
        tokenizer, trainer = _trained(found, folder, work, 'sft', rows)
        for row, seen in zip(rows, trainer.train_dataset, strict=True):
            same('learnt', learnt(tokenizer, seen['input_ids'], seen['labels']), spoken_of(row['messages']))
            whole = text(tokenizer, seen['input_ids'])
            same('conversation', whole, tokenizer.apply_chat_template(row['messages'], tools=row['tools'], tokenize=False))

    with check('Axolotl dpo') as found:
        rows = layout.rows(layout.axolotl(folder, 'dpo'))
        tokenizer, trainer = _trained(found, folder, work, 'dpo', rows)
        for row, seen in zip(rows, trainer.train_dataset, strict=True):
            prompt = tokenizer.apply_chat_template(row['messages'], add_generation_prompt=True, tokenize=False)
            same('prompt', text(tokenizer, seen['prompt_ids']), prompt)
            for side in ('chosen', 'rejected'):
                same(side, text(tokenizer, seen[f'{side}_ids']), row[side]['content'] + end)

    with check('Axolotl kto') as found:
        rows = layout.rows(layout.axolotl(folder, 'kto'))
        tokenizer, trainer = _trained(found, folder, work, 'kto', rows)
        for row, seen in zip(rows, trainer.train_dataset, strict=True):
            same('label', seen['label'], row['label'])
            same('prompt', text(tokenizer, seen['prompt_ids']), row['prompt'])
            same('completion', text(tokenizer, seen['completion_ids']), row['completion'])


def _read(row: layout.Row) -> layout.Row:
    """`arguments` and `parameters` are JSON text in its SFT rows."""
    for message in row['messages']:
        for call in message.get('tool_calls', []):
            call['function']['arguments'] = json.loads(call['function']['arguments'])
    for tool in row['tools']:
        tool['function']['parameters'] = json.loads(tool['function']['parameters'])
    return row


def _trained(found: Found, folder: Path, work: Path, kind: str, rows: list[layout.Row]) -> tuple[Any, Any]:
    # Slow to import, and a failure to do so belongs to the check.
    from axolotl.cli.config import load_cfg
    from axolotl.common.datasets import load_datasets, load_preference_datasets
    from axolotl.train import train
    from axolotl.utils.dict import DictDefault

    config = load_cfg(
        DictDefault(
            {
                **layout.recipe(layout.axolotl(folder, kind)),
                'base_model': str(work / 'model'),
                'sequence_len': 8192,
                'dataset_prepared_path': str(work / f'prepared-{kind}'),
                'dataset_num_proc': 1,
                'shuffle_merged_datasets': False,
                'output_dir': str(work / f'trained-{kind}'),
                'micro_batch_size': 2,
                'gradient_accumulation_steps': 1,
                'max_steps': steps,
                'num_epochs': 1,
                'logging_steps': 1,
                'learning_rate': 1e-4,
                'optimizer': 'adamw_torch',
                'lr_scheduler': 'constant',
                'bf16': False,
                'fp16': False,
                'tf32': False,
                'attn_implementation': 'sdpa',
                # Of Triton, for GPUs only.
                'lora_mlp_kernel': False,
                'lora_qkv_kernel': False,
                'lora_o_kernel': False,
            }
        )
    )
    load = load_preference_datasets if config.rl else load_datasets
    _, tokenizer, trainer = train(cfg=config, dataset_meta=load(cfg=config))
    found.rows = len(rows)
    same('rows after preparation', len(trainer.train_dataset), len(rows))
    losses = [entry['loss'] for entry in trainer.state.log_history if 'loss' in entry]
    same('steps', len(losses), steps)
    if not all(math.isfinite(loss) for loss in losses):
        raise AssertionError(f'losses are not finite: {losses}')
    found.note = 'losses ' + ' '.join(f'{loss:.3f}' for loss in losses)
    return tokenizer, trainer


if __name__ == '__main__':
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
