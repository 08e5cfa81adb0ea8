"""Proves import and export of GPT-2 models with Hugging Face's libraries.

Random GPT-2s are saved by transformers (whole and in shards, tied and untied, float32 and
bfloat16, with rows beyond the tokenizer), imported, exported again and compared: every tensor bit
for bit by the safetensors library, and greedy tokens and losses by transformers.

pip install torch transformers safetensors tokenizers
python perf/peers/exchange_check.py --work=NEW_FOLDER
"""

import argparse
import json
import pathlib
import subprocess
import sys

import torch
from safetensors import safe_open
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMPT = "The quick brown fox"
NEW_TOKENS = 40

arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
arguments.add_argument("--work", required=True, type=pathlib.Path, help="folder to create")
work = arguments.parse_args().work
work.mkdir(parents=True)


def birkhoff(*options):
    done = subprocess.run([ROOT / "birkhoff", *options], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"birkhoff {' '.join(options)}\n{done.stderr}")
    return done.stdout


def byte_pair_tokenizer(size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    text = (ROOT / "README.md").read_text()
    tokenizer.train_from_iterator([text], trainer)
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


def tensors(folder):
    found = {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "pt") as opened:
            for name in opened.keys():
                found[name.removeprefix("transformer.")] = opened.get_tensor(name)
    return found


def greedy(model, ids):
    """Without transformers' cache: the plain definition."""
    ids = list(ids)
    with torch.no_grad():
        for _ in range(NEW_TOKENS):
            logits = model(torch.tensor([ids])).logits[0, -1]
            ids.append(int(logits.argmax()))
    return ids[-NEW_TOKENS:]


def random_model(rows, **changes):
    torch.manual_seed(1337)
    config = GPT2Config(
        vocab_size=rows, n_positions=64, n_embd=64, n_layer=3, n_head=4, bos_token_id=None,
        eos_token_id=None, **changes
    )
    model = GPT2LMHeadModel(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.15 * torch.randn_like(parameter))
    return model


tokenizer = byte_pair_tokenizer(600)
size = tokenizer.get_vocab_size()
cases = {
    "whole": dict(model=random_model(size)),
    "sharded": dict(model=random_model(size), shard="100KB"),
    "untied": dict(model=random_model(size, tie_word_embeddings=False)),
    "padded": dict(model=random_model(size + 39)),
    "erf": dict(model=random_model(size, activation_function="gelu")),
    "bfloat16": dict(model=random_model(size).to(torch.bfloat16)),
}
good = True
for name, case in cases.items():
    model, theirs = case["model"], work / name / "theirs"
    model.save_pretrained(theirs, max_shard_size=case.get("shard", "5GB"))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(theirs)
    checkpoint, ours = work / name / "checkpoint", work / name / "ours"
    birkhoff("import", f"--input={theirs}", f"--out={checkpoint}")
    birkhoff("export", f"--checkpoint={checkpoint}", "--format=hf-gpt2", f"--out={ours}")
    before, after = tensors(theirs), tensors(ours)
    same = before.keys() == after.keys() and all(
        torch.equal(before[k].float().view(torch.int32), after[k].view(torch.int32))
        for k in before
    )
    model = model.float()
    loaded = GPT2LMHeadModel.from_pretrained(ours).eval()
    again = AutoTokenizer.from_pretrained(ours)
    ids = tokenizer.encode(PROMPT).ids
    expected = greedy(model, ids)
    reloaded = greedy(loaded, ids)
    sampled = json.loads(
        birkhoff(
            "sample", f"--checkpoint={checkpoint}", f"--prompt={PROMPT}", "--temperature=0",
            f"--max_new_tokens={NEW_TOKENS}", "--json"
        )
    )["tokens"]
    shards = len(list(theirs.glob("*.safetensors")))
    results = {
        "bits": same,
        "ids": again.encode(PROMPT) == ids,
        "their greedy tokens of our folder": expected == reloaded,
        "our greedy tokens": expected == sampled,
    }
    print(f"{name}: {len(before)} tensors in {shards} files, {results}")
    good &= all(results.values())
sys.exit(0 if good else 1)
