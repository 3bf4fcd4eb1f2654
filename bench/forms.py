#!/usr/bin/python3
"""What each way of running element-by-element groups is worth, where loops are not compiled.

    ninja -C build bench/peer_gradtape
    /usr/bin/python3 bench/forms.py

docs/planner.md says what each form is for. "tiles and strips" is what a processor without
AVX2 runs; "tiles alone" leaves out the pass fuse-columns as well; the last column has
compiled loops. The figures are the medians over the rounds of the time relative to "tiles
and strips", asked by turns: above 1, strips pay. To be run with nothing else running.
"""
import argparse
import os

from compare import SIZES
from compare_peers import Peer, ratios, take_turns

CELLS = ["rnn", "gru", "lstm", "peephole", "layernorm_lstm"]
FORMS = {
    "tiles and strips": ["compile-runs"],
    "tiles alone": ["compile-runs", "fuse-columns"],
    "compiled": [],
}


def measure(options, cell, size):
    n_x, n_a, m, T = SIZES[size]
    program = os.path.join(options.build, "bench", "peer_gradtape")
    peers = [Peer.start(name, [program, cell, f"n_x={n_x},n_a={n_a}", m, T, options.dtype, 1, "planned", *skip], 1)
             for name, skip in FORMS.items()]
    peers = [peer for peer in peers if peer is not None]
    try:
        return ratios(take_turns(peers, options.seconds), next(iter(FORMS)))
    finally:
        for peer in peers:
            peer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--cells", nargs="+", default=CELLS)
    parser.add_argument("--sizes", nargs="+", default=["tiny", "small", "medium"], choices=SIZES)
    parser.add_argument("--dtype", default="f32", choices=["f32", "f64"])
    parser.add_argument("--seconds", type=float, default=10, help="for each cell and size")
    options = parser.parse_args()
    print(f"{'cell':16} {'size':8} {'us':>10} " + " ".join(f"{name:>20}" for name in list(FORMS)[1:]))
    for size in options.sizes:
        for cell in options.cells:
            r = measure(options, cell, size)
            print(f"{cell:16} {size:8} {r['us']:10.1f} " + " ".join(f"{r[name]:20.3f}" for name in list(FORMS)[1:]),
                  flush=True)


if __name__ == "__main__":
    main()
