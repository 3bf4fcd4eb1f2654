"""Competitors as processes, asked in turn."""
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# A request takes at least this long: of a small size many steps, so that a step finds the caches as the
# one before it left them, not as another process did.
LONG_ENOUGH_US = 50000
FEWEST_ROUNDS, MOST_ROUNDS = 3, 201

median = statistics.median


#: Each library's own word for "use no more than AVX2".
NO_MORE_THAN_AVX2 = {"GRADTAPE_PROCESSOR": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "DNNL_MAX_CPU_ISA": "AVX2",
                     "OPENBLAS_CORETYPE": "Haswell", "ATEN_CPU_CAPABILITY": "avx2",
                     "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL"}


class Ended(Exception):
    pass


class Peer:
    """A process that answers lines, as peer_gradtape.c describes."""

    def __init__(self, name, command, threads):
        environment = dict(os.environ)
        for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            environment[variable] = str(threads)
        cores = sorted(os.sched_getaffinity(0))[-threads:]
        self.name, self.repeat = name, 1
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True, cwd=HERE,
            preexec_fn=lambda: os.sched_setaffinity(0, cores))

    @classmethod
    def start(cls, name, command, threads):
        """None, with a word on stderr, where the program is not there or does not start."""
        command = [os.path.abspath(part) if "/" in str(part) and os.path.exists(part) else str(part) for part in command]
        if command[0].endswith(".py"):
            command.insert(0, sys.executable)
        elif not os.path.exists(command[0]):
            print(f"{name} is left out: {command[0]} is not built", file=sys.stderr)
            return None
        peer = cls(name, command, threads)
        try:
            first = peer.ask("run 1")
        except Ended:
            print(f"{name} is left out: it ended early, see above", file=sys.stderr)
            return None
        second = peer.ask("run 1") if first < 1e6 else first
        peer.repeat = max(1, min(5000, round(LONG_ENOUGH_US / second)))
        return peer

    def ask(self, request):
        try:
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Ended from None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise Ended
        return float(line)

    def run(self):
        """What it measures, by name: microseconds of one step."""
        times = {self.name: self.ask(f"run {self.repeat}")}
        if self.name == "bound":
            times["library bound"] = self.ask(f"library {self.repeat}")
        return times

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def take_turns(peers, seconds):
    """Rounds until the time is over; another peer begins each round. Returns lists of times by name."""
    times = {}
    begin = time.monotonic()
    rounds = 0
    while rounds < FEWEST_ROUNDS or (time.monotonic() - begin < seconds and rounds < MOST_ROUNDS):
        first = rounds % len(peers)
        for peer in peers[first:] + peers[:first]:
            for name, taken in peer.run().items():
                times.setdefault(name, []).append(taken)
        rounds += 1
    # In the order in which the peers were given.
    names = [name for peer in peers for name in ([peer.name, "library bound"] if peer.name == "bound" else [peer.name])]
    return {name: times[name] for name in names}


def ratios(times, to):
    """The median over the rounds of the time of each relative to `to`, and the time of `to` itself."""
    base = times[to]
    result = {"us": median(base), "rounds": len(base)}
    for name, list_of_times in times.items():
        if name != to:
            result[name] = median(taken / one for taken, one in zip(list_of_times, base))
    return result


def compare(peers, seconds, to=None):
    """The ratios to the first of the peers that are there, or to the one that `to` names; ends them all."""
    peers = [peer for peer in peers if peer is not None]
    try:
        times = take_turns(peers, seconds)
    finally:
        for peer in peers:
            peer.close()
    return ratios(times, to or next(iter(times)))
