"""Trains one preset in float32 and in bfloat16 from the same seed and says how far apart the losses are.

usage: python perf/bfloat16_loss.py --dataset input.txt [--preset char] [--steps 1000] [--out bfloat16_loss]

A run that is complete in the folder is read, not repeated; an interrupted one is continued. Dropout is off: each
precision draws masks of its own. Gaps are |bfloat16 - float32| / float32.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DTYPES = ("float32", "bfloat16")
WINDOW = 20


def read(folder):
    """Training losses by step, and validation losses by step."""
    metrics = folder / "metrics.jsonl"
    lines = [json.loads(line) for line in metrics.read_text().splitlines()] if metrics.exists() else []
    train = {line["step"]: line["loss"] for line in lines if "loss" in line}
    return train, {line["step"]: line["val_loss"] for line in lines if "val_loss" in line}


def run(args, dtype):
    folder = args.out / dtype
    train, validation = read(folder)
    if args.steps in train and args.steps in validation:
        return train, validation
    options = [f"--preset={args.preset}", f"--dataset={args.dataset.resolve()}", f"--dtype={dtype}", f"--out_dir={folder.resolve()}"]
    options += ["--hyper_conn_type=none", "--dropout=0", f"--max_iters={args.steps}", f"--lr_decay_iters={args.steps}"]
    options += ["--log_interval=1", "--eval_interval=100", "--eval_iters=20", "--sample_interval=0"]
    options += ["--init_from=resume"] if (folder / "checkpoints").exists() else []
    if code := subprocess.run([ROOT / "birkhoff", "train", *options]).returncode:
        sys.exit(f"bfloat16_loss.py: training in {dtype} ended with exit code {code}")
    return read(folder)


def smooth(losses):
    """Means over the last steps, where there are enough of them."""
    return {k: sum(losses[i] for i in range(k - WINDOW + 1, k + 1)) / WINDOW for k in losses if k >= WINDOW}


def gaps(wide, narrow):
    """Largest relative gap and its step, the median gap, and the signed gap at the end."""
    signed = {k: narrow[k] / wide[k] - 1 for k in wide}
    worst = max(signed, key=lambda k: abs(signed[k]))
    middle = sorted(abs(gap) for gap in signed.values())[len(signed) // 2]
    return f"{abs(signed[worst]):.3%} at step {worst} | {middle:.3%} | {signed[max(signed)]:+.3%}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--preset", default="char")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=Path("bfloat16_loss"))
    args = parser.parse_args()
    if args.steps < WINDOW:
        parser.error(f"--steps must be at least {WINDOW}")
    (wide, wide_val), (narrow, narrow_val) = (run(args, dtype) for dtype in DTYPES)
    print("| loss | largest gap | median gap | gap at the end |")
    print("|---|---|---|---|")
    print(f"| training, every step | {gaps(wide, narrow)} |")
    print(f"| training, means of {WINDOW} steps | {gaps(smooth(wide), smooth(narrow))} |")
    print(f"| validation, every 100 steps | {gaps(wide_val, narrow_val)} |")
    print(f"\nvalidation loss after {args.steps} steps: {wide_val[args.steps]:.4f} float32, {narrow_val[args.steps]:.4f} bfloat16")


if __name__ == "__main__":
    main()
