#!/usr/bin/python3
"""Measures training steps of the zoo's newer cells against PyTorch, step by step and in chunks of time.

    ninja -C build bench/peer_gradtape
    /usr/bin/python3 bench/compare_zoo.py

n features in 4 heads, m examples, T steps, f32, one thread each; by turns in one run, as compare.py does: a
figure is the median over the rounds of the ratio within a round, to gradtape's step. The aim: at least 3 times
as fast as the step-by-step form, and level with the chunked one.
"""
import argparse
import json
import os
import sys

from compare import some_of
from compare_peers import Peer, compare
from peer_zoo import IN_CHUNKS

HERE = os.path.dirname(os.path.abspath(__file__))
CELLS = ["mlstm", "gla", "mamba", "gated_deltanet", "rwkv7", "retnet", "linear_attention", "rwkv4", "qrnn", "exprnn"]


def dims(cell, n):
    sizes = {"n_x": n, "n_a": n, "n_h": 4, "n_k": n // 4, "n_v": n // 4, "n_r": 16, "n_s": 16}
    with open(os.path.join(HERE, "..", "cells", cell + ".cell")) as file:
        text = file.read()
    return ",".join(f"{name}={size}" for name, size in sizes.items() if name in text)


def measure(cell, options):
    sizes = [options.features, options.examples, options.steps]
    own = [os.path.join(options.build, "bench", "peer_gradtape"), cell, dims(cell, options.features), *sizes[1:], "f32", 1, "planned"]
    peers = [Peer.start("gradtape", own, 1), Peer.start("steps", ["peer_zoo.py", cell, "steps", *sizes], 1)]
    if cell in IN_CHUNKS:
        peers.append(Peer.start("chunks", ["peer_zoo.py", cell, "chunks", *sizes], 1))
    return compare(peers, options.seconds, "gradtape")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=some_of(CELLS), default=CELLS, metavar="A,B", help=", ".join(CELLS))
    parser.add_argument("--features", type=int, default=256, metavar="N", help="a multiple of 4 (default 256)")
    parser.add_argument("--examples", type=int, default=8, metavar="M")
    parser.add_argument("--steps", type=int, default=256, metavar="T", help="a multiple of the chunk, 32 (default 256)")
    parser.add_argument("--seconds", type=float, default=5, help="of rounds for each cell; at least 3 rounds (default 5)")
    parser.add_argument("--build", default=os.path.join(HERE, "..", "build"))
    parser.add_argument("--json", action="store_true", help="one line of JSON for each cell")
    options = parser.parse_args()
    if not os.path.exists(os.path.join(options.build, "bench", "peer_gradtape")):
        sys.exit(f"build it first: ninja -C {os.path.relpath(options.build)} bench/peer_gradtape")
    for cell in options.cells:
        found = measure(cell, options)
        if options.json:
            print(json.dumps({"cell": cell, **found}), flush=True)
        else:
            print(f"{cell:17} {found['us']:10.0f} us  " +
                  "  ".join(f"{k} {v:.2f}" for k, v in found.items() if k not in ("us", "rounds")), flush=True)


if __name__ == "__main__":
    main()
