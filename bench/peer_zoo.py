"""One training step of a cell of the zoo in PyTorch, step by step or in chunks of time, on request.

Usage: peer_zoo.py CELL steps|chunks n m T, then requests as in peer.py. Features, heads and values: n of them
in 4 heads of n / 4. The steps are those of tests/fixtures/make_zoo.py, with the matrix memories updated by
outer products instead of products with whole transition matrices, as one would write them to be fast.
"""
import math
import os
import sys

import torch
from torch import einsum
from torch.nn import functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "fixtures"))
import make_zoo
import peer

CHUNK = 32
HEADS = 4


def unit(u):
    return u * torch.rsqrt((u * u).sum(-1, keepdim=True) + 1e-6)


def gated_deltanet(p, s, x, t):
    heads = make_zoo.heads
    q, k, v = unit(F.silu(heads(p["Wq"], x))), unit(F.silu(heads(p["Wk"], x))), F.silu(heads(p["Wv"], x))
    alpha = torch.exp(-torch.exp(p["A"]) * F.softplus(x @ p["Wa"].T + p["ba"]))[..., None, None]
    D = alpha * s["S"]
    change = torch.sigmoid(x @ p["Wb"].T)[..., None] * (v - einsum("bhvk,bhk->bhv", D, k))
    S = D + einsum("bhv,bhk->bhvk", change, k)
    o = einsum("bhvk,bhk->bhv", S, q)
    o = o * torch.rsqrt((o * o).mean(-1, keepdim=True) + 1e-5) * p["gain"]
    return {"S": S}, make_zoo.project(o * F.silu(heads(p["Wg"], x)), p["Wo"])


def rwkv7(p, s, x, t):
    heads = make_zoo.heads

    def mixed(name):
        return torch.lerp(x, s["x_prev"], p["m" + name].expand_as(x))
    r, k, v = heads(p["Wr"], mixed("r")), heads(p["Wk"], mixed("k")), heads(p["Wv"], mixed("v"))
    w = torch.exp(-math.exp(-0.5) * torch.sigmoid(heads(p["w2"], torch.tanh(mixed("w") @ p["w1"].T)) + p["w0"]))
    a = torch.sigmoid(heads(p["a2"], mixed("a") @ p["a1"].T) + p["a0"])
    g = heads(p["g2"], torch.sigmoid(mixed("g") @ p["g1"].T))
    kappa = F.normalize(k * p["xi"], dim=-1)
    k = k * torch.lerp(torch.ones_like(a), a, p["alpha"].expand_as(a))
    S = s["S"] * w[:, :, None, :] - einsum("bhv,bhk->bhvk", einsum("bhvk,bhk->bhv", s["S"], kappa), a * kappa)
    S = S + einsum("bhv,bhk->bhvk", v, k)
    o = make_zoo.norm(einsum("bhvk,bhk->bhv", S, r)) * p["gain"] + p["shift"]
    o = o + (r * k * p["rho"]).sum(-1, keepdim=True) * v
    return {"S": S, "x_prev": x}, make_zoo.project(g * o, p["Wo"])


def of_heads(p, x):
    """p (heads, n, in), x (steps, examples, in): (examples, heads, steps, n)"""
    return einsum("hni,tbi->bhtn", p, x)


