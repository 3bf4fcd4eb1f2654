"""One training step of PyTorch's nn.LSTM, on request.

Usage: peer_torch.py n_x n_a m T f32|f64. Prints microseconds for each line read.
"""
import os
import sys
import time

import torch

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
n_x, n_a, m, T = (int(s) for s in sys.argv[1:5])
dtype = torch.float64 if sys.argv[5] == "f64" else torch.float32
torch.manual_seed(1)
lstm = torch.nn.LSTM(n_x, n_a).to(dtype)
x = torch.randn(T, m, n_x, dtype=dtype, requires_grad=True)
h0 = torch.randn(1, m, n_a, dtype=dtype, requires_grad=True)
c0 = torch.randn(1, m, n_a, dtype=dtype, requires_grad=True)
upstream = torch.randn(T, m, n_a, dtype=dtype)

for _ in sys.stdin:
    begin = time.perf_counter()
    for v in (x, h0, c0, *lstm.parameters()):
        v.grad = None
    y, _state = lstm(x, (h0, c0))
    y.backward(upstream)
    print((time.perf_counter() - begin) * 1e6, flush=True)
