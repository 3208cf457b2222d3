"""Every file, and every configuration of the card, as `datasets` reads it: the same rows, nothing added, nothing lost.

    python load_check.py DATASET
"""

from __future__ import annotations

import sys
from pathlib import Path

from datasets import Dataset, get_dataset_config_names, load_dataset

import layout
from report import check, same


def main(folder: Path) -> None:
    for path in layout.jsonl_files(folder):
        with check(f'datasets: {path.relative_to(folder)}') as found:
            read = load_dataset('json', data_files=str(path), split='train')
            found.rows = len(read)
            _same_rows(read, path)

    with check('datasets: configurations of the card'):
        same('their names', sorted(get_dataset_config_names(str(folder))), sorted(layout.trl_configs))
    for config in layout.trl_configs:
        with check(f'datasets: load_dataset(folder, "{config}")') as found:
            for split, read in load_dataset(str(folder), config).items():
                found.rows += len(read)
                _same_rows(read, layout.trl(folder, config, split))
                if config == 'kto':
                    same('dtype of label', read.features['label'].dtype, 'bool')
                    same('rows without a label', read['label'].count(None), 0)


def _same_rows(read: Dataset, path: Path) -> None:
    """Null-filled arguments, lost tools or numbers turned into text would show here."""
    written = layout.rows(path)
    same('number of rows', len(read), len(written))
    for index, (row, line) in enumerate(zip(read, written, strict=True)):
        same(f'row {index}', row, line)


if __name__ == '__main__':
    main(Path(sys.argv[1]))
