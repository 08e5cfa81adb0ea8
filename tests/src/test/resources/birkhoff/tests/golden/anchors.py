"""Writes anchors.txt: the oracle's models in PyTorch float64 with autograd and torch.optim.AdamW.

usage: python anchors.py > anchors.txt
Nothing in the build needs Python; this documents where the committed numbers come from.

Tensor number t, in the order of names() below, has the entries 0.4 sin(1 + 0.7 k + 1.3 t), plus 1 for the
weights of layer norms. Tokens are (5 r + 2) mod V, targets (7 r + 3) mod V for row r. Each gradient and
each trained parameter is kept as two numbers: its Euclidean norm and its product with cos(0.3 k + 0.1).
"""
import math
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
V, BLOCK, L, NH, C, B, T = 11, 7, 2, 2, 8, 2, 6
LR, BETAS, EPS, DECAY, CLIP, STEPS = 1e-2, (0.9, 0.95), 1e-8, 0.1, 1.0, 10
CASES = {  # bias, tanh, hyper, d, s
    'plain-erf-bias': (True, False, False, 1, 1),
    'plain-tanh-nobias': (False, True, False, 1, 1),
    'gomhc-d4-s2-erf-bias': (True, False, True, 4, 2),
    'gomhc-d3-s3-tanh-nobias': (False, True, True, 3, 3),
    'gomhc-d2-s1-erf-nobias': (False, False, True, 2, 1),
}


def names(bias, hyper, d, s):
    n = d * s
    rows = 2 * d + n * (n - 1) // 2

    def with_bias(name, shape):
        return [(name + '.weight', shape)] + ([(name + '.bias', shape[:1])] if bias else [])

    def connection(name):
        return [(name + '.generator.weight', (rows, d * C)), (name + '.gate', (3,)), (name + '.bias', (rows,))] if hyper else []

    out = [('transformer.wte.weight', (V, C)), ('transformer.wpe.weight', (BLOCK, C))]
    for i in range(L):
        h = f'transformer.h.{i}.'
        out += connection(h + 'hc_attn') + with_bias(h + 'ln_1', (C,))
        out += with_bias(h + 'attn.c_attn', (3 * C, C)) + with_bias(h + 'attn.c_proj', (C, C))
        out += connection(h + 'hc_mlp') + with_bias(h + 'ln_2', (C,))
        out += with_bias(h + 'mlp.c_fc', (4 * C, C)) + with_bias(h + 'mlp.c_proj', (C, 4 * C))
    return out + with_bias('transformer.ln_f', (C,))


def loss_of(p, x, y, tanh, hyper, d, s):
    def linear(v, name):
        return F.linear(v, p[name + '.weight'], p.get(name + '.bias'))

    def norm(v, name):
        return F.layer_norm(v, (C,), p[name + '.weight'], p.get(name + '.bias'), 1e-5)

    def attention(v, h):
        q, k, w = (t.view(B, T, NH, C // NH).transpose(1, 2) for t in linear(norm(v, h + 'ln_1'), h + 'attn.c_attn').split(C, 2))
        return linear(F.scaled_dot_product_attention(q, k, w, is_causal=True).transpose(1, 2).reshape(B, T, C), h + 'attn.c_proj')

    def mlp(v, h):
        return linear(F.gelu(linear(norm(v, h + 'ln_2'), h + 'mlp.c_fc'), approximate='tanh' if tanh else 'none'), h + 'mlp.c_proj')

    def connect(X, name, branch):
        n = d * s
        flat = X.reshape(B, T, d * C)
        flat = F.rms_norm(flat, (d * C,), eps=1e-6)
        raw = flat @ p[name + '.generator.weight'].T
        gate, bias = p[name + '.gate'], p[name + '.bias']
        pre = torch.sigmoid(gate[0] * raw[..., :d] + bias[:d])
        post = 2 * torch.sigmoid(gate[1] * raw[..., d:2 * d] + bias[d:2 * d])
        z = gate[2] * raw[..., 2 * d:] + bias[2 * d:]
        upper = torch.triu_indices(n, n, 1)
        scatter = torch.zeros(z.shape[-1], n, n)
        scatter[torch.arange(z.shape[-1]), upper[0], upper[1]] = 1
        theta = torch.einsum('btp,pij->btij', z, scatter)
        A = theta - theta.transpose(-1, -2)
        eye = torch.eye(n)
        Q = torch.linalg.solve(eye + A, eye - A)
        H = Q.view(B, T, d, s, d, s).pow(2).sum((3, 5)) / s
        f = branch(torch.einsum('btj,btjc->btc', pre, X))
        return torch.einsum('btij,btjc->btic', H, X) + post[..., None] * f[:, :, None, :]

    e = p['transformer.wte.weight'][x] + p['transformer.wpe.weight'][:T]
    X = e[:, :, None, :].expand(B, T, d, C)
    for i in range(L):
        h = f'transformer.h.{i}.'
        if hyper:
            X = connect(X, h + 'hc_attn', lambda u: attention(u, h))
            X = connect(X, h + 'hc_mlp', lambda u: mlp(u, h))
        else:
            X = X + attention(X[:, :, 0], h)[:, :, None]
            X = X + mlp(X[:, :, 0], h)[:, :, None]
    logits = norm(X, 'transformer.ln_f').sum(2) @ p['transformer.wte.weight'].T
    return F.cross_entropy(logits.view(-1, V), y.view(-1))


def two_numbers(t):
    flat = t.detach().reshape(-1)
    return f'{flat.norm().item():.15e} {(flat * torch.cos(0.3 * torch.arange(flat.numel()) + 0.1)).sum().item():.15e}'


print(f'# PyTorch {torch.__version__.split("+")[0]}, float64; written by anchors.py')
print(f'# case NAME bias tanh hyper d s | loss L | grad NAME norm product | step K loss norm | param NAME norm product')
r = torch.arange(B * T)
x, y = ((5 * r + 2) % V).view(B, T), ((7 * r + 3) % V).view(B, T)
for case, (bias, tanh, hyper, d, s) in CASES.items():
    p = {}
    for t, (name, shape) in enumerate(names(bias, hyper, d, s)):
        v = 0.4 * torch.sin(1 + 0.7 * torch.arange(math.prod(shape)) + 1.3 * t)
        p[name] = (v + (1 if '.ln_' in name and name.endswith('.weight') else 0)).view(shape).requires_grad_()
    print(f'case {case} {bias} {tanh} {hyper} {d} {s}'.lower())
    decayed = [v for v in p.values() if v.dim() >= 2]
    others = [v for v in p.values() if v.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{'params': decayed, 'weight_decay': DECAY}, {'params': others, 'weight_decay': 0.0}], lr=LR, betas=BETAS, eps=EPS)
    for k in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(p, x, y, tanh, hyper, d, s)
        loss.backward()
        if k == 0:
            print(f'loss {loss.item():.15e}')
            for name, v in p.items():
                print(f'grad {name} {two_numbers(v.grad)}')
        norm = torch.nn.utils.clip_grad_norm_(list(p.values()), CLIP)
        optimizer.step()
        print(f'step {k} {loss.item():.15e} {norm.item():.15e}')
    for name, v in p.items():
        print(f'param {name} {two_numbers(v)}')
