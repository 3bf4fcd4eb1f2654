"""The tape: operations, derivatives, loops, plans."""
import numpy as np
import pytest

import gradtape as gt
from gradtape import _core, ops

WRITTEN_OUT = ops._WRITTEN_OUT
INDEXED = {"gather", "cross_entropy"}


def test_every_op_of_the_library_is_a_function():
    listed = {name for name, _, _, _ in _core.ops()}
    functions = set(ops.names())
    assert listed - functions == {"input", "fill", "part"}
    assert functions - listed == {"stack", "sum_to", "dropout"}
    for name in functions:
        assert getattr(gt, name) is getattr(ops, name) and getattr(ops, name).__doc__, name


@pytest.mark.parametrize("row", [row for row in _core.ops() if row[0] not in WRITTEN_OUT | INDEXED], ids=lambda row: row[0])
def test_every_op_without_attributes_records_and_runs(row):
    name, arity, kind, _ = row
    t = gt.Tape()
    operands = [t.input("abc"[i], np.full((2, 3), 0.3 + i)) for i in range(arity)]
    y = getattr(ops, name)(*operands)
    assert np.isfinite(y.value).all() and y.op == name
    if kind == "elementwise" and arity == 2:
        assert getattr(ops, name)(operands[0], 2).shape == (2, 3)
    with pytest.raises(gt.ArgumentError, match=f"{name} takes {arity}"):
        getattr(ops, name)(*operands, operands[0])


def test_ops_are_numpy_s(rng):
    a, b = rng.normal(size=(3, 4)), rng.uniform(0.5, 2, size=(3, 4))
    t = gt.Tape()
    x, y = t.input("x", a), t.input("y", b)
    pairs = [
        (x + y, a + b), (x - y, a - b), (x * y, a * b), (x / y, a / b), (-x, -a), (y ** 2.5, b ** 2.5), (y ** x, b ** a),
        (1 - x, 1 - a), (2 / y, 2 / b), (2 + x, 2 + a), (3 * x, 3 * a), (x @ y.T, a @ b.T), (abs(x), abs(a)),
        (gt.exp(x), np.exp(a)), (gt.maximum(x, 0.1), np.maximum(a, 0.1)), (gt.where(x > 0, x, y), np.where(a > 0, a, b)),
        (x < y, (a < b) * 1.0), (x >= 0, (a >= 0) * 1.0), (gt.equal(x, x), np.ones((3, 4))),
        (x.sum(), a.sum().reshape(1, 1)), (x.sum(0), a.sum(0, keepdims=True)), (x.mean(1), a.mean(1, keepdims=True)),
        (x[1:], a[1:]), (x[:, -1], a[:, -1]), (x[0], a[0]), (x[1, 2], a[1, 2]), (x[:, 1:3], a[:, 1:3]), (x[...] if False else x, a),
        (gt.concat([x, y]), np.concatenate([a, b])), (gt.concat([x, y], 1), np.concatenate([a, b], 1)),
        (gt.stack([x, y]), np.stack([a, b], 2)), (gt.pad(x, 1, 1, 2), np.pad(a, ((0, 0), (1, 2)))),
        (gt.cumsum(x, 0), np.cumsum(a, 0)), (gt.cumsum(x, 1, reversed=True), np.cumsum(a[:, ::-1], 1)[:, ::-1]),
        (x.reshape(4, 3), a.reshape(4, 3, order="F")), (gt.broadcast(x[:, :1], (3, 5)), np.repeat(a[:, :1], 5, 1)),
        (gt.sum_to(x, (3, 1)), a.sum(1, keepdims=True)), (gt.matmul(x, y, transpose_a=True), a.T @ b),
        (gt.softmax(x), np.exp(a) / np.exp(a).sum(0)), (gt.split(x, [1, 2])[1], a[1:]),
    ]
    for v, expected in pairs:
        np.testing.assert_allclose(v.value.reshape(np.shape(expected), order="F"), expected, rtol=1e-13, atol=1e-15, err_msg=repr(v))


def test_tables_and_dropout():
    t = gt.Tape()
    table, index = t.parameter("E", np.arange(6.0).reshape(2, 3)), t.input("i", [2, 0], dtype="i32")
    np.testing.assert_array_equal(gt.gather(table, index).value, [[2, 0], [5, 3]])
    np.testing.assert_array_equal(gt.one_hot(index, 3).value, [[0, 1], [0, 0], [1, 0]])
    loss = gt.cross_entropy(t.input("z", np.zeros((3, 2))), index)
    np.testing.assert_allclose(loss.value, np.log(3) * np.ones((1, 2)))
    key = t.input("key", [5], dtype=np.int32)
    mask = gt.dropout_mask(key, (100, 100), 0.25).value
    assert set(np.unique(mask)) == {0, 1 / 0.75} and abs((mask == 0).mean() - 0.25) < 0.02
    with pytest.raises(gt.ArgumentError, match="i"):
        t.evaluate(gt.gather(table, index), {"i": [7, 0]})
    with pytest.raises(gt.DTypeError, match="whole numbers"):
        t.evaluate(loss, {"i": [0.5, 0]})


