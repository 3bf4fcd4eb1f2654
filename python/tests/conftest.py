import os
import pathlib
import subprocess
import tempfile

import numpy as np
import pytest

import gradtape as gt
from gradtape import _core

#: Run by scripts/check-python-sanitized: what is freed is kept for a while, and programs that are started have it, too.
SANITIZED = "asan" in os.environ.get("LD_PRELOAD", "")

SIZES = {"n_x": 3, "n_a": 5, "n_y": 2, "n_c": 7}


def command():
    """The command: that of GRADTAPE_PROGRAM, or the one beside the extension in the build folder, or None."""
    built = pathlib.Path(os.environ.get("GRADTAPE_PROGRAM") or pathlib.Path(gt.__file__).parents[2] / "src/cli/gradtape")
    return str(built) if built.exists() else None


def run_command(arguments, folder):
    """Runs the command; where its build lacks the library that it needs, there is nothing to test."""
    if command() is None:
        pytest.skip("the command is not here: GRADTAPE_PROGRAM names none")
    done = subprocess.run([command(), *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False)
    if "which this build lacks" in done.stderr or "this build has no " in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    return done


def has_archives():
    """Whether the build writes models: one without libzip does not."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            _core.write(os.path.join(folder, "empty.npz"), False, [], {})
        except gt.UnsupportedError:
            return False
    return True


needs_archives = pytest.mark.skipif(not has_archives(), reason="this build has no libzip")


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def make(name, rng, m=4, steps=6, **options):
    """A cell with random parameters, its input (of several a dict), and upstream gradients of all states and outputs."""
    cell = gt.Cell(name, **options)
    sizes = {n: SIZES.get(n, 4) for n in cell.dimensions}
    parameters = {n: rng.normal(size=a.shape) * 0.5 for n, a in cell.parameters(**sizes).items()}
    given = {row.name: rng.normal(size=(sizes.get(row.rows, 1), m, steps)) for row in cell.inputs}
    return cell, parameters, given if len(given) > 1 else given["x"]
