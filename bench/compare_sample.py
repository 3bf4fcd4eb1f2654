#!/usr/bin/python3
"""Measures characters per second of `gradtape sample` beside PyTorch's, one LSTM layer, one text at a time.

    /usr/bin/python3 bench/compare_sample.py --build build

Both have an embedding of 64, a projection to the characters and draw from the softmax; one thread, f32. Each is
asked for a short and a long text by turns, so that what starting takes is left out. Debian: python3-torch.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,;:!?\n"
SHORT, LONG = 200, 1200


def gradtape(program, folder, hidden):
    """A function of a length: the seconds that sampling takes."""
    text, model = os.path.join(folder, "text"), os.path.join(folder, f"{hidden}.npz")
    with open(text, "w", encoding="ascii") as file:
        file.write(CHARACTERS * 40)
    subprocess.run([program, "train", "--text", text, "--save", model, "--hidden", str(hidden), "--embedding", "64", "--batch", "2",
                    "--steps", "8", "--iterations", "1", "--quiet"], check=True)

    def sample(length):
        start = time.perf_counter()
        subprocess.run([program, "sample", "--model", model, "--prompt", "a", "--length", str(length), "--threads", "1"], check=True,
                       stdout=subprocess.DEVNULL)
        return time.perf_counter() - start
    return sample


def pytorch(hidden):
    import torch
    torch.set_num_threads(1)
    embedding, lstm = torch.nn.Embedding(len(CHARACTERS), 64), torch.nn.LSTM(64, hidden)
    projection = torch.nn.Linear(hidden, len(CHARACTERS))

    def sample(length):
        start = time.perf_counter()
        with torch.no_grad():
            token, state = torch.zeros(1, dtype=torch.long), None
            for _ in range(length):
                y, state = lstm(embedding(token)[None], state)
                token = torch.multinomial(torch.softmax(projection(y[0]), 1), 1)[:, 0]
        return time.perf_counter() - start
    return sample


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    program = os.path.abspath(os.path.join(options.build, "src", "cli", "gradtape"))
    with tempfile.TemporaryDirectory() as folder:
        for hidden in (128, 1024):
            ours, theirs = gradtape(program, folder, hidden), pytorch(hidden)
            ratios, rates = [], []
            for _ in range(options.rounds):
                a, b = ours(LONG * 10) - ours(SHORT), theirs(LONG) - theirs(SHORT)
                rates.append((LONG * 10 - SHORT) / a)
                ratios.append(rates[-1] * b / (LONG - SHORT))
            print(f"{hidden} units: {statistics.median(rates):.0f} characters a second, {statistics.median(ratios):.2f} times PyTorch's "
                  f"({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    sys.exit(main())