# ---- derivatives -----------------------------------------------------------------------------


def test_a_gradient_is_numpy_s(rng):
    W, x = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    t = gt.Tape()
    Wv, xv = t.parameter("W", W), t.input("x", x)
    y = gt.sum(gt.tanh(Wv @ xv))
    dW, dx = t.grad(y, [Wv, xv])
    slope = 1 - np.tanh(W @ x) ** 2
    np.testing.assert_allclose(dW.value, slope @ x.T)
    np.testing.assert_allclose(dx.value, W.T @ slope)
    second = t.grad(gt.sum(dW * dW), Wv)  # a gradient has a gradient
    h = 1e-6
    for place in [(0, 0), (1, 2)]:
        step = np.zeros_like(W)
        step[place] = h
        up, down = (t.evaluate(gt.sum(dW * dW), {"W": W + sign * step}) for sign in (1, -1))
        np.testing.assert_allclose(second.value[place], (up - down)[0, 0] / (2 * h), rtol=1e-6)


def test_cotangents_and_tangents(rng):
    a, w = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    t = gt.Tape()
    x, c = t.input("x", a), t.input("c", w)
    y = gt.sin(x)
    np.testing.assert_allclose(t.grad(y, x, c).value, w * np.cos(a))
    np.testing.assert_allclose(t.jvp(y, x, c).value, w * np.cos(a))
    assert [v.shape for v in t.grad([y, y * 2], [x, c], [c, None])] == [(3, 2), (3, 2)]
    with pytest.raises(gt.Error):
        t.grad(y, x, [c, c])
    with pytest.raises(gt.ShapeError):
        t.grad(y, x, t.input("bad", (2, 2)))


# ---- loops -----------------------------------------------------------------------------------


def unrolled(W, xs, h0):
    h, stack = h0, []
    for k in range(xs.shape[2]):
        h = np.tanh(W @ h + xs[:, :, k])
        stack.append(h)
    return h, np.stack(stack, 2)


def test_a_scan_is_the_loop(rng):
    W, xs, h0 = rng.normal(size=(3, 3)), rng.normal(size=(3, 2, 5)), rng.normal(size=(3, 2))
    t = gt.Tape()
    Wv, xv, hv = t.parameter("W", W), t.input("x", xs), t.state("h0", h0)

    def step(h, x):
        h = gt.tanh(Wv @ h + x)
        return h, h

    final, hs = gt.scan(step, hv, xv)
    expected_final, expected = unrolled(W, xs, h0)
    np.testing.assert_allclose(final.value, expected_final)
    np.testing.assert_allclose(hs.value, expected)
    dW, dx = t.grad(hs, [Wv, xv])
    plan = t.plan([dW, dx, hs])
    for planned, interpreted in zip(plan(), t.evaluate([dW, dx, hs])):
        np.testing.assert_allclose(planned, interpreted, rtol=1e-12)
    np.testing.assert_array_equal(t.plan(dW, exact=True)(), dW.value)
    step_size = 1e-6
    bump = np.zeros_like(W)
    bump[1, 2] = step_size
    numeric = (unrolled(W + bump, xs, h0)[1].sum() - unrolled(W - bump, xs, h0)[1].sum()) / (2 * step_size)
    np.testing.assert_allclose(dW.value[1, 2], numeric, rtol=1e-7)


def test_scans_take_trees_and_directions(rng):
    xs = rng.normal(size=(2, 4))
    t = gt.Tape()
    x, h = t.input("x", xs), t.fill((2,), 0)

    def step(states, slices):
        total = states["sum"] + slices[0]
        return {"sum": total, "count": states["count"] + 1}, (total, x)

    final, (totals, invariant) = gt.scan(step, {"sum": h, "count": t.constant(0)}, (x,), reverse=True)
    np.testing.assert_allclose(final["sum"].value.ravel(), xs.sum(1))
    np.testing.assert_allclose(totals.value, xs[:, ::-1].cumsum(1)[:, ::-1])
    assert final["count"].value == 4 and invariant.shape == (2, 4, 4)
    _, nothing = gt.scan(lambda h, _: (h + 1, None), h, steps=3)
    assert nothing is None


def test_scans_nest(rng):
    xs = rng.normal(size=(2, 3, 4))
    t = gt.Tape()
    x = t.input("x", xs)

    def outer(total, columns):
        inner, _ = gt.scan(lambda s, column: (s + column, None), total, columns)
        return inner, None

    total, _ = gt.scan(outer, t.fill((2,), 0), x)
    np.testing.assert_allclose(total.value.ravel(), xs.sum((1, 2)))


