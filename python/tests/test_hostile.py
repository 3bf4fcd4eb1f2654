"""Anything that Python can pass is right or an error, never a crash: also run with a sanitizer."""
import array
import gc
import signal
import threading
import time

import numpy as np
import pytest

import gradtape as gt
from conftest import SANITIZED, make
from gradtape import _core

GOOD = np.arange(6.0).reshape(2, 3)


def double(value, dtype="f64"):
    t = gt.Tape(dtype)
    x = t.input("x", (2, 3))
    return t.plan(x * 2)({"x": value}), t.evaluate(x * 2, {"x": value})


# ---- memory of every kind --------------------------------------------------------------------


def misaligned(a):
    raw = np.zeros(a.nbytes + 1, np.uint8)
    view = raw[1:].view(a.dtype).reshape(a.shape)
    view[...] = a
    return view


def read_only(a):
    a = a.copy()
    a.setflags(write=False)
    return a


FORMS = {
    "C": np.ascontiguousarray, "F": np.asfortranarray, "strided": lambda a: np.repeat(np.repeat(a, 2, 0), 3, 1)[::2, ::3],
    "negative": lambda a: a[::-1, ::-1].copy()[::-1, ::-1], "stretched": lambda a: np.broadcast_to(a, a.shape),
    "read-only": read_only, "misaligned": misaligned, "other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "float32": lambda a: a.astype("f4"), "float16": lambda a: a.astype("f2"), "longdouble": lambda a: a.astype(np.longdouble),
    "int8": lambda a: a.astype("i1"), "uint64": lambda a: a.astype("u8"), "list": lambda a: a.tolist(),
    "bytes": lambda a: np.frombuffer(a.tobytes()).reshape(a.shape), "memoryview": memoryview, "matrix": np.matrix,
    "subclass": lambda a: a.view(np.recarray), "masked, without a mask": np.ma.array,
    "array protocol": lambda a: type("Mine", (), {"__array__": lambda self, dtype=None: a})(),
}


@pytest.mark.parametrize("dtype", ["f64", "f32"])
@pytest.mark.parametrize("form", FORMS)
def test_arrays_of_every_kind_are_read(form, dtype):
    for result in double(FORMS[form](GOOD), dtype):
        np.testing.assert_array_equal(result, GOOD * 2)


REFUSED = {
    "objects": np.array([[1, 2, 3], [4, 5, None]], object), "text": np.array([["a"] * 3] * 2), "complex": GOOD + 1j,
    "dates": np.zeros((2, 3), "M8[s]"), "records": np.zeros((2, 3), "f8,f8"), "ragged": [[1, 2, 3], [4]],
    "nothing": None, "a mapping": {"a": 1}, "masked": np.ma.masked_greater(GOOD, 2), "huge whole numbers": np.full((2, 3), 2**60),
    "empty": np.zeros((0, 3)), "one number": 7.0, "transposed": GOOD.T, "five axes": np.zeros((2, 3, 1, 1, 1)),
    "more": np.zeros((2, 3, 2)), "a type": float, "itself": gt,
}


@pytest.mark.parametrize("form", REFUSED)
def test_what_is_no_such_array_is_refused(form):
    if form == "five axes":  # (2, 3) as it is: axes of size 1 that are not named
        np.testing.assert_array_equal(double(REFUSED[form])[0], np.zeros((2, 3)))
        return
    with pytest.raises(gt.Error):
        double(REFUSED[form])


def test_numbers_that_are_none_are_numbers():
    strange = np.array([[np.nan, np.inf, -np.inf], [-0.0, 5e-324, 1.7e308]])
    planned, interpreted = double(strange)
    np.testing.assert_array_equal(planned, interpreted)
    np.testing.assert_array_equal(np.isnan(planned), np.isnan(strange))
    with pytest.raises(gt.NotFiniteError, match="too large"):
        double(strange, "f32")


@pytest.mark.parametrize("shape", [(0,), (-1,), (2, 0), (2**62, 2**62), (2**31, 2**31, 2), (1, 1, 1, 1, 1), (2**63 - 1,)])
def test_shapes_that_cannot_be(shape):
    t = gt.Tape()
    with pytest.raises(gt.Error):
        t.plan(t.input("x", shape) * 2)()
    with pytest.raises(gt.Error):
        t.fill(shape, 1)
    with pytest.raises((OverflowError, gt.Error)):
        t.fill((2**64,), 1)


