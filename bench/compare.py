"""Times one training step of an LSTM by gradtape (both engines), NumPy and PyTorch, interleaved.

Each competitor is a process of its own that runs one step whenever it is asked;
they are asked in turn, so that whatever else the machine does hits all alike.
Prints medians as ratios to gradtape's interpreter. Usage, from the root of the
project after `ninja -C build bench/bench-step`:

    python3 bench/compare.py [--threads N] [--repeat K] [--build FOLDER]
"""
import argparse
import os
import statistics
import subprocess
import sys

SIZES = {"tiny": (3, 5, 10, 7), "small": (64, 128, 32, 50), "medium": (256, 256, 64, 64)}
HERE = os.path.dirname(os.path.abspath(__file__))


class Peer:
    def __init__(self, name, command, threads):
        environment = dict(os.environ, OPENBLAS_NUM_THREADS=str(threads), OMP_NUM_THREADS=str(threads))
        self.name, self.times = name, []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)

    def run(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended early: see its message above")
        return float(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--build", default=os.path.join(HERE, "..", "build"))
    options = parser.parse_args()
    step = os.path.join(options.build, "bench", "bench-step")
    print(f"one training step of an LSTM, f32, {options.threads} thread(s), medians of {options.repeat} interleaved runs")
    print(f"{'size':8} {'(n_x, n_a, m, T)':22} {'interpreter':>12} {'planner':>8} {'NumPy':>8} {'nn.LSTM':>8}   spread of the interpreter")
    for size, dims in SIZES.items():
        numbers = [str(d) for d in dims]
        peers = [
            Peer("interpreter", [step, "lstm", *numbers, "f32"], options.threads),
            Peer("planner", [step, "lstm", *numbers, "f32", "planned"], options.threads),
            Peer("NumPy", [sys.executable, os.path.join(HERE, "peer_numpy.py"), *numbers, "f32"], options.threads),
            Peer("nn.LSTM", [sys.executable, os.path.join(HERE, "peer_torch.py"), *numbers, "f32"], options.threads),
        ]
        for peer in peers:
            peer.run()
            peer.run()
        for _ in range(options.repeat):
            for peer in peers:
                peer.times.append(peer.run())
        for peer in peers:
            peer.close()
        base = statistics.median(peers[0].times)
        ratios = [statistics.median(peer.times) / base for peer in peers]
        spread = f"{min(peers[0].times) / base:.2f} to {max(peers[0].times) / base:.2f}"
        print(f"{size:8} {str(dims):22} {1:12.2f} {ratios[1]:8.2f} {ratios[2]:8.2f} {ratios[3]:8.2f}   {spread}", flush=True)


if __name__ == "__main__":
    main()