def gla_in_chunks(p, start, x):
    """The chunkwise form of Yang et al. 2023, section 4.2."""
    q, k, v = of_heads(p["Wq"], x), of_heads(p["Wk"], x), of_heads(p["Wv"], x)
    decay = F.logsigmoid(of_heads(p["Wa2"], x @ p["Wa1"].T) + p["ba"][:, None]) / 16
    S, outputs, lower = start["S"], [], torch.ones(CHUNK, CHUNK).tril()
    for i in range(0, x.shape[0], CHUNK):
        part = slice(i, i + CHUNK)
        sums = decay[:, :, part].cumsum(2)
        queries, keys = q[:, :, part] * sums.exp(), k[:, :, part] * (-sums).exp()
        values, last = v[:, :, part], sums[:, :, -1:]
        outputs.append(queries @ S + (queries @ keys.transpose(2, 3) * lower) @ values)
        S = last.exp().transpose(2, 3) * S + (k[:, :, part] * (last - sums).exp()).transpose(2, 3) @ values
    o = make_zoo.norm(torch.cat(outputs, 2))
    o = F.silu(of_heads(p["Wr"], x) + p["br"][:, None]) * o
    return {"S": S}, o.permute(2, 0, 1, 3).flatten(2) @ p["Wo"].T


def mlstm_in_chunks(p, start, x):
    """The chunkwise form of Beck et al. 2025 (arXiv:2503.14376, section 2), with the stabiliser of each step."""
    n_k = p["Wk"].shape[1]
    q, k = of_heads(p["Wq"], x) + p["bq"][:, None], of_heads(p["Wk"], x) / n_k ** 0.5 + p["bk"][:, None]
    v = of_heads(p["Wv"], x) + p["bv"][:, None]
    log_i = (x @ p["Wi"].T + p["bi"]).permute(1, 2, 0)
    log_f = F.logsigmoid(x @ p["Wf"].T + p["bf"]).permute(1, 2, 0)
    C, n, m, outputs = start["C"].transpose(2, 3), start["n"], start["s"], []
    lower = torch.full((CHUNK, CHUNK), -math.inf).triu(1)
    for i in range(0, x.shape[0], CHUNK):
        part = slice(i, i + CHUNK)
        sums, queries, keys, values = log_f[:, :, part].cumsum(2), q[:, :, part], k[:, :, part], v[:, :, part]
        within = sums[..., None] - sums[:, :, None] + log_i[:, :, None, part] + lower
        from_before = sums + m[..., None]
        most = torch.maximum(within.amax(3), from_before)
        weights = (within - most[..., None]).exp() * (queries @ keys.transpose(2, 3))
        before = (from_before - most).exp()
        above = weights @ values + before[..., None] * (queries @ C)
        below = weights.sum(3) + before * (queries @ n[..., None])[..., 0]
        outputs.append(above / torch.maximum(below.abs(), (-most).exp())[..., None])
        m = most[:, :, -1]
        kept = (sums[:, :, -1:] - sums + log_i[:, :, part] - m[..., None]).exp()[..., None] * keys
        C = before[:, :, -1, None, None] * C + kept.transpose(2, 3) @ values
        n = before[:, :, -1, None] * n + kept.sum(2)
    h = torch.sigmoid(of_heads(p["Wo"], x) + p["bo"][:, None]) * torch.cat(outputs, 2)
    return {"C": C.transpose(2, 3), "n": n, "s": m}, h.permute(2, 0, 1, 3).flatten(2) @ p["Wp"].T


