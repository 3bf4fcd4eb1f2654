"""Gradients written by hand."""
import numpy as np
import pytest

import gradtape as gt


def dense(W, x):
    return np.tanh(W @ x)


def dense_back(W, x, dy):
    slope = dy * (1 - np.tanh(W @ x) ** 2)
    return slope @ x.T, W.T @ slope


@pytest.fixture
def args(rng):
    return rng.normal(size=(3, 4)), rng.normal(size=(4, 2))


def test_a_right_gradient(args):
    report = gt.check(dense, dense_back, args)
    assert report.verdict == "right" and report.counts["numeric"]["entries"] == 20
    assert repr(report) == "<Report dense: right>"
    report.assert_right()


def test_a_wrong_one_names_argument_and_entry(args):
    report = gt.check(dense, lambda W, x, dy: (dense_back(W, x, dy)[0] * [1, 1, 1, 2], dense_back(W, x, dy)[1]), args)
    assert report.verdict == "wrong" and len(report.findings) == 1
    finding = report.findings[0]
    assert finding["of"] == "W" and finding["index"][1] == 3 and finding["shape"] == (3, 4)
    np.testing.assert_allclose(finding["value"], 2 * finding["expected"])
    with pytest.raises(AssertionError, match="gradient of W"):
        report.assert_right()


def test_many_results_and_absent_gradients(rng):
    def f(a, b, unused):
        return a * b, np.sum(a)

    def back(a, b, unused, d, e):
        return d * b + e, d * a, None

    report = gt.check(f, back, (rng.normal(size=(2, 2)), rng.normal(size=(2, 2)), rng.normal(size=3)))
    assert report.verdict == "right"
    assert gt.check(f, lambda a, b, u, d, e: (d * b, d * a, None), (np.ones((2, 2)), np.ones((2, 2)), [1.0])).verdict == "wrong"


def test_numbers_and_layouts_do_not_matter(rng):
    assert gt.check(lambda x: x**2, lambda x, d: 2 * x * d, (3.0,)).verdict == "right"
    a = rng.normal(size=(3, 4, 2))
    assert gt.check(lambda x: x[::-1, :, ::-1].T ** 2, lambda x, d: 2 * x * d.T[::-1, :, ::-1], (a[::-1],)).verdict == "right"


def test_jacobian_vector_products(args):
    def push(W, x, tW, tx):
        return (1 - np.tanh(W @ x) ** 2) * (tW @ x + W @ tx)

    report = gt.check(dense, dense_back, args, jvp=push)
    assert report.verdict == "right" and {"numeric", "jvp", "transpose"} <= report.counts.keys() | {"transpose"}
    assert gt.check(dense, None, args, jvp=push).verdict == "right"
    assert gt.check(dense, dense_back, args, jvp=lambda W, x, tW, tx: push(W, x, tW, 0 * tx)).verdict == "wrong"
    with pytest.raises(gt.ArgumentError, match="nothing to check"):
        gt.check(dense, None, args)


def test_mistakes_are_named(args):
    report = gt.check(dense, lambda W, x, dy: (-dense_back(W, x, dy)[0], dense_back(W, x, dy)[1]), args)
    assert "sign" in report.findings[0]["diagnosis"]["text"] and "sign" in str(report)


def test_single_precision_is_noticed(args):
    def single(W, x):
        return np.tanh(np.float32(W) @ np.float32(x))

    report = gt.check(single, lambda W, x, dy: dense_back(np.float32(W), np.float32(x), np.float32(dy)), args)
    assert report.verdict == "right" and report.precision == "f32" and "single precision" in report.summary


def test_kinks_are_said(rng):
    report = gt.check(lambda x: np.abs(x), lambda x, d: d * np.sign(x), (np.array([0.0, 1.0]),))
    assert report.verdict != "right" and report.findings[0]["kink"]
    assert gt.check(lambda x: np.abs(x), lambda x, d: d * np.sign(x), (np.array([0.5, 1.0]),)).verdict == "right"


def test_nan_fails(args):
    assert gt.check(dense, lambda W, x, dy: (W * np.nan, x * 0), args).verdict == "wrong"
    assert gt.check(lambda x: x * np.nan, lambda x, d: d, (np.ones(2),)).verdict != "right"


def test_exceptions_go_through(args):
    calls = []

    def late(W, x):
        calls.append(1)
        if len(calls) > 5:
            raise ZeroDivisionError("mine")
        return dense(W, x)

    with pytest.raises(ZeroDivisionError, match="mine"):
        gt.check(late, dense_back, args)
    with pytest.raises(KeyError):
        gt.check(dense, lambda W, x, dy: {}["a"], args)
    with pytest.raises(gt.ShapeError, match=r"vjp: the gradient of W is \(4, 3\), but \(3, 4\) is wanted"):
        gt.check(dense, lambda W, x, dy: (W.T, x), args)
    with pytest.raises(gt.ShapeError, match="vjp: 1 arrays in place of 2"):
        gt.check(dense, lambda W, x, dy: (W,), args)
    with pytest.raises(gt.DTypeError, match="result"):
        gt.check(lambda W, x: "text", dense_back, args)


def test_what_cannot_be_checked(args):
    for bad in (lambda: gt.check(dense, dense_back, ()), lambda: gt.check(dense, dense_back, (args[0], np.zeros((4, 0)))),
                lambda: gt.check(dense, dense_back, args, names=["W"]), lambda: gt.check(lambda x: x, None, (np.zeros((1,) * 5),)),
                lambda: gt.check(lambda x: x[:0], None, (np.ones(3),))):
        with pytest.raises(gt.Error):
            bad()


def test_shapes_that_change():
    calls = []

    def f(x):
        calls.append(1)
        return x[: 2 if len(calls) > 1 else 3]

    with pytest.raises(gt.ShapeError):
        gt.check(f, lambda x, d: d, (np.ones(3),))
