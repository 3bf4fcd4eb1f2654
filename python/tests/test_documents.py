"""What the documents show of Python is true, and the examples run."""
import doctest
import os
import pathlib
import re
import runpy

import pytest

from conftest import has_archives

ROOT = pathlib.Path(os.environ.get("GRADTAPE_SOURCE", pathlib.Path(__file__).parents[2]))


@pytest.mark.parametrize("name", ["README.md", "docs/python.md"])
def test_what_a_document_shows_is_true(name, tmp_path, monkeypatch):
    text = (ROOT / name).read_text()
    monkeypatch.chdir(tmp_path)
    cell = re.search(r"```\n(# Update gate.*?)```", text, re.S).group(1)
    (tmp_path / "ugrnn.cell").write_text(cell)
    session = "\n".join(re.findall(r"```pycon\n(.*?)```", text, re.S))
    if ".save(" in session and not has_archives():
        pytest.skip("it saves a model, and this build has no libzip")
    test = doctest.DocTestParser().get_doctest(session, {}, name, name, 0)
    assert len(test.examples) > 3
    said = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=said.append)
    assert runner.failures == 0, "".join(said)


@pytest.mark.parametrize("path", sorted((ROOT / "examples/python").glob("*.py")), ids=lambda path: path.stem)
def test_an_example_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(path), run_name="__main__")
