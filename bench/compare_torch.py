#!/usr/bin/python3
"""Measures gradtape.torch.Recurrent, a training step through torch's autograd, against its peers.

    ninja -C build bench/peer_gradtape
    /usr/bin/python3 bench/compare_torch.py

Peers: the same step as `gradtape bench` runs it, without Python and torch; nn.LSTM; and, for cells that
torch.nn does not have, the cell written step by step with torch's ops. By turns in one run, as
compare.py does; a figure is the median over the rounds of the ratio within a round, to Recurrent.

The aims: at most 1.05 times gradtape's own step, so that its ratio is 0.95 at least; nn.LSTM 2.3 and 1.3
at small and medium (1.2 on AVX2); composed cells at least 5.

Debian's python3-torch multiplies by whatever BLAS is installed. Without libopenblas0 it is some 30 times
slower, and the comparison is worthless: then nothing is measured.
"""
import argparse
import json
import os
import subprocess
import sys

from compare import SIZES, some_of
from compare_peers import Peer, compare

HERE = os.path.dirname(os.path.abspath(__file__))
CELLS = {"lstm": "lstm", "mgu": "mgu", "layernorm_lstm": "layernorm_lstm"}  # and torch's counterpart
FAST_LIBRARIES = ("openblas", "mkl", "blis")


def blas_of_torch():
    """The library that torch multiplies with, of those that are fast; None if it is another."""
    code = "import torch; torch.ones(99, 99) @ torch.ones(99, 99); print(open('/proc/self/maps').read())"
    maps = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    return next((name for name in FAST_LIBRARIES if "lib" + name in maps), None)


def measure(cell, size, options):
    n_x, n_a, m, T = size
    own = [os.path.join(options.build, "bench", "peer_gradtape"), cell, f"n_x={n_x},n_a={n_a}", m, T, "f32", options.threads, "planned"]
    peers = [Peer.start("Recurrent", ["peer_recurrent.py", cell, *size, "f32"], options.threads),
             Peer.start("gradtape", own, options.threads),
             Peer.start("torch", ["peer_torch.py", CELLS[cell], *size, "f32"], options.threads)]
    return compare(peers, options.seconds, "Recurrent")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=some_of(CELLS), default=list(CELLS), metavar="A,B", help=", ".join(CELLS))
    parser.add_argument("--sizes", type=some_of(SIZES), default=["small", "medium"], metavar="A,B", help=", ".join(SIZES))
    parser.add_argument("--seconds", type=float, default=5, help="of rounds for each comparison; at least 3 rounds (default 5)")
    parser.add_argument("--threads", type=int, default=1, help="of every competitor (default 1)")
    parser.add_argument("--build", default=os.path.join(HERE, "..", "build"))
    parser.add_argument("--json", action="store_true", help="one line of JSON for each comparison")
    parser.add_argument("--any-blas", action="store_true", help="measure also where torch's products are slow")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = os.path.abspath(os.path.join(options.build, "python"))
    if not os.path.exists(os.path.join(options.build, "bench", "peer_gradtape")):
        sys.exit(f"build it first: ninja -C {os.path.relpath(options.build)} bench/peer_gradtape")
    blas = blas_of_torch()
    if blas is None and not options.any_blas:
        sys.exit("torch's products are slow here, so that a comparison with it is worth nothing: install libopenblas0")
    print(f"torch multiplies with {blas or 'a slow library'}; ratios to the step of Recurrent, more is slower", file=sys.stderr)
    for cell in options.cells:
        for name in options.sizes:
            found = measure(cell, SIZES[name], options)
            if options.json:
                print(json.dumps({"cell": cell, "size": name, **found}), flush=True)
            else:
                print(f"{cell:15} {name:7} {found['us']:10.0f} us  " +
                      "  ".join(f"{k} {v:.3f}" for k, v in found.items() if k not in ("us", "rounds")), flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted")
