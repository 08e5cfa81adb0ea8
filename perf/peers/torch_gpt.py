"""Times the training step of birkhoff's GPT written in PyTorch: forward, backward, clipping, AdamW.

Prints one JSON object. Only for speed: weights start at random and tokens are random. The residual kinds do the same
work as birkhoff's, in the plain PyTorch that their papers' readers would write.
"""

import argparse
import json
import math
import resource
import sys
import time

try:
    import torch
except ImportError:
    sys.exit("torch_gpt.py: PyTorch is missing; install its CPU build (pip install torch)")
from torch import nn
from torch.nn import functional as F

PRESETS = {
    "baby": dict(n_layer=4, n_head=4, n_embd=128, block_size=64, batch_size=12, vocab_size=65),
    "char": dict(n_layer=6, n_head=6, n_embd=384, block_size=256, batch_size=16, vocab_size=65),
    "gpt30m": dict(n_layer=6, n_head=6, n_embd=384, block_size=256, batch_size=8, vocab_size=50304),
    "gpt2-124m": dict(n_layer=12, n_head=12, n_embd=768, block_size=64, batch_size=4, vocab_size=50304, bias=True),
}


class Attention(nn.Module):
    def __init__(self, width, heads, bias):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=bias)
        self.proj = nn.Linear(width, width, bias=bias)

    def forward(self, x):
        batch, time_, width = x.shape
        split = lambda t: t.view(batch, time_, self.heads, width // self.heads).transpose(1, 2)
        q, k, v = map(split, self.qkv(x).split(width, dim=2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.proj(y.transpose(1, 2).reshape(batch, time_, width))


class Mlp(nn.Module):
    def __init__(self, width, bias):
        super().__init__()
        self.fc = nn.Linear(width, 4 * width, bias=bias)
        self.proj = nn.Linear(4 * width, width, bias=bias)

    def forward(self, x):
        return self.proj(F.gelu(self.fc(x), approximate="tanh"))


class PlainResidual(nn.Module):
    def open(self, x):
        return x

    def close(self, x):
        return x

    def forward(self, x, sublayer):
        return x + sublayer(x)


class GoMhcResidual(nn.Module):
    """d streams: X' = H X + post f(pre X), H generalized orthostochastic (arXiv 2604.02309, equations 1 to 10)."""

    def __init__(self, width, d, s):
        super().__init__()
        self.d, self.s = d, s
        m = d * s
        self.parts = (d, d, m * (m - 1) // 2)
        rows = sum(self.parts)
        self.generator = nn.Linear(d * width, rows)
        nn.init.normal_(self.generator.weight, std=0.02 / math.sqrt(d))
        self.gates = nn.Parameter(torch.full((3,), 0.01))
        above = torch.triu_indices(m, m, 1)
        self.register_buffer("upper", above[0] * m + above[1])
        self.register_buffer("lower", above[1] * m + above[0])
        self.register_buffer("eye", torch.eye(m))

    def open(self, x):
        return x.unsqueeze(2).expand(-1, -1, self.d, -1)

    def close(self, streams):
        return streams.sum(2)

    def mixer(self, z):
        d, s, m = self.d, self.s, self.d * self.s
        a = z.new_zeros(len(z), m * m).index_copy(1, self.upper, z).index_copy(1, self.lower, -z).view(-1, m, m)
        q = torch.linalg.solve(self.eye + a, self.eye - a)
        return q.view(-1, d, s, d, s).square().sum((2, 4)) / s

    def forward(self, streams, sublayer):
        batch, time_, d, width = streams.shape
        flat = streams.reshape(batch, time_, d * width)
        flat = flat * torch.rsqrt(flat.square().mean(-1, keepdim=True) + 1e-6)
        raw = F.linear(flat, self.generator.weight).split(self.parts, dim=-1)
        bias = self.generator.bias.split(self.parts)
        pre, post, z = (self.gates[k] * raw[k] + bias[k] for k in range(3))
        h = self.mixer(z.reshape(batch * time_, -1)).view(batch, time_, d, d)
        y = sublayer(torch.einsum("btd,btdc->btc", torch.sigmoid(pre), streams))
        return h @ streams + (2 * torch.sigmoid(post)).unsqueeze(-1) * y.unsqueeze(-2)


class Gpt(nn.Module):
    def __init__(self, n_layer, n_head, n_embd, block_size, vocab_size, bias, residual):
        super().__init__()
        self.tokens = nn.Embedding(vocab_size, n_embd)
        self.positions = nn.Embedding(block_size, n_embd)
        self.norms = nn.ModuleList(nn.LayerNorm(n_embd, bias=bias) for _ in range(2 * n_layer + 1))
        self.sublayers = nn.ModuleList()
        for _ in range(n_layer):
            self.sublayers += [Attention(n_embd, n_head, bias), Mlp(n_embd, bias)]
        self.residuals = nn.ModuleList(residual(n_embd) for _ in self.sublayers)
        self.head = nn.Linear(n_embd, vocab_size, bias=False)
        self.head.weight = self.tokens.weight
        nn.init.normal_(self.tokens.weight, std=0.02)

    def forward(self, ids, targets):
        x = self.residuals[0].open(self.tokens(ids) + self.positions.weight[: ids.shape[1]])
        for norm, sublayer, residual in zip(self.norms, self.sublayers, self.residuals):
            x = residual(x, lambda u: sublayer(norm(u)))
        logits = self.head(self.norms[-1](self.residuals[0].close(x)))
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", choices=PRESETS, default="baby")
    parser.add_argument("--mode", choices=("eager", "compile"), default="eager")
    parser.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
    parser.add_argument("--hyper_conn_type", choices=("none", "go_mhc"), default="none")
    parser.add_argument("--hyper_conn_n", type=int, default=4)
    parser.add_argument("--hyper_conn_s", type=int, default=2)
    parser.add_argument("--threads", type=int, default=0, help="0: as many as PyTorch takes by itself")
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--steps", type=int, default=8)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    shape = dict(bias=False) | PRESETS[args.preset]
    batch_size = shape.pop("batch_size")
    if args.hyper_conn_type == "none":
        residual = lambda width: PlainResidual()
    else:
        residual = lambda width: GoMhcResidual(width, args.hyper_conn_n, args.hyper_conn_s)
    model = Gpt(residual=residual, **shape)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    forward = torch.compile(model) if args.mode == "compile" else model
    ids = torch.randint(shape["vocab_size"], (batch_size, shape["block_size"] + 1))
    inputs, targets = ids[:, :-1].contiguous(), ids[:, 1:].contiguous()

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bf16):
            loss = forward(inputs, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    ms = []
    for k in range(args.warmup + args.steps):
        start = time.perf_counter()
        loss = step()
        ms.append((time.perf_counter() - start) * 1e3)
    timed = sorted(ms[args.warmup :])
    print(
        json.dumps(
            dict(
                torch=torch.__version__,
                threads=torch.get_num_threads(),
                ms_min=timed[0],
                ms_median=(timed[(len(timed) - 1) // 2] + timed[len(timed) // 2]) / 2,
                first_step_ms=ms[0],
                peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                parameters=sum(p.numel() for p in model.parameters()),
                loss=loss,
            )
        )
    )


if __name__ == "__main__":
    main()
