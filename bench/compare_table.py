"""The table of docs/performance.md from what compare.py measured."""
import datetime
import os
import platform
import re
import subprocess

# A table for each kind of processor: one that was measured elsewhere stays.
BEGIN, END = "<!-- bench/compare.py: begin {} -->", "<!-- bench/compare.py: end {} -->"
LAST = END.split("{}")[0]
TITLE = "### {}"
SIZES = ["tiny", "small", "medium", "large", "wide"]
SHAPES = {"tiny": "3, 5, 10, 7", "small": "64, 128, 32, 50", "medium": "256, 256, 64, 64",
          "large": "512, 512, 64, 64", "wide": "1024, 1024, 128, 32"}
CELLS = {"rnn": "RNN", "gru": "GRU", "peephole": "peephole LSTM", "mgu": "minimal gated unit",
         "layernorm_lstm": "layer-norm LSTM"}

# Of the bound a processor with AVX-512 leaves less, since the libraries' products are further from its peak.
GOAL_BOUND = {True: {"tiny": 2.5, "small": 1.05, "medium": 1.03, "large": 1.00, "wide": 0.98},
              False: {"tiny": 1.1, "small": 1.06, "medium": 1.04, "large": 1.03, "wide": 1.02}}
GOAL_CELL = {"small": 1.12, "medium": 1.06, "large": 1.04, "wide": 1.03}
GOAL_NARROW = {True: 180, False: 250}
GOAL_ONEDNN = {"tiny": 3.0, "small": 1.2, "medium": 1.0, "large": 1.0, "wide": 1.0}
GOAL_TORCH = {"tiny": 60.0, "small": 2.5, "medium": 1.4, "large": 1.35, "wide": 1.35}
GOAL_THREADS = {"small": 1.6, "medium": 1.8, "large": 1.85, "wide": 1.85}
LEVEL = 0.98  # two figures closer than the noise of a run count as level


# ---- the machine -----------------------------------------------------------------------------

def first_line(pattern, path):
    try:
        with open(path) as file:
            found = re.search(pattern, file.read(), re.MULTILINE)
        return found.group(1).strip() if found else "?"
    except OSError:
        return "?"


def version_of(package):
    run = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=False)
    return run.stdout if run.returncode == 0 and run.stdout else None


def flags_of_processor():
    return first_line(r"^flags\s*: (.*)$", "/proc/cpuinfo").split()


def kind_of_processor(flags):
    if "avx512f" in flags and os.environ.get("GRADTAPE_PROCESSOR") == "avx2":
        return "AVX2 asked for on a processor with AVX-512"
    return "AVX-512" if "avx512f" in flags else "AVX2 without AVX-512" if "avx2" in flags else "no AVX2"


def machine():
    flags = flags_of_processor()
    levels = [level for level in ("avx2", "avx512f") if level in flags]
    packages = {"oneDNN": "libdnnl2", "PyTorch": "python3-torch", "NumPy": "python3-numpy", "OpenBLAS": "libopenblas0-pthread"}
    versions = [f"{name} {version_of(package)}" for name, package in packages.items() if version_of(package)]
    model = first_line(r"^model name\s*: (.*)$", "/proc/cpuinfo")
    system = first_line(r'^PRETTY_NAME="(.*)"$', "/etc/os-release")
    return {"kind": kind_of_processor(flags),
            "text": f"{model}, {os.cpu_count()} cores, {', '.join(levels) or 'no AVX2'}; {system}, "
                    f"{platform.release()}; {', '.join(versions)}; {datetime.date.today().isoformat()}"}


# ---- figures ---------------------------------------------------------------------------------

class Verdicts:
    """Collects what was hit and missed while the table is written."""

    def __init__(self):
        self.hit, self.missed = 0, []

    def judge(self, what, good):
        self.hit += good
        if not good:
            self.missed.append(what)
        return "hit" if good else "**missed**"

    def at_most(self, what, value, goal):
        if value is None:
            return "not measured"
        if goal is None:
            return f"×{value:.2f}"
        return f"×{value:.3f} (goal ×{goal:.2f}: {self.judge(what, round(value, 2) <= goal)})"

    def at_least(self, what, value, goal):
        if value is None:
            return "not measured"
        if goal is None:
            return f"{value:.2f}×"
        # "Level" is met by a difference that is within the noise.
        least = goal if goal != 1.0 else LEVEL
        words = "level" if goal == 1.0 else f"{goal:g}×"
        return f"{value:.2f}× (goal {words}: {self.judge(what, value >= least)})"


def invert(value):
    return None if value is None else 1 / value


def row(title, cells):
    return f"| {title} | " + " | ".join(cells) + " |"


def by_size(part, entry):
    """The entry of each size, None where it was not measured."""
    return {size: part.get(size, {}).get(entry) for size in SIZES}


def has_avx512(results):
    return results.get("machine", {}).get("kind") == "AVX-512"


