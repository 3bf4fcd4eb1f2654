"""Plans in two halves, as the extension has them for gradtape.torch: right, or an error, also with a sanitizer."""
import gc
import threading

import numpy as np
import pytest

import gradtape as gt
from gradtape import _core


def halves(late=1, threads=None):
    """y = tanh(W x), and the gradients of W and x from dy."""
    t = gt.Tape()
    W, x = t.parameter("W", (3, 4)), t.input("x", (4, 2))
    y = gt.tanh(W @ x)
    dy = t.input("dy", y.shape)
    outputs = [y, *t.grad(y, [W, x], dy)]
    return _core.Plan(outputs, [W, x, dy], threads, False, late), [np.empty(v.shape, order="F") for v in outputs]


def numbers(seed):
    rng = np.random.default_rng(seed)
    return [np.asfortranarray(rng.standard_normal(shape)) for shape in ((3, 4), (4, 2), (3, 2))]


def expected(W, x, dy):
    y = np.tanh(W @ x)
    slope = dy * (1 - y**2)
    return y, slope @ x.T, W.T @ slope


def finish(plan, waiting, given, results):
    plan.backward(waiting, given, results[1:], 1)
    for value, right in zip(results, expected(*given)):
        np.testing.assert_allclose(value, right, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("threads", [None, 2])
def test_halves_wait_for_each_other(threads):
    plan, results = halves(threads=None if threads is None else _core.Threads(threads))
    given = [numbers(i) for i in range(12)]
    waiting = []
    for one in given:
        waiting.append(plan.forward(one[:2], results[:1]))
        np.testing.assert_allclose(results[0], expected(*one)[0], rtol=1e-13)
    for i in (5, 0, 11, 5, 3, 0):  # where it has been used, the forward half is run again
        results[0][...] = expected(*given[i])[0]
        finish(plan, waiting[i], given[i], results)
    del plan
    gc.collect()
    del waiting
    gc.collect()


def test_addresses_are_arrays_that_somebody_holds():
    plan, results = halves()
    given = numbers(1)
    waiting = plan.forward([a.ctypes.data for a in given[:2]], results[:1])
    plan.backward(waiting, [a.ctypes.data for a in given], results[1:], 1)
    for value, right in zip(results, expected(*given)):
        np.testing.assert_allclose(value, right, rtol=1e-13, atol=1e-14)
    for bad in (0, given[0].ctypes.data + 1, -1, 2**80, True):
        with pytest.raises((gt.ArgumentError, OverflowError)):
            plan.forward([bad, given[1]], results[:1])
    with pytest.raises(TypeError):
        plan.forward(given[:2], [results[0].ctypes.data])


def test_what_is_refused():
    plan, results = halves()
    other, _ = halves()
    given = numbers(2)
    waiting = plan.forward(given[:2], results[:1])
    for call, error in [
        (lambda: halves(late=4), gt.ArgumentError), (lambda: halves(late=-1), gt.ArgumentError),
        (lambda: plan.forward(given, results[:1]), gt.ArgumentError), (lambda: plan.forward(given[:2], results), gt.ArgumentError),
        (lambda: plan.forward(given[:2], results + results), gt.ArgumentError),
        (lambda: plan.forward([given[0], given[0]], results[:1]), gt.ShapeError), (lambda: plan.forward(3, results[:1]), TypeError),
        (lambda: plan.backward(waiting, given[:2], results[1:], 1), gt.ArgumentError),
        (lambda: plan.backward(waiting, given, results[1:], 2), gt.ArgumentError),
        (lambda: plan.backward(waiting, given, results[1:], -1), gt.ArgumentError),
        (lambda: plan.backward(waiting, given, results[1:], 2**63 - 1), gt.ArgumentError),
        (lambda: plan.backward(None, given, results[1:], 1), gt.ArgumentError),
        (lambda: other.backward(waiting, given, results[1:], 1), gt.ArgumentError),
        (lambda: _core.Waiting(), TypeError), (lambda: type(waiting)(), TypeError),
        (lambda: halves(late=0)[0].forward(given, results[:1]), gt.ArgumentError),
    ]:
        with pytest.raises(error):
            call()
    finish(plan, waiting, given, results)


def test_halves_of_several_threads():
    plan, _ = halves()
    wrong = []

    def work(seed):
        given = numbers(seed)
        results = [np.empty(shape, order="F") for shape in ((3, 2), (3, 4), (4, 2))]
        try:
            for _ in range(200):
                finish(plan, plan.forward(given[:2], results[:1]), given, results)
        except BaseException as problem:  # noqa: B902
            wrong.append(problem)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_one_half_is_used_by_one_thread():
    plan, results = halves()
    given = numbers(7)
    waiting = plan.forward(given[:2], results[:1])
    wrong = []

    def work():
        own = [results[0].copy(order="F"), *(np.empty(v.shape, order="F") for v in results[1:])]
        try:
            for _ in range(100):
                finish(plan, waiting, given, own)
        except BaseException as problem:  # noqa: B902
            wrong.append(problem)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