def test_results_that_do_not_fit_into_memory():
    t = gt.Tape()
    large = gt.broadcast(t.constant(1), (2**20, 2**20, 2**10))
    with pytest.raises(MemoryError):
        large.value
    with pytest.raises((MemoryError, gt.Error)):
        t.plan(gt.sum(gt.tanh(t.input("x", (1,)) + large)))({"x": [1]})


def test_axes_and_sizes_out_of_range():
    t = gt.Tape()
    x = t.input("x", GOOD)
    for bad in (lambda: gt.sum(x, 7), lambda: gt.sum(x, -3), lambda: gt.sum(x, 2**40), lambda: gt.slice(x, 0, 1, 9),
                lambda: gt.slice(x, 0, -1, 1), lambda: gt.slice(x, 0, 2, 1), lambda: x[:, ::2], lambda: x[2], lambda: x[0:0],
                lambda: gt.split(x, [1]), lambda: gt.split(x, []), lambda: gt.split(x, [-1, 3]), lambda: gt.concat([]),
                lambda: gt.concat([x, 1]), lambda: gt.stack([]), lambda: gt.reshape(x, (5,)), lambda: gt.one_hot(x, 3),
                lambda: gt.gather(x, x), lambda: gt.pad(x, 0, -1, 0), lambda: gt.pad(x, 0, 2**62, 2**62), lambda: x ** "a",
                lambda: x + "a", lambda: x + None, lambda: x + GOOD, lambda: GOOD + x, lambda: GOOD @ x, lambda: x @ 2,
                lambda: gt.tanh(1), lambda: gt.tanh(GOOD), lambda: gt.add(1, 2), lambda: gt.dropout_mask(x, (2,), 0.5),
                lambda: x["a"], lambda: x[1.5], lambda: gt.sum(x, 1.5), lambda: x ** 10**400, lambda: gt.grad(x, []) and None or 1 / 0,
                lambda: gt.grad([], x), lambda: gt.jvp(x, [], []), lambda: gt.grad(1, x), lambda: t.input("a\0b", (2,)),
                lambda: t.input("\ud800", (2,)), lambda: t.evaluate([x, 1]), lambda: t.plan([]), lambda: t.plan(x, threads=0),
                lambda: t.plan(x, threads=-3), lambda: t.plan(x, threads=10**6), lambda: t.evaluate(x, {1: 2}), lambda: t.evaluate(x, 7)):
        with pytest.raises((gt.Error, TypeError, ValueError, IndexError, OverflowError, AttributeError, ZeroDivisionError)):
            bad()
    np.testing.assert_array_equal((x + 0).value, GOOD)  # the tape goes on


def test_the_extension_refuses_what_is_not_its_own():
    t = gt.Tape()
    x = t.input("x", GOOD)
    for bad in (lambda: _core.Var(), lambda: _core.Tape(), lambda: _core.interpret(t, [x], [GOOD], [x], [GOOD[:1]], False),
                lambda: _core.interpret(t, [x], [np.zeros((2, 2))], [x], [GOOD], False),
                lambda: _core.interpret(t, [x], [np.zeros((2, 3))], [x], [np.asfortranarray(GOOD.astype("f4"))], False),
                lambda: _core.interpret(t, [x], [b"123456" * 8], [x], [GOOD], False), lambda: _core.interpret(1, [], [], [], [], 0),
                lambda: _core.apply("nothing", [x]), lambda: _core.apply("pow", [x]), lambda: _core.apply("slice", [x]),
                lambda: _core.apply("input", []), lambda: _core.set_var_class(int), lambda: _core.Plan([x], [x], None, False).run([], []),
                lambda: _core.Scan(t, -1, False), lambda: _core.Scan(t, 0, False), lambda: _core.Cell(b"\xff\0", "f", None, [(1, 2)], []), lambda: _core.Cell(b"cell c", "f", None, [], [(1, 2)]),
                lambda: _core.evaluate_size("n", 3), lambda: _core.graph([x], [1], "", False, [], "dot")):
        with pytest.raises((gt.Error, TypeError, ValueError, BufferError)):
            bad()


def test_texts_that_are_no_cells():
    for text in ("\n", "cell\n", "cell a\n" * 3, "\0\n", "cell a\n input x[\ud800]\n", "\n" * 1000, "cell a\n  input x[n]\n  state h[" + "(" * 9999 + "n]\n"):
        with pytest.raises(gt.CellError):
            gt.Cell(text)
    for bad in (b"cell a\n", None, 1.5, ["lstm"], ""):
        with pytest.raises((gt.Error, TypeError)):
            gt.Cell(bad)


# ---- lives -----------------------------------------------------------------------------------


