"""What the Python peers of compare.py have in common: they answer requests line by line.

run K: runs K steps and answers the microseconds of one. memory: answers by how many
bytes the process has grown at most since `begin`.
"""
import sys
import time


def status_bytes(name):
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


def answer(step, begin):
    for line in sys.stdin:
        if line.startswith("run "):
            times = int(line.split()[1])
            start = time.perf_counter()
            for _ in range(times):
                step()
            print((time.perf_counter() - start) * 1e6 / times, flush=True)
        else:
            print(status_bytes("VmHWM:") - begin, flush=True)