def gated_deltanet_in_chunks(p, start, x):
    """The chunkwise form of Yang, Kautz and Hatamizadeh 2024 (section 3.3): what is written, for all steps of a
    chunk, by solving a triangular system."""
    q, k = unit(F.silu(of_heads(p["Wq"], x))), unit(F.silu(of_heads(p["Wk"], x)))
    v = F.silu(of_heads(p["Wv"], x))
    decay = (-torch.exp(p["A"]) * F.softplus(x @ p["Wa"].T + p["ba"])).permute(1, 2, 0)
    part_of = torch.sigmoid(x @ p["Wb"].T).permute(1, 2, 0)[..., None]
    S, outputs, eye = start["S"], [], torch.eye(CHUNK)
    up_to, before = torch.ones(CHUNK, CHUNK).tril(), torch.ones(CHUNK, CHUNK).tril(-1)
    for i in range(0, x.shape[0], CHUNK):
        part = slice(i, i + CHUNK)
        queries, keys, values, beta = q[:, :, part], k[:, :, part], v[:, :, part], part_of[:, :, part]
        sums = decay[:, :, part].cumsum(2)
        between = (sums[..., None] - sums[:, :, None]).masked_fill(up_to == 0, 0).exp()
        alone = beta * (values - sums.exp()[..., None] * (keys @ S.transpose(2, 3)))
        written = torch.linalg.solve_triangular(eye + beta * (keys @ keys.transpose(2, 3)) * between * before, alone, upper=False)
        outputs.append(sums.exp()[..., None] * (queries @ S.transpose(2, 3)) +
                       (queries @ keys.transpose(2, 3) * between * up_to) @ written)
        kept = (sums[:, :, -1:] - sums).exp()[..., None] * written
        S = sums[:, :, -1, None, None].exp() * S + kept.transpose(2, 3) @ keys
    o = torch.cat(outputs, 2)
    o = o * torch.rsqrt((o * o).mean(-1, keepdim=True) + 1e-5) * p["gain"] * F.silu(of_heads(p["Wg"], x))
    return {"S": S}, o.permute(2, 0, 1, 3).flatten(2) @ p["Wo"].T


def exprnn(p, start, x):
    """The exponential is taken once for all steps."""
    rotation, inputs, h, outputs = torch.matrix_exp(p["A"] - p["A"].T).T, x @ p["T"].T, start["h"], []
    for t in range(x.shape[0]):
        z = torch.addmm(inputs[t], h, rotation)
        h = torch.sign(z) * F.relu(z.abs() + p["b"])
        outputs.append(h)
    return {"h": h}, torch.stack(outputs)


IN_CHUNKS = {"gla": gla_in_chunks, "mlstm": mlstm_in_chunks, "gated_deltanet": gated_deltanet_in_chunks}
OF_ALL_STEPS = {"exprnn": exprnn}
OWN_STEPS = {"gated_deltanet": gated_deltanet, "rwkv7": rwkv7}


def step_by_step(cell):
    if cell in OF_ALL_STEPS:
        return OF_ALL_STEPS[cell]
    one = OWN_STEPS.get(cell, make_zoo.CELLS[cell][0])

    def run(p, start, x):
        now, outputs = start, []
        for t in range(x.shape[0]):
            now, y = one(p, now, x[t], t)
            outputs.append(y)
        return now, torch.stack(outputs)
    return run


def prepare(cell, form, n, m, T):
    """What runs the cell over all steps, its parameters, initial states and input."""
    make_zoo.SIZES.update(n_x=n, n_a=n, n_h=HEADS, n_k=n // HEADS, n_v=n // HEADS, n_r=16, n_s=16)
    _, _, states, parameters = make_zoo.CELLS[cell]
    run = IN_CHUNKS[cell] if form == "chunks" else step_by_step(cell)

    def draw(*shape):
        return (torch.randn(*shape) * 0.1).requires_grad_()
    p = {name: draw(*map(make_zoo.worth, sizes)) for name, sizes in parameters.items()}
    start = {name: draw(m, *map(make_zoo.worth, sizes)) for name, sizes in states.items()}
    start = {name: (v.detach().abs() + 0.5).requires_grad_() if make_zoo.positive(name, cell) else v
             for name, v in start.items()}
    return run, p, start, draw(T, m, n)


def main():
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    begin = peer.status_bytes("VmRSS:")
    torch.manual_seed(1)
    cell, form = sys.argv[1:3]
    run, p, start, x = prepare(cell, form, *map(int, sys.argv[3:6]))
    with torch.no_grad():
        upstream = torch.randn_like(run(p, start, x)[1])
    leaves = [x, *p.values(), *start.values()]

    def step():
        for leaf in leaves:
            leaf.grad = None
        _, y = run(p, start, x)
        y.backward(upstream)
    peer.answer(step, begin)


if __name__ == "__main__":
    main()
