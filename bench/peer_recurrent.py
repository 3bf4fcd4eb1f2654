"""One training step of gradtape.torch.Recurrent through torch's autograd, on request.

Usage: peer_recurrent.py CELL n_x n_a m T f32|f64, then requests as in peer.py. PYTHONPATH finds gradtape.
"""
import os
import sys

import torch

import gradtape as gt
import peer

threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
torch.set_num_threads(threads)
begin = peer.status_bytes("VmRSS:")
n_x, n_a, m, T = (int(s) for s in sys.argv[2:6])
dtype = torch.float64 if sys.argv[6] == "f64" else torch.float32
torch.manual_seed(1)
layer = gt.torch.Recurrent(sys.argv[1], n_x, n_a, dtype=dtype, threads=threads)
x = torch.randn(T, m, n_x, dtype=dtype, requires_grad=True)
upstream = torch.randn(T, m, n_a, dtype=dtype)
initial = tuple((0.1 * torch.randn(1, m, n_a, dtype=dtype)).requires_grad_() for _ in layer.cell.states)
leaves = [x, *layer.parameters(), *initial]


def step():
    for leaf in leaves:
        leaf.grad = None
    y, _ = layer(x, initial if len(initial) > 1 else initial[0])
    y.backward(upstream)


peer.answer(step, begin)