def test_arrays_that_are_freed_early():
    t = gt.Tape()
    x = t.input("x", (1000, 100))
    plan = t.plan(gt.tanh(x))
    for i in range(20):
        result = plan({"x": np.full((1000, 100), float(i))})
        gc.collect()
        assert (result == np.tanh(i)).all() or np.allclose(result, np.tanh(i))
    numbers = array.array("d", [1.0] * 6)
    y = t.input("y", np.frombuffer(numbers).reshape(3, 2).T)
    z = (y + 0).value
    with pytest.raises(BufferError):
        numbers.append(2.0)  # the tape holds it
    assert (z == 1).all()


def test_everything_is_freed_in_any_order():
    t = gt.Tape()
    x = t.input("x", GOOD)
    final, stack = gt.scan(lambda s, c: (s + c, s), t.fill((2,), 0), x)
    plan = t.plan([stack])
    del t, x, final
    gc.collect()
    assert stack.value.shape == (2, 3)
    del stack
    gc.collect()
    assert plan()[0].shape == (2, 3)


@pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps what is freed for a while")
def test_memory_does_not_grow():
    import resource

    cell, p, x = make("lstm", np.random.default_rng(1), m=16, steps=20)
    for round in range(3):
        for _ in range(60):
            cell.run(x, p)
            t = gt.Tape()
            t.grad(gt.sum(gt.tanh(t.input("x", GOOD) @ t.input("y", GOOD.T))), t.leaves)
            with pytest.raises(gt.ShapeError):
                t.input("z", GOOD) @ t.leaves[0]
        if round == 0:
            first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < first + 8192  # kB


# ---- threads and signals ---------------------------------------------------------------------


def test_two_threads_run_two_plans_and_one_plan(rng):
    t = gt.Tape()
    W, x = t.parameter("W", rng.normal(size=(40, 40)) / 6), t.input("x", (40, 64))
    _, hs = gt.scan(lambda h, _: ((h2 := gt.tanh(W @ h)), h2), x, steps=60)
    shared, others = t.plan(hs), [t.plan(hs * k, threads=1) for k in (1, 2)]
    inputs = [rng.normal(size=(40, 64)) for _ in range(4)]
    expected = [shared({"x": a}) for a in inputs]
    wrong = []

    def work(place):
        for _ in range(10):
            if not np.array_equal(shared({"x": inputs[place]}), expected[place]):
                wrong.append(place)
            if not np.allclose(others[place % 2]({"x": inputs[place]}), expected[place] * (place % 2 + 1), rtol=1e-12):
                wrong.append(place)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not wrong


def long_loop(steps):
    t = gt.Tape()
    W, x = t.parameter("W", np.eye(64) * 0.9), t.input("x", np.ones((64, 64)))
    final, _ = gt.scan(lambda h, _: (gt.tanh(W @ h), None), x, steps=steps)
    return t, final


def test_the_lock_is_released_and_a_busy_tape_says_so():
    t, final = long_loop(4000)
    seen = []

    def look():
        time.sleep(0.05)
        try:
            t.input("y", (2,))
        except gt.TapeError as problem:
            seen.append(str(problem))

    thread = threading.Thread(target=look)
    thread.start()
    t.evaluate(final)
    thread.join()
    assert len(seen) == 1 and "another thread" in seen[0]
    t.input("y", (2,))


def interrupted(call):
    timer = threading.Timer(0.2, lambda: signal.raise_signal(signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        call()
    timer.join()
    return time.monotonic() - start


def test_ctrl_c_ends_long_calls():
    t, final = long_loop(10**7)
    assert interrupted(lambda: t.evaluate(final)) < 20
    plan = t.plan(final)
    assert interrupted(plan) < 20
    assert interrupted(lambda: gt.Cell("lstm").check(steps=400, examples=200)) < 20
    slow = (lambda x: x + 0 * float(np.linalg.norm(np.ones((700, 700)))))
    assert interrupted(lambda: [gt.check(slow, lambda x, d: d, (np.ones(40),)) for _ in range(10**4)]) < 20
    t2, small = long_loop(3)
    assert np.isfinite(t2.evaluate(small)).all()


def test_plans_run_in_a_forked_child():
    import os

    t, final = long_loop(300)
    plan = t.plan(final)
    expected = plan()
    child = os.fork()
    if child == 0:
        os._exit(0 if np.allclose(plan(), expected) and np.allclose(t.plan(final)(), expected) else 1)
    assert os.waitpid(child, 0)[1] == 0
