"""`hotline eval`: how good the product's own judgements are, on a file of messages whose answer is known."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.group("eval")
def evaluate() -> None:
    """用有答案的数据检验。/ Judge by data whose answers are known."""


@evaluate.command()
@click.option("--data", "file", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="带标签的来件：jsonl、jsonl.gz 或 csv（label, title, text）/ labelled messages")  # fmt: skip
@click.option("--train", "lessons", type=click.Path(path_type=Path, dir_okay=False),
              help="用这个文件训练，不给就交叉检验 / train on this file; without it, cross-validate")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="机器可读 / for machines")
def routing(file: Path, lessons: Path | None, *, as_json: bool) -> None:
    """从诉求文字判断类别的准确程度。/ How well words are put to labels: accuracy, macro-F1, coverage, calibration."""
    import msgspec

    from routing import evaluation

    messages = evaluation.read(file, 1 if lessons else evaluation.LEAST)
    found = msgspec.structs.asdict(evaluation.evaluate(messages, evaluation.read(lessons) if lessons else ()))
    if as_json:
        how = "trained on --train" if lessons else "cross-validated, near-duplicates kept together"
        click.echo(json.dumps({**found, "how": how}))
        return
    for name, value in found.items():
        click.echo(f"{name:<14} {value if name == 'n' else f'{value:.4f}'}")


COMMANDS = {"eval": evaluate}
