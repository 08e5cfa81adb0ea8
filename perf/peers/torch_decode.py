"""Times decoding at batch 1 with a key-value cache in plain PyTorch: the model of `birkhoff bench --decode`.

Prints one JSON object. Only for speed: weights start at random, the likeliest token is taken, and a full cache is
emptied.
"""

import argparse
import json
import sys
import time

try:
    import torch
except ImportError:
    sys.exit("torch_decode.py: PyTorch is missing; install its CPU build (pip install torch)")
from torch.nn import functional as F

from torch_gpt import PRESETS, Gpt, PlainResidual


class Decoder:
    def __init__(self, model, heads, block, width, dtype):
        self.model, self.heads, self.block = model, heads, block
        layers = len(model.sublayers) // 2
        self.keys = torch.zeros(layers, 1, heads, block, width // heads, dtype=dtype)
        self.values = torch.zeros_like(self.keys)
        self.at = 0

    def attend(self, sublayer, x, layer):
        q, k, v = (t.view(1, 1, self.heads, -1).transpose(1, 2) for t in sublayer.qkv(x).split(x.shape[-1], dim=2))
        self.keys[layer, :, :, self.at] = k[:, :, 0]
        self.values[layer, :, :, self.at] = v[:, :, 0]
        seen = slice(0, self.at + 1)
        y = F.scaled_dot_product_attention(q, self.keys[layer, :, :, seen], self.values[layer, :, :, seen])
        return sublayer.proj(y.transpose(1, 2).reshape(1, 1, -1))

    def next(self, token):
        if self.at == self.block:
            self.at = 0
        m = self.model
        x = m.tokens(token).view(1, 1, -1) + m.positions.weight[self.at]
        for i, (norm, sublayer) in enumerate(zip(m.norms, m.sublayers)):
            x = x + (self.attend(sublayer, norm(x), i // 2) if i % 2 == 0 else sublayer(norm(x)))
        logits = m.head(m.norms[-1](x))
        self.at += 1
        return logits.view(-1).argmax()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", choices=PRESETS, default="baby")
    parser.add_argument("--bf16", action="store_true", help="weights, activations and cache in bfloat16")
    parser.add_argument("--threads", type=int, default=0, help="0: as many as PyTorch takes by itself")
    parser.add_argument("--warmup", type=int, default=20)
    parser.add_argument("--tokens", type=int, default=100)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    shape = dict(bias=False) | PRESETS[args.preset]
    shape.pop("batch_size")
    dtype = torch.bfloat16 if args.bf16 else torch.float32
    model = Gpt(residual=lambda width: PlainResidual(), **shape).to(dtype).eval()
    decoder = Decoder(model, shape["n_head"], shape["block_size"], shape["n_embd"], dtype)
    token = torch.tensor(0)
    ms = []
    with torch.inference_mode():
        for _ in range(args.warmup + args.tokens):
            start = time.perf_counter()
            token = decoder.next(token)
            token.item()
            ms.append((time.perf_counter() - start) * 1e3)
    timed = sorted(ms[args.warmup :])
    median = (timed[(len(timed) - 1) // 2] + timed[len(timed) // 2]) / 2
    weights = sum(p.numel() * p.element_size() for p in model.parameters())
    print(
        json.dumps(
            dict(
                torch=torch.__version__,
                threads=torch.get_num_threads(),
                ms_min=timed[0],
                ms_median=median,
                tokens_per_second=1e3 / median,
                weight_bytes=weights,
                weights_gb_per_second=weights / median / 1e6,
            )
        )
    )


if __name__ == "__main__":
    main()
