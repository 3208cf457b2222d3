"""TRL's trainers on the rows as they are: three steps each, finite losses, no row lost, and only what the agent said is learnt.

    python trl_check.py DATASET WORK
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

from datasets import Dataset, load_dataset
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, RewardConfig, RewardTrainer, SFTConfig, SFTTrainer

import layout
from masks import learnt, text
from report import Found, check, same
from spoken import spoken, spoken_of
from tiny import make_tiny_model

steps = 3


def main(folder: Path, work: Path) -> None:
    model = work / 'model'
    tokenizer = make_tiny_model(model, [layout.trl(folder, config, 'train') for config in layout.trl_configs])
    settings = {
        'output_dir': str(work / 'trained'),
        'max_steps': steps,
        'per_device_train_batch_size': 2,
        'logging_steps': 1,
        'max_length': 8192,
        'use_cpu': True,
        'bf16': False,
        'save_strategy': 'no',
        'report_to': 'none',
        'disable_tqdm': True,
    }

    with check('TRL SFTTrainer: messages, loss on the assistant only') as found:
        rows = _train_rows(folder, 'sft')
        trainer = SFTTrainer(
            str(model), SFTConfig(**settings, assistant_only_loss=True), train_dataset=rows, processing_class=tokenizer
        )
        _same_count(found, trainer, rows)
        for row, seen in zip(rows, trainer.train_dataset, strict=True):
            same('learnt', learnt(tokenizer, seen['input_ids'], seen['labels']), spoken_of(row['messages']))
        _train(found, trainer)

    with check('TRL SFTTrainer: prompt and completion') as found:
        rows = _train_rows(folder, 'prompt_completion')
        trainer = SFTTrainer(str(model), SFTConfig(**settings), train_dataset=rows, processing_class=tokenizer)
        _same_count(found, trainer, rows)
        for row, seen in zip(rows, trainer.train_dataset, strict=True):
            same('learnt', learnt(tokenizer, seen['input_ids'], seen['labels']), [_answer(row['completion'])])
        _train(found, trainer)

    with check('TRL DPOTrainer') as found:
        rows = _train_rows(folder, 'dpo')
        trainer = DPOTrainer(str(model), args=DPOConfig(**settings), train_dataset=rows, processing_class=tokenizer)
        _same_count(found, trainer, rows)
        for row, seen in zip(rows, trainer.train_dataset, strict=True):
            same('prompt', text(tokenizer, seen['prompt_ids']), _prompt(tokenizer, row))
            same('chosen', text(tokenizer, seen['chosen_ids']), _answer(row['chosen']))
            same('rejected', text(tokenizer, seen['rejected_ids']), _answer(row['rejected']))
        _train(found, trainer)

    with check('TRL KTOTrainer') as found:
        rows = _train_rows(folder, 'kto')
        trainer = KTOTrainer(str(model), args=KTOConfig(**settings), train_dataset=rows, processing_class=tokenizer)
        _same_count(found, trainer, rows)
        for row, seen in zip(rows, trainer.train_dataset, strict=True):
            same('label', seen['label'], row['label'])
            same('prompt', text(tokenizer, seen['prompt_ids']), _prompt(tokenizer, row))
            same('completion', text(tokenizer, seen['completion_ids']), _answer(row['completion']))
        _train(found, trainer)

    with check('TRL RewardTrainer') as found:
        rows = _train_rows(folder, 'reward')
        trainer = RewardTrainer(str(model), RewardConfig(**settings), train_dataset=rows, processing_class=tokenizer)
        _same_count(found, trainer, rows)
        for row, seen in zip(rows, trainer.train_dataset, strict=True):
            for side in ('chosen', 'rejected'):
                ending = text(tokenizer, seen[f'{side}_ids'])[-len(_answer(row[side])) :]
                same(side, ending, _answer(row[side]))
        _train(found, trainer)


def _train_rows(folder: Path, config: str) -> Dataset:
    return load_dataset(str(folder), config, split='train')


def _same_count(found: Found, trainer: Any, rows: Dataset) -> None:
    found.rows = len(rows)
    same('rows after preparation', len(trainer.train_dataset), len(rows))


def _answer(messages: list[dict[str, Any]]) -> str:
    """The last message as the trainer learns it: with the line break that the template puts behind its end."""
    return spoken(messages[-1]) + '\n'


def _prompt(tokenizer: Any, row: dict[str, Any]) -> str:
    return tokenizer.apply_chat_template(row['prompt'], tools=row['tools'], add_generation_prompt=True, tokenize=False)


def _train(found: Found, trainer: Any) -> None:
    trainer.train()
    losses = [entry['loss'] for entry in trainer.state.log_history if 'loss' in entry]
    same('steps', len(losses), steps)
    if not all(math.isfinite(loss) for loss in losses):
        raise AssertionError(f'losses are not finite: {losses}')
    found.note = 'losses ' + ' '.join(f'{loss:.3f}' for loss in losses)


if __name__ == '__main__':
    main(Path(sys.argv[1]), Path(sys.argv[2]))
