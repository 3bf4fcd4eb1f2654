"""Functions of torch tensors."""
import numpy as np
import pytest

import gradtape as gt

torch = pytest.importorskip("torch", reason="Debian: python3-torch")


class Dense(torch.autograd.Function):
    """tanh(W x), with its gradient by hand."""

    factor = 1.0

    @staticmethod
    def forward(ctx, W, x, exponent):
        y = torch.tanh(W @ x) ** exponent
        ctx.save_for_backward(W, x, y)
        return y

    @staticmethod
    def backward(ctx, dy):
        W, x, y = ctx.saved_tensors
        slope = dy * (1 - y**2) * Dense.factor
        return slope @ x.T, W.T @ slope, None


@pytest.fixture
def args():
    torch.manual_seed(1)
    return torch.randn(3, 4, dtype=torch.float64), torch.randn(4, 2), 1


def test_a_function_of_torch_is_checked(args, monkeypatch):
    report = gt.check_function(Dense, args)
    assert report.verdict == "right" and report.subject == "Dense" and report.counts["numeric"]["entries"] == 20
    monkeypatch.setattr(Dense, "factor", 2.0)
    report = gt.check_function(Dense, args)
    assert report.verdict == "wrong" and {f["of"] for f in report.findings} == {"W", "x"}
    with pytest.raises(gt.ArgumentError, match="no floating-point tensor"):
        gt.check_function(Dense, (1, torch.tensor([1])))


def test_functions_of_tensors(args):
    def f(W, x):
        assert isinstance(W, torch.Tensor) and W.dtype == torch.float64
        return torch.tanh(W @ x)

    def back(W, x, dy):
        slope = dy * (1 - torch.tanh(W @ x) ** 2)
        return slope @ x.T, W.T @ slope

    assert gt.check(f, back, args[:2]).verdict == "right"
    assert gt.check(f, lambda W, x, dy: (back(W, x, dy)[0], back(W, x, dy)[1] * 3), args[:2]).verdict == "wrong"


def test_tensors_are_arrays(args):
    cell = gt.Cell("lstm", layout="time_first")
    p = {name: torch.from_numpy(a).requires_grad_() for name, a in cell.parameters(n_x=3, n_a=5).items()}
    x = torch.randn(6, 4, 3, dtype=torch.float64)
    np.testing.assert_array_equal(cell.run(x, p)["a"], cell.run(x.numpy(), {n: a.detach().numpy() for n, a in p.items()})["a"])


def test_torch_is_not_imported_unasked():
    import subprocess
    import sys

    code = "import gradtape, sys; gradtape.Cell('lstm').check(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