def lstm_rows(results, v):
    part = results.get("lstm", {})
    goal = GOAL_BOUND[has_avx512(results)]
    bound, best = by_size(part, "library bound"), by_size(part, "bound")
    onednn, torch = by_size(part, "oneDNN"), by_size(part, "PyTorch")
    composed, numpy = by_size(part, "composed"), by_size(part, "NumPy")
    two = by_size(results.get("threads", {}), "gradtape")
    return [
        row("LSTM against its GEMM bound, at most", [v.at_most(f"LSTM {s} against its bound", invert(bound[s]), goal.get(s)) for s in SIZES]),
        row("… with gradtape's own products in the bound too", [v.at_most("", invert(best[s]), None) for s in SIZES]),
        row("LSTM against oneDNN's LSTM primitive, faster by", [v.at_least(f"LSTM {s} against oneDNN", onednn[s], GOAL_ONEDNN[s]) for s in SIZES]),
        row("LSTM against PyTorch `nn.LSTM`, faster by", [v.at_least(f"LSTM {s} against nn.LSTM", torch[s], GOAL_TORCH[s]) for s in SIZES]),
        row("LSTM against PyTorch, composed of primitives", [v.at_least("", composed[s], None) for s in SIZES]),
        row("LSTM against NumPy, as the notebook writes it", [v.at_least("", numpy[s], None) for s in SIZES]),
        row("two threads against one, LSTM, faster by", [v.at_least(f"two threads, {s}", two[s], GOAL_THREADS.get(s)) for s in SIZES]),
    ]


def cell_rows(results, v):
    part = results.get("cells", {})
    rows = []
    for cell, title in CELLS.items():
        entries = {s: part.get(f"{cell} {s}", {}) for s in SIZES}
        rows.append(row(f"{title} against its GEMM bound, at most", [
            v.at_most(f"{title} {s} against its bound", invert(entries[s].get("library bound")), GOAL_CELL.get(s)) for s in SIZES]))
    for cell, peer, title in (("rnn", "PyTorch", "RNN against `nn.RNN`"), ("rnn", "oneDNN", "RNN against oneDNN's"),
                              ("gru", "PyTorch", "GRU against `nn.GRU`")):
        rows.append(row(f"{title}, faster by", [v.at_least("", part.get(f"{cell} {s}", {}).get(peer), None) for s in SIZES]))
    return rows


def single_figures(results, v):
    lines = []

    def add(what, value, text, good):
        if value is None:
            lines.append(f"- {what}: not measured.")
        else:
            lines.append(f"- {what}: {text.format(value)}: {v.judge(what, good(value))}.")

    plans = results.get("planning", {})
    for T in ("10", "100000"):
        value = plans.get(f"T = {T}", {}).get("us")
        add(f"planning an LSTM's training step, T = {T}", value and value / 1e3, "{:.2f} ms, goal 5 ms", lambda x: x <= 5)
    memory = results.get("memory", {}).get("medium, T = 1024", {})
    add("memory of the medium LSTM with T = 1024", memory.get("gradtape MB"), "{:.0f} MB, goal 600 MB", lambda x: x <= 600)
    peers = [f"{name} {memory[name + ' MB']:.0f}" for name in ("oneDNN", "PyTorch") if name + " MB" in memory]
    if peers:
        lines[-1] += f" As the plan counts it: {memory['counted MB']:.0f} MB. In the same way: {', '.join(peers)}."
    value = invert(results.get("f64", {}).get("medium", {}).get("library bound"))
    add("the medium LSTM in f64 against its GEMM bound", value, "×{:.3f}, goal ×1.05", lambda x: round(x, 2) <= 1.05)
    narrow = results.get("narrow", {})
    add("two diagonal layers, n = 14, one example, T = 4096, f64, a layer and step",
        narrow.get("diagonal", {}).get("ns"), "{:.0f} ns, goal 300 ns", lambda x: x <= 300)
    most = GOAL_NARROW[has_avx512(results)]
    add("the same with LSTM layers of diagonal weights", narrow.get("diagonal_lstm", {}).get("ns"),
        f"{{:.0f}} ns, goal {most} ns", lambda x: x <= most)
    for share, most in (("1/20", 1.35), ("1/300", 2.0)):
        value = results.get("budget", {}).get(share, {}).get(share)
        add(f"the small LSTM with T = 100,000 in {share} of the memory, against all of it", value,
            f"×{{:.3f}} of the time, goal ×{most:.2f}", lambda x, most=most: round(x, 2) <= most)
    return lines


def table(results):
    v = Verdicts()
    head = row("", [f"{s} ({SHAPES[s]})" for s in SIZES])
    body = [head, "|---" * (len(SIZES) + 1) + "|", *lstm_rows(results, v), *cell_rows(results, v)]
    lines = single_figures(results, v)
    summary = f"{v.hit} goals hit, {len(v.missed)} missed" + (": " + "; ".join(v.missed) if v.missed else "") + "."
    machine = results.get("machine", {})
    kind = machine.get("kind", "unknown")
    text = [BEGIN.format(kind), TITLE.format(kind), "", machine.get("text", "no machine") + ".", "",
            "One training step, f32, one thread unless said; sizes are (n_x, n_a, m, T).", "", *body, "", *lines, "", summary, "", END.format(kind)]
    return "\n".join(text)


def write(path, text):
    """Puts the text in the place of the one of the same kind of processor, or at the end."""
    begin, end = text.split("\n", 1)[0], text.rsplit("\n", 1)[-1]
    with open(path) as file:
        document = file.read()
    if begin in document and end in document:
        start, stop = document.index(begin), document.index(end) + len(end)
        document = document[:start] + text + document[stop:]
    elif LAST in document:
        place = document.index("\n", document.rindex(LAST))
        document = document[:place] + "\n\n" + text + document[place:]
    else:
        heading = "" if "\n## gradtape and its peers\n" in document else "## gradtape and its peers\n\n"
        document = document.rstrip("\n") + "\n\n" + heading + text + "\n"
    with open(path + ".new", "w") as file:
        file.write(document)
    os.replace(path + ".new", path)
