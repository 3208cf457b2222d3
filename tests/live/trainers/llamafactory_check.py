"""LLaMA-Factory's own loader and trainers, with the recipes beside its files: no row lost, calls rendered whole, three steps with finite losses.

    python llamafactory_check.py DATASET WORK
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer
from llamafactory.train.tuner import run_exp

import layout
from masks import learnt
from report import Found, check, same
from spoken import end, hermes_call
from tiny import make_tiny_model

steps = 3


def main(folder: Path, work: Path) -> None:
    model = work / 'model'
    make_tiny_model(model, [layout.llamafactory(folder, kind) for kind in ('sft', 'ranking', 'kto')])

    with check('LLaMA-Factory sft') as found:
        settings = _settings(folder, work, 'sft')
        rows = layout.rows(layout.llamafactory(folder, 'sft'))
        tokenizer, seen = _prepared(found, settings, rows)
        for row, example in zip(rows, seen, strict=True):
            wanted = [_said(message) for message in row['conversations'] if message['from'] in ('gpt', 'function_call')]
            same('learnt', learnt(tokenizer, example['input_ids'], example['labels']), wanted)
            _tools_are_told(tokenizer, example['input_ids'], row)
        _train(found, settings)

    with check('LLaMA-Factory ranking (dpo)') as found:
        settings = _settings(folder, work, 'ranking')
        rows = layout.rows(layout.llamafactory(folder, 'ranking'))
        tokenizer, seen = _prepared(found, settings, rows)
        for row, example in zip(rows, seen, strict=True):
            for side in ('chosen', 'rejected'):
                ids, labels = example[f'{side}_input_ids'], example[f'{side}_labels']
                same(side, learnt(tokenizer, ids, labels), [_said(row[side])])
                _tools_are_told(tokenizer, ids, row)
        _train(found, settings)

    with check('LLaMA-Factory kto') as found:
        settings = _settings(folder, work, 'kto')
        rows = layout.rows(layout.llamafactory(folder, 'kto'))
        tokenizer, seen = _prepared(found, settings, rows)
        for row, example in zip(rows, seen, strict=True):
            wanted = [_said(row['conversations'][-1])]
            same('learnt', learnt(tokenizer, example['input_ids'], example['labels']), wanted)
            same('kto_tag', example['kto_tags'], row['kto_tag'])
            _tools_are_told(tokenizer, example['input_ids'], row)
        _train(found, settings)


def _settings(folder: Path, work: Path, kind: str) -> dict[str, Any]:
    return {
        **layout.recipe(layout.llamafactory(folder, kind)),
        'model_name_or_path': str(work / 'model'),
        'dataset_dir': str(folder / 'llamafactory'),
        'template': 'qwen',
        'cutoff_len': 8192,
        'max_steps': steps,
        'logging_steps': 1,
        'per_device_train_batch_size': 2,
        'use_cpu': True,
        'output_dir': str(work / f'trained-{kind}'),
        'overwrite_output_dir': True,
        'report_to': 'none',
    }


def _prepared(found: Found, settings: dict[str, Any], rows: list[layout.Row]) -> tuple[Any, Any]:
    """What its trainers would see."""
    model_args, data_args, training_args, finetuning_args, _ = get_train_args(dict(settings))
    module = load_tokenizer(model_args)
    template = get_template_and_fix_tokenizer(module['tokenizer'], data_args)
    # Its workflows load pairs for DPO as those for a reward model.
    stage = {'dpo': 'rm'}.get(finetuning_args.stage, finetuning_args.stage)
    seen = get_dataset(template, model_args, data_args, training_args, stage=stage, **module)['train_dataset']
    found.rows = len(rows)
    same('rows after preparation', len(seen), len(rows))
    return module['tokenizer'], seen


def _said(message: dict[str, str]) -> str:
    if message['from'] != 'function_call':
        return message['value'] + end + '\n'
    call = json.loads(message['value'])
    return hermes_call(call['name'], call['arguments']) + end + '\n'


def _tools_are_told(tokenizer: Any, input_ids: list[int], row: layout.Row) -> None:
    text = tokenizer.decode(input_ids)
    for tool in json.loads(row['tools']):
        if json.dumps(tool, ensure_ascii=False) not in text:
            raise AssertionError(f'the tool {tool["name"]} is not in the prompt')


def _train(found: Found, settings: dict[str, Any]) -> None:
    run_exp(dict(settings))
    state = json.loads((Path(settings['output_dir']) / 'trainer_state.json').read_text(encoding='utf8'))
    losses = [entry['loss'] for entry in state['log_history'] if 'loss' in entry]
    same('steps', len(losses), steps)
    if not all(math.isfinite(loss) for loss in losses):
        raise AssertionError(f'losses are not finite: {losses}')
    found.note = 'losses ' + ' '.join(f'{loss:.3f}' for loss in losses)


if __name__ == '__main__':
    main(Path(sys.argv[1]), Path(sys.argv[2]))
