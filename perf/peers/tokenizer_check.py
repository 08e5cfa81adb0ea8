"""Compares a folder made by `birkhoff prepare --tokenizer=bpe:N` with Hugging Face's tokenizers.

pip install tokenizers numpy
python perf/peers/tokenizer_check.py --text=input.txt --prepared=DIR [--train]
"""

import argparse
import json
import pathlib
import sys

import numpy
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
arguments.add_argument("--text", required=True, help="the text that was prepared")
arguments.add_argument("--prepared", required=True, type=pathlib.Path, help="the prepared folder")
arguments.add_argument("--train", action="store_true", help="also learn the tokens again")
given = arguments.parse_args()

meta = json.loads((given.prepared / "meta.json").read_text())
definition = given.prepared / "tokenizer.json"
tokenizer = Tokenizer.from_file(str(definition))
with open(given.text, newline="", encoding="utf-8") as file:
    text = file.read()
cut = meta["split"]["train_characters"]
good = True
for name, part in ("train", text[:cut]), ("val", text[cut:]):
    ours = numpy.fromfile(given.prepared / f"{name}.bin", dtype=meta["dtype"])
    theirs = numpy.array(tokenizer.encode(part).ids)
    same = numpy.array_equal(ours, theirs)
    back = tokenizer.decode(theirs.tolist()) == part
    print(f"{name}: {len(ours)} tokens, theirs {len(theirs)}, equal: {same}, decoded again: {back}")
    good &= same and back
if given.train:
    learnt = Tokenizer(models.BPE())
    learnt.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=meta["vocab_size"], initial_alphabet=alphabet, show_progress=False
    )
    learnt.train_from_iterator([text], trainer)
    ours = json.loads(definition.read_text())["model"]["vocab"]
    same = ours == learnt.get_vocab()
    print(f"learnt again: {len(ours)} tokens, equal: {same}")
    good &= same
sys.exit(0 if good else 1)
