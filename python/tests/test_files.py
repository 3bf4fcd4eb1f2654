"""Arrays in files."""
import json
import struct

import numpy as np
import pytest

import gradtape as gt


@pytest.mark.parametrize("kind", ["npz", "safetensors"])
def test_what_is_saved_is_loaded_bit_for_bit(kind, tmp_path, rng):
    arrays = {"W": rng.normal(size=(3, 4)), "v": rng.normal(size=(2, 3, 4)).astype("f4"), "n": np.arange(5, dtype="i4"),
              "one": np.float64(0.1), "nan": np.array([np.nan, -0.0, np.inf])}
    path = tmp_path / f"arrays.{kind}"
    try:
        gt.save(path, arrays)
    except gt.UnsupportedError as problem:
        pytest.skip(str(problem))
    loaded = gt.load(path)
    assert sorted(loaded) == sorted(arrays)
    for name, array in arrays.items():
        assert loaded[name].dtype == np.asarray(array).dtype and loaded[name].shape == np.shape(array)
        assert loaded[name].tobytes() == np.asarray(array).tobytes()
    cell = gt.Cell("lstm")
    p = cell.parameters(n_x=3, n_a=5, seed=1)
    gt.save(str(path), p)
    np.testing.assert_array_equal(cell.run(np.ones((3, 2, 4)), gt.load(path))["a"], cell.run(np.ones((3, 2, 4)), p)["a"])


def test_numpy_reads_and_writes_the_same(tmp_path, rng):
    a = rng.normal(size=(3, 4))
    try:
        gt.save(tmp_path / "mine.npz", {"a": a})
    except gt.UnsupportedError as problem:
        pytest.skip(str(problem))
    np.testing.assert_array_equal(np.load(tmp_path / "mine.npz")["a"], a)
    np.savez(tmp_path / "theirs.npz", a=a, h=a.astype("f2"), b=a > 0)
    loaded = gt.load(tmp_path / "theirs.npz")
    np.testing.assert_array_equal(loaded["a"], a)
    assert loaded["h"].dtype == np.float32 and loaded["b"].dtype == np.int32


def test_one_array_has_the_name_of_its_file(tmp_path, rng):
    for array in (rng.normal(size=(3, 4)), np.float16([[1.5, -2]]), np.array([True, False]), np.int64([1, 2**40]), np.asfortranarray(rng.normal(size=(2, 3, 4)))):
        np.save(tmp_path / "W.npy", array)
        loaded = gt.load(tmp_path / "W.npy")
        assert list(loaded) == ["W"]
        np.testing.assert_array_equal(loaded["W"], array)
    (tmp_path / "W.npy").write_bytes((tmp_path / "W.npy").read_bytes()[:-1])
    with pytest.raises(gt.FormatError, match="W.npy.*the array has the shape"):
        gt.load(tmp_path / "W.npy")
    np.save(tmp_path / "c.npy", np.array([1j]))
    with pytest.raises(gt.DTypeError, match="complex numbers"):
        gt.load(tmp_path / "c.npy")
    with pytest.raises(gt.ArgumentError, match="ends with .npz or .safetensors"):
        gt.save(tmp_path / "W.npy", {"W": np.ones(2)})


def write(path, header, entries=b""):
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + entries)


def test_safetensors_of_others(tmp_path):
    path = tmp_path / "theirs.safetensors"
    write(path, {"__metadata__": {"format": "pt"}, "w": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}, b"\xc0\x3f\xc8\xc2")
    try:
        np.testing.assert_array_equal(gt.load(path)["w"], np.float32([1.5, -100]))
    except gt.UnsupportedError as problem:
        pytest.skip(str(problem))
    write(path, {"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, b"1234")
    with pytest.raises(gt.FormatError, match="theirs.safetensors.*'w' does not have as many bytes"):
        gt.load(path)


def test_what_is_refused(tmp_path):
    for bad in (lambda: gt.load("weights.pt"), lambda: gt.load(tmp_path / "none.npz"), lambda: gt.save("a.txt", {}),
                lambda: gt.save(tmp_path / "a.npz", {"a": np.array([1j])}), lambda: gt.save(tmp_path / "a.npz", {"a": np.zeros((0, 2))}),
                lambda: gt.save(tmp_path / "a.safetensors", {"a": 2**40}), lambda: gt.save("/nowhere/at/all.npz", {"a": 1.0})):
        with pytest.raises(gt.Error):
            bad()
    assert list(tmp_path.iterdir()) == []
