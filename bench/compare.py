#!/usr/bin/python3
"""Measures gradtape against its GEMM bound and its peers, and writes the table of docs/performance.md.

    ninja -C build bench/peer_gradtape bench/peer_onednn
    /usr/bin/python3 bench/compare.py

Every competitor is a process of its own that runs a training step whenever it is asked
(forward over all steps, then the gradients of x, the initial states and all parameters,
from an upstream gradient at every step). They are asked in turn, in another order each
round, so that whatever else the machine does hits all alike. A figure is the median over
the rounds of the ratio within a round.

It can run in pieces: what was measured is kept in BUILD/compare.json, and the table is
made from all of it. Debian: python3-numpy, python3-torch, libdnnl-dev; what is not
installed is left out.
"""
import argparse
import json
import os
import sys

import compare_table
import compare_peers
from compare_peers import Peer, take_turns

SIZES = {
    "tiny": (3, 5, 10, 7),
    "small": (64, 128, 32, 50),
    "medium": (256, 256, 64, 64),
    "large": (512, 512, 64, 64),
    "wide": (1024, 1024, 128, 32),
}
CELLS = ["rnn", "gru", "peephole", "mgu", "layernorm_lstm"]


class Session:
    def __init__(self, options):
        self.options = options
        self.path = os.path.join(options.build, "compare-avx2.json" if options.avx2 else "compare.json")
        self.results = {}
        if os.path.exists(self.path) and not options.fresh:
            with open(self.path) as file:
                self.results = json.load(file)

    def keep(self, part, key, value):
        self.results.setdefault(part, {})[key] = value
        self.results["machine"] = compare_table.machine()
        with open(self.path, "w") as file:
            json.dump(self.results, file, indent=1)
        print(f"{part:9} {key:24} " + "  ".join(f"{k} {v:.4g}" for k, v in value.items()), flush=True)

    def gradtape(self, cell, size, dtype="f32", threads=1, what="planned"):
        n_x, n_a, m, T = size
        dims = f"n_a={n_a}" if cell.startswith("diagonal") else f"n_x={n_x},n_a={n_a}"
        return Peer.start(
            "bound" if what == "bound" else f"gradtape {threads}" if threads > 1 else "gradtape",
            [os.path.join(self.options.build, "bench", "peer_gradtape"), cell, dims, m, T, dtype, threads, what],
            threads)

    def onednn(self, cell, size):
        return Peer.start("oneDNN", [os.path.join(self.options.build, "bench", "peer_onednn"), cell, *size], 1)

    def torch(self, kind, size, dtype="f32"):
        return Peer.start("composed" if kind == "composed" else "PyTorch", ["peer_torch.py", kind, *size, dtype], 1)

    def numpy(self, size, dtype="f32"):
        return Peer.start("NumPy", ["peer_numpy.py", *size, dtype], 1)

    def compare(self, part, key, peers, to=None):
        """Measures the peers against the first, or against the one that `to` names."""
        self.keep(part, key, compare_peers.compare(peers, self.options.seconds, to))


# ---- the parts of the table ------------------------------------------------------------------

def lstm(session):
    for name in session.options.sizes:
        size = SIZES[name]
        session.compare("lstm", name, [session.gradtape("lstm", size), session.gradtape("lstm", size, what="bound"),
                                       session.onednn("lstm", size), session.torch("lstm", size),
                                       session.torch("composed", size), session.numpy(size)])


def cells(session):
    for cell in CELLS:
        for name in session.options.sizes:
            size = SIZES[name]
            peers = [session.gradtape(cell, size), session.gradtape(cell, size, what="bound")]
            if cell in ("rnn", "gru"):
                peers.append(session.torch(cell, size))
            if cell == "rnn":
                peers.append(session.onednn(cell, size))
            session.compare("cells", f"{cell} {name}", peers)


