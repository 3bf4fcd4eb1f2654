"""Runs pytest on files of the package's tests, or says why it does not: run.py FILE..."""
import importlib.util
import sys

missing = [name for name in ("numpy", "pytest") if importlib.util.find_spec(name) is None]
if missing:
    print(f"skipped: {sys.executable} has no {' and no '.join(missing)} (Debian: python3-numpy, python3-pytest)")
    sys.exit(77)

import pytest  # noqa: E402

# A fault is shown with Python's own traceback by pytest's faulthandler.
status = pytest.main(["-q", "-rs", "-p", "no:cacheprovider", *sys.argv[1:]])
sys.exit(77 if status == pytest.ExitCode.NO_TESTS_COLLECTED else status)  # the whole file was skipped
