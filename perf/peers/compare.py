"""Runs birkhoff's bench and the same model in PyTorch alternately, and writes one table.

usage: python perf/peers/compare.py [--presets baby,char] [--residual none|go_mhc] [--dtype float32|bfloat16]
                                    [--modes eager,compile] [--rounds 5]

A round is one process of each; ratios are taken within a round, so that a machine that is slow for a minute is slow for
both. Run it with the Python that has PyTorch, on a machine that does nothing else. With --dtype bfloat16 PyTorch runs
under autocast; the mode "float32" then is birkhoff itself in float32.
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Warm-up and timed steps. The JIT compiler works through the first seconds, PyTorch's first steps build its caches.
STEPS = {"baby": ((150, 200), (20, 200)), "char": ((20, 8), (3, 8)), "gpt30m": ((12, 6), (3, 6)), "gpt2-124m": ((12, 10), (3, 10))}


# OPENBLAS_CORETYPE would choose OpenBLAS's kernels for another processor; PyTorch does not read it.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=ENVIRONMENT)
    if done.returncode:
        sys.exit(f"compare.py: {' '.join(map(str, command))} failed ({done.returncode})\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def birkhoff(launcher, preset, residual, dtype):
    warmup, steps = STEPS[preset][0]
    options = [f"--preset={preset}", f"--hyper_conn_type={residual}", f"--dtype={dtype}", "--gelu=tanh"]
    return run([*launcher, "bench", *options, f"--warmup={warmup}", f"--steps={steps}", "--json"])


def pytorch(preset, residual, dtype, mode):
    warmup, steps = STEPS[preset][1]
    options = ["--preset", preset, "--hyper_conn_type", residual, "--mode", mode, "--warmup", str(warmup), "--steps", str(steps)]
    options += ["--bf16"] if dtype == "bfloat16" else []
    return run([sys.executable, HERE / "torch_gpt.py", *options])


def row(preset, name, ours, theirs):
    """Milliseconds over all rounds, and the ratio of their milliseconds to ours: above 1, birkhoff is faster."""
    low = lambda runs: min(r["ms_min"] for r in runs)
    mid = lambda runs: statistics.median(r["ms_median"] for r in runs)
    rss = lambda runs: statistics.median(r["peak_rss_mb"] for r in runs)
    medians = [t["ms_median"] / o["ms_median"] for o, t in zip(ours, theirs)]
    minima = low(theirs) / low(ours)
    return (
        f"| {preset} | {name} | {low(ours):.1f} / {mid(ours):.1f} | {low(theirs):.1f} / {mid(theirs):.1f} "
        f"| {statistics.median(medians):.2f} ({min(medians):.2f} to {max(medians):.2f}) | {minima:.2f} | {rss(ours):.0f} / {rss(theirs):.0f} |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", default=",".join(STEPS))
    parser.add_argument("--residual", choices=("none", "go_mhc"), default="none")
    parser.add_argument("--modes", default="eager,compile", help="of PyTorch; compile needs a C++ compiler; float32: ours")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jar", help="instead of ./birkhoff")
    parser.add_argument("--json", type=Path, help="also write every run's result to this file")
    args = parser.parse_args()
    presets, modes = args.presets.split(","), args.modes.split(",")
    if unknown := set(presets) - set(STEPS):
        parser.error(f"unknown preset {', '.join(sorted(unknown))}; known are {', '.join(STEPS)}")
    if unknown := set(modes) - {"eager", "compile", "float32"}:
        parser.error(f"unknown mode {', '.join(sorted(unknown))}; known are eager, compile, float32")
    if args.rounds < 1:
        parser.error("--rounds must be at least 1")
    if args.dtype == "float32" and "float32" in modes:
        parser.error("mode float32 is for --dtype bfloat16: it would compare birkhoff with itself")
    if modes != ["float32"] and importlib.util.find_spec("torch") is None:
        sys.exit("compare.py: this Python has no PyTorch; install its CPU build (perf/peers/README.md) or name the Python that has it")
    launcher = ["java", "-jar", args.jar] if args.jar else [ROOT / "birkhoff"]
    print("| preset | beside | ours ms, min / median | theirs ms, min / median | theirs over ours, medians (range) | minima | peak MB, ours / theirs |")
    print("|---|---|---|---|---|---|---|", flush=True)
    record = []
    for preset in presets:
        ours, theirs = [], {mode: [] for mode in modes}
        for _ in range(args.rounds):
            ours.append(birkhoff(launcher, preset, args.residual, args.dtype))
            for mode in modes:
                if mode == "float32":
                    theirs[mode].append(birkhoff(launcher, preset, args.residual, "float32"))
                else:
                    theirs[mode].append(pytorch(preset, args.residual, args.dtype, mode))
        record.append(dict(preset=preset, residual=args.residual, dtype=args.dtype, ours=ours, theirs=theirs))
        for mode in modes:
            name = "birkhoff float32" if mode == "float32" else f"PyTorch {mode}"
            print(row(preset, name, ours, theirs[mode]), flush=True)
    if args.json:
        args.json.write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