def test_scans_refuse(rng):
    t = gt.Tape()
    x, h = t.input("x", (2, 4)), t.fill((2,), 0)
    with pytest.raises(gt.ShapeError, match="another shape"):
        gt.scan(lambda s, c: (gt.concat([s, c]), None), h, x)
    with pytest.raises(gt.ShapeError, match="last axis"):
        gt.scan(lambda s, c: (s, None), h, (x, t.input("z", (2, 5))))
    with pytest.raises(gt.ArgumentError, match="a pair"):
        gt.scan(lambda s, c: s, h, x)
    with pytest.raises(gt.ArgumentError, match="1 states, but step returns 2"):
        gt.scan(lambda s, c: ((s, s), None), h, x)
    with pytest.raises(gt.ArgumentError, match="steps"):
        gt.scan(lambda s, c: (s, None), h)
    with pytest.raises(ZeroDivisionError):
        gt.scan(lambda s, c: 1 / 0, h, x)
    leaked = []
    gt.scan(lambda s, c: (leaked.append(s) or s, None), h, x)
    with pytest.raises(gt.TapeError, match="ended"):
        leaked[0] + 1
    assert gt.scan(lambda s, c: (s + c, None), h, x)[0].shape == (2,)  # the tape goes on


# ---- refusals --------------------------------------------------------------------------------


def test_a_refusal_leaves_the_tape_as_it_was():
    t = gt.Tape()
    W, x = t.parameter("W", np.ones((2, 3))), t.input("x", np.ones((2, 4)))
    count = t.node_count
    with pytest.raises(gt.ShapeError, match="matmul.*'W'.*'x'") as caught:
        W @ x
    assert caught.value.status == "shape mismatch" and t.node_count == count
    assert (W.T @ x).value.shape == (3, 4)


def test_vars_know_their_tapes():
    one, other = gt.Tape(), gt.Tape()
    x, y = one.input("x", (2,)), other.input("y", (2,))
    with pytest.raises(gt.TapeError, match="different tapes"):
        x + y
    with pytest.raises(gt.TapeError, match="another tape"):
        one.evaluate(x, {y: [1, 2]})
    assert x != y and x == one.leaves[0] and len({x, one.leaves[0], y}) == 2
    with pytest.raises(gt.TapeError, match="neither true nor false"):
        bool(x)
    with pytest.raises(TypeError):
        list(x)


def test_values_are_asked_for():
    t = gt.Tape()
    x, y = t.input("x", (2,)), t.input("y", [1.0, 2.0])
    with pytest.raises(gt.UnboundError, match="no value for x"):
        (x + y).value
    with pytest.raises(gt.UnboundError, match="no value for x"):
        t.plan(x + y)()
    with pytest.raises(gt.ArgumentError, match="0 inputs of the name 'xx'; did you mean 'x'"):
        t.evaluate(x, {"xx": [1, 2]})
    with pytest.raises(gt.ShapeError, match=r"x is \(3,\), but on the tape it is \(2,\)"):
        t.evaluate(x, {"x": [1, 2, 3]})
    np.testing.assert_array_equal(t.evaluate(x + y, {x: [1, 2]}), [2, 4])
    with pytest.raises(gt.NotFiniteError, match="log"):
        t.evaluate(gt.log(x), {x: [-1, 1]}, check_finite=True)
    assert np.isnan(t.evaluate(gt.log(x), {x: [-1, 1]})[0])


def test_a_plan_outlives_its_tape_s_handle():
    def make():
        t = gt.Tape()
        x = t.input("x", [1.0, 2.0])
        return t.plan(x * x)

    assert make()().tolist() == [1, 4]


def test_a_plan_keeps_a_memory_budget():
    t = gt.Tape()
    x, W = t.input("x", np.ones((4, 3, 400))), t.parameter("W", np.full((4, 4), 0.1))
    final, hs = gt.scan(lambda h, x: ((h2 := gt.tanh(W @ h + x)), h2), t.fill((4, 3), 0), x)
    outputs = [final, t.grad(hs, W)]
    free = t.plan(outputs, exact=True)
    assert free.bytes > 40000
    cut = t.plan(outputs, exact=True, memory=20000)
    assert cut.bytes <= 20000
    for a, b in zip(free(), cut()):
        assert (a == b).all()
    with pytest.raises(MemoryError, match="the least that was found is"):
        t.plan(outputs, memory=100)
    with pytest.raises(gt.ArgumentError, match="at least 1"):
        t.plan(outputs, memory=0)


def test_single_precision():
    t = gt.Tape("float32")
    y = t.input("x", [0.1, 0.2]) * 3
    assert y.dtype == "f32" and y.value.dtype == np.float32
    with pytest.raises(gt.DTypeError, match="float64.*float32"):
        gt.Tape("int32")