def threads(session):
    for name in session.options.sizes:
        size = SIZES[name]
        session.compare("threads", name, [session.gradtape("lstm", size, threads=2), session.gradtape("lstm", size)])


def f64(session):
    size = SIZES["medium"]
    session.compare("f64", "medium", [session.gradtape("lstm", size, "f64"), session.gradtape("lstm", size, "f64", what="bound"),
                                      session.torch("lstm", size, "f64"), session.numpy(size, "f64")])


def narrow(session):
    """Two layers, n = 14, one example: nanoseconds for each layer and step."""
    T = 4096
    for cell in ("diagonal", "diagonal_lstm"):
        peer = session.gradtape(cell, (14, 14, 1, T), "f64")
        times = take_turns([peer], session.options.seconds)
        peer.close()
        session.keep("narrow", cell, {"ns": compare_peers.median(times["gradtape"]) * 1e3 / (2 * T)})


def planning(session):
    n_x, n_a, m, _ = SIZES["medium"]
    for T in (10, 100000):
        peer = session.gradtape("lstm", (n_x, n_a, 1, T))
        times = sorted(peer.ask("plan") for _ in range(15))
        peer.close()
        session.keep("planning", f"T = {T}", {"us": compare_peers.median(times), "least us": times[0]})


def memory(session):
    n_x, n_a, m, _ = SIZES["medium"]
    size = (n_x, n_a, m, 1024)
    grown = {}
    for start in (lambda: session.gradtape("lstm", size), lambda: session.onednn("lstm", size),
                  lambda: session.torch("lstm", size)):
        peer = start()
        if peer is None:
            continue
        if peer.name == "gradtape":
            grown["counted MB"] = peer.ask("cost") * 1e-6
        peer.ask("run 1")
        grown[peer.name + " MB"] = peer.ask("memory") * 1e-6
        peer.close()
    session.keep("memory", "medium, T = 1024", grown)


def budget(session):
    """What a memory budget costs; no more than two programs at a time, since the one without takes 12 GB."""
    size = (*SIZES["small"][:3], 100000)
    for share, most in ((20, 490e6), (300, 32.7e6)):
        peers = [session.gradtape("lstm", size), session.gradtape("lstm", size, what=f"planned:{most:.0f}")]
        peers[1].name = f"1/{share}"
        session.compare("budget", f"1/{share}", peers)


PARTS = {"lstm": lstm, "cells": cells, "threads": threads, "f64": f64, "narrow": narrow, "planning": planning, "memory": memory,
         "budget": budget}


def some_of(known):
    def read(text):
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"there is no '{name}'; there are {', '.join(known)}")
        return names
    return read


def main():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", type=some_of(PARTS), default=list(PARTS), metavar="A,B", help=", ".join(PARTS))
    parser.add_argument("--sizes", type=some_of(SIZES), default=list(SIZES), metavar="A,B", help=", ".join(SIZES))
    parser.add_argument("--seconds", type=float, default=5, help="of rounds for each comparison; at least 3 rounds (default 5)")
    parser.add_argument("--build", default=os.path.join(root, "build"))
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    parser.add_argument("--no-document", action="store_true", help="leave docs/performance.md as it is")
    parser.add_argument("--avx2", action="store_true",
                        help="let all use no more than AVX2")
    options = parser.parse_args()
    if options.avx2:
        os.environ.update(compare_peers.NO_MORE_THAN_AVX2)
    if not os.path.exists(os.path.join(options.build, "bench", "peer_gradtape")):
        sys.exit(f"build it first: ninja -C {os.path.relpath(options.build)} bench/peer_gradtape bench/peer_onednn")
    session = Session(options)
    try:
        for part in options.parts:
            PARTS[part](session)
    except KeyboardInterrupt:
        sys.exit("interrupted; what was measured is kept")
    text = compare_table.table(session.results)
    print(text)
    if not options.no_document:
        compare_table.write(os.path.join(root, "docs", "performance.md"), text)


if __name__ == "__main__":
    main()
