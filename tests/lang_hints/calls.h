/* Functions, as NumPy, PyTorch and others call them. A table: one line for each; see ../test_lang_hints.c. */
/* clang-format off */
LINE("  q = np.dot(W, z)", 6, 7, "there is no function dot",
     "write W @ z")
LINE("  q = np.tanh(h)", 6, 7, "functions stand alone, without np.",
     "write tanh(h)")
LINE("  q = torch.sigmoid(h)", 6, 7, "functions stand alone, without torch.",
     "write sigmoid(h)")
LINE("  q = F.relu(h)", 6, 7, "functions stand alone, without F.",
     "write relu(h)")
LINE("  q = jnp.tanh(h)", 6, 7, "functions stand alone, without jnp.",
     "write tanh(h)")
LINE("  q = nn.functional.relu(h)", 6, 7, "functions stand alone, without nn.",
     "write relu(h)")
LINE("  q = torch.nn.functional.softplus(h)", 6, 7, "functions stand alone, without torch.",
     "write softplus(h)")
LINE("  q = math.exp(h)", 6, 7, "functions stand alone, without math.",
     "write exp(h)")
LINE("  q = np.linalg.norm(h)", 6, 7, "functions stand alone, without np.",
     "write norm(h)")
LINE("  q = tf.nn.relu(h)", 6, 7, "functions stand alone, without tf.",
     "write relu(h)")
LINE("  q = np.matmul(W, z)", 6, 7, "there is no function matmul",
     "write W @ z")
LINE("  q = h.dot(U)", 6, 7, "there is no function dot",
     "write h @ U")
LINE("  q = h.sum(axis=0)", 6, 7, "functions stand alone, not behind a point",
     "write sum(h, axis=0)")
LINE("  q = W.transpose()", 6, 7, "there is no function transpose",
     "write W.T")
LINE("  q = W.t()", 6, 7, "there is no function t",
     "write W.T")
LINE("  q = h.mean()", 6, 7, "functions stand alone, not behind a point",
     "write mean(h)")
LINE("  q = \xCF\x83(h)", 6, 7, "there is no function sigma",
     "write sigmoid(h)")
LINE("  q = \xCF\x86(h)", 6, 7, "there is no function \xCF\x86",
     "functions have names: tanh, sigmoid, relu, softplus, exp, ...")
LINE("  q = [h; x]", 6, 7, "there are no lists in a cell",
     "write concat(h, x)")
LINE("  q = [h, x]", 6, 7, "there are no lists in a cell",
     "write concat(h, x)")
LINE("  q = swish(h)", 6, 7, "there is no function swish",
     "write silu(h)")
LINE("  q = selu(h)", 6, 7, "there is no function selu",
     "write 1.0507009874 * where(h > 0, h, 1.6732632423 * (exp(minimum(h, 0)) - 1))")
LINE("  q = hardtanh(h)", 6, 7, "there is no function hardtanh",
     "write minimum(maximum(h, -1), 1)")
LINE("  q = hard_sigmoid(h)", 6, 7, "there is no function hard_sigmoid",
     "write hardsigmoid(h)")
LINE("  q = softsign(h)", 6, 7, "there is no function softsign",
     "write h / (1 + abs(h))")
LINE("  q = mish(h)", 6, 7, "there is no function mish",
     "write h * tanh(softplus(h))")
LINE("  q = relu6(h)", 6, 7, "there is no function relu6",
     "write minimum(relu(h), 6)")
LINE("  q = ceil(h)", 6, 7, "there is no function ceil",
     "write -floor(-h)")
LINE("  q = randn_like(h)", 6, 7, "there is no function randn_like",
     "write normal(1, h)")
LINE("  q = rand_like(h)", 6, 7, "there is no function rand_like",
     "write uniform(0, 1, h)")
LINE("  q = ger(h, b)", 6, 7, "there is no function ger",
     "write outer(h, b): a matrix for each example; the sum over the examples is u @ v.T")
LINE("  q = inner(h, b)", 6, 7, "there is no function inner",
     "write sum(h * b, axis=0): of each example")
LINE("  q = eye(n_a)", 6, 7, "there is no function eye",
     "the identity times u is u; a parameter may begin as ~ identity")
LINE("  q = identity(n_a)", 6, 7, "there is no function identity",
     "the identity times u is u; a parameter may begin as ~ identity")
LINE("  q = zeros(n_a)", 6, 7, "there is no function zeros",
     "write 0: a number stretches to any shape")
LINE("  q = ones(n_a)", 6, 7, "there is no function ones",
     "write 1: a number stretches to any shape")
LINE("  q = ones(n_a, m)", 6, 7, "there is no function ones",
     "write 1: a number stretches to any shape")
LINE("  q = zeros_like(h)", 6, 7, "there is no function zeros_like",
     "write 0: a number stretches to any shape")
LINE("  q = ones_like(h)", 6, 7, "there is no function ones_like",
     "write 1: a number stretches to any shape")
LINE("  q = full(n_a, 1)", 6, 7, "there is no function full",
     "write 1: a number stretches to any shape")
LINE("  q = view(h, n_a)", 6, 7, "there is no function view",
     "write reshape(u, n_h, n_k) of u[n_h * n_k]; the examples stay")
LINE("  q = cat(h, x)", 6, 7, "there is no function cat",
     "write concat(h, x)")
LINE("  q = cat([h, x])", 6, 7, "there is no function cat",
     "write concat(h, x)")
LINE("  q = concat([h, x])", 6, 14, "there are no lists in a cell",
     "write concat(h, x)")
LINE("  q = concat([h, x], axis=0)", 6, 14, "there are no lists in a cell",
     "write concat(h, x)")
LINE("  q = concat(h, x, axis=0)", 6, 20, "concat takes no 'axis='",
     "features, the rows, are joined as it is: leave it out")
LINE("  q = concat(h, x, axis=1)", 6, 20, "concat takes no 'axis='",
     "the examples, axis 1, cannot be joined; concat(u, v) joins the features")
LINE("  q = concat(h, x, dim=0)", 6, 20, "concat takes no 'dim='",
     "features, the rows, are joined as it is: leave it out")
LINE("  q = concat((h, x))", 6, 14, "there are no tuples in a cell",
     "write concat(h, x)")
LINE("  q = torch.cat([h, x], dim=1)", 6, 7, "there is no function cat",
     "write concat(h, x)")
LINE("  q = concatenate((h, x))", 6, 7, "there is no function concatenate",
     "write concat(h, x)")
LINE("  q = hstack(h, x)", 6, 7, "there is no function hstack",
     "write concat(h, x): one above the other: features can be joined, examples cannot")
LINE("  q = vstack(h, x)", 6, 7, "there is no function vstack",
     "write concat(h, x)")
LINE("  q = stack(h, x)", 6, 7, "there is no function stack",
     "write concat(h, x)")
LINE("  q = np.vstack((h, x))", 6, 7, "there is no function vstack",
     "write concat(h, x)")
LINE("  q = einsum(\"ij,jk->ik\", W, z)", 6, 7, "there is no function einsum",
     "products are written W @ u, S @ u, outer(u, v) and u * v, sums sum(u, axis=0)")
LINE("  q = matmul(W, z)", 6, 7, "there is no function matmul",
     "write W @ z")
LINE("  q = dot(W, z)", 6, 7, "there is no function dot",
     "write W @ z")
LINE("  q = mm(W, z)", 6, 7, "there is no function mm",
     "write W @ z")
LINE("  q = bmm(W, z)", 6, 7, "there is no function bmm",
     "write W @ z")
LINE("  q = clip(h, -1, 1)", 6, 7, "there is no function clip",
     "write minimum(maximum(h, -1), 1)")
LINE("  q = clamp(h, -1, 1)", 6, 7, "there is no function clamp",
     "write minimum(maximum(h, -1), 1)")
LINE("  q = sum(h, axis=2)", 6, 7, "axis is 0, over the features, or 1, over the examples",
     NULL)
LINE("  q = sum(h, dim=0)", 6, 14, "sum takes no 'dim='",
     "write axis=0 for the sum over the features, the rows, and axis=1 over the examples, the columns; the axis is kept")
LINE("  q = sum(h, dim=1, keepdim=True)", 6, 14, "sum takes no 'dim='",
     "write axis=0 for the sum over the features, the rows, and axis=1 over the examples, the columns; the axis is kept")
LINE("  q = sum(h, keepdims=False)", 6, 23, "sums and means always keep their axis: keepdims=True",
     "leave it out: an axis of size 1 stretches")
LINE("  q = sum(h, axis=0, keepdims=False)", 6, 31, "sums and means always keep their axis: keepdims=True",
     "leave it out: an axis of size 1 stretches")
LINE("  q = sum(h, axis=[0, 1])", 6, 19, "axis is 0, over the features, or 1, over the examples",
     "over both it is left out: sum(u)")
LINE("  q = sum(h, axis=(0, 1))", 6, 19, "axis is 0, over the features, or 1, over the examples",
     "over both it is left out: sum(u)")
LINE("  q = sum(h, axis=None)", 6, 19, "axis is 0, over the features, or 1, over the examples",
     "over both it is left out: sum(u)")
LINE("  q = sum(h, axis)", 6, 7, "sum takes one argument, not 2",
     "write sum(u, axis=0) over the features, axis=1 over the examples, sum(u) over both")
LINE("  q = sum(h, b)", 6, 7, "sum takes one argument, not 2",
     "write sum(u, axis=0) over the features, axis=1 over the examples, sum(u) over both")
LINE("  q = sum(h, x, b)", 6, 7, "sum takes one argument, not 3",
     "write sum(u, axis=0) over the features, axis=1 over the examples, sum(u) over both")
LINE("  q = softmax(h, dim=0)", 6, 18, "softmax takes no 'dim='",
     "it is over the features, the rows, as it is: write softmax(h)")
LINE("  q = softmax(h, dim=-1)", 6, 18, "softmax takes no 'dim='",
     "it is over the features, the rows, as it is: write softmax(h)")
LINE("  q = softmax(h, 0)", 6, 7, "softmax takes one argument, not 2",
     "it is over the features, the rows, as it is: write softmax(h)")
LINE("  q = softmax(h, 1)", 6, 7, "softmax takes one argument, not 2",
     "it is over the features, the rows: write softmax(h); over the examples, axis 1, there is softmax(u.T).T")
LINE("  q = log_softmax(h)", 6, 7, "there is no function log_softmax",
     "write log(softmax(h))")
LINE("  q = h(t-1)", 6, 7, "h is no function",
     "h is the state before the step, and h' the one after it")
LINE("  q = h(3)", 6, 7, "h is no function",
     "a product needs its operator: h * 3")
LINE("  q = W(z)", 6, 7, "W is no function",
     "a product needs its operator: W @ z")
LINE("  q = Tanh(h)", 6, 7, "there is no function Tanh",
     "did you mean tanh\?")
LINE("  q = TANH(h)", 6, 7, "there is no function TANH",
     "did you mean tanh\?")
LINE("  q = Sigmoid(h)", 6, 7, "there is no function Sigmoid",
     "did you mean sigmoid\?")
LINE("  q = sigm(h)", 6, 7, "there is no function sigm",
     "write sigmoid(h)")
LINE("  q = sgm(h)", 6, 7, "there is no function sgm",
     "did you mean sum\?")
LINE("  q = ReLU(h)", 6, 7, "there is no function ReLU",
     "did you mean relu\?")
LINE("  q = th(h)", 6, 7, "there is no function th",
     "write tanh(h)")
LINE("  q = tan(h)", 6, 7, "there is no function tan",
     "write sin(h) / cos(h)")
LINE("  q = arctan(h)", 6, 7, "there is no function arctan",
     "the functions are those of docs/cells.md; none is close to this one")
LINE("  q = sinh(h)", 6, 7, "there is no function sinh",
     "write (exp(h) - exp(-h)) / 2")
LINE("  q = erf(h)", 6, 7, "there is no function erf",
     "the functions are those of docs/cells.md; none is close to this one")
LINE("  q = exp2(h)", 6, 7, "there is no function exp2",
     "write exp(log(2) * h)")
LINE("  q = expm1(h)", 6, 7, "there is no function expm1",
     "write exp(h) - 1")
LINE("  q = log2(h)", 6, 7, "there is no function log2",
     "write log(h) / log(2)")
LINE("  q = log10(h)", 6, 7, "there is no function log10",
     "write log(h) / log(10)")
LINE("  q = rsqrt(h)", 6, 7, "there is no function rsqrt",
     "write h**-0.5")
LINE("  q = neg(h)", 6, 7, "there is no function neg",
     "write -h")
LINE("  q = add(h, b)", 6, 7, "there is no function add",
     "write h + b")
LINE("  q = sub(h, b)", 6, 7, "there is no function sub",
     "write h - b")
LINE("  q = mul(h, b)", 6, 7, "there is no function mul",
     "write h * b")
LINE("  q = div(h, 2)", 6, 7, "there is no function div",
     "write h / 2")
LINE("  q = max(h, 0)", 6, 7, "there is no function max",
     "write maximum(h, 0): there is no maximum along an axis")
LINE("  q = max(h)", 6, 7, "there is no function max",
     "write maximum(u, v): there is no maximum along an axis")
LINE("  q = amax(h)", 6, 7, "there is no function amax",
     "there is no maximum along an axis; maximum(u, v) is of two arrays, element by element")
LINE("  q = argmax(h)", 6, 7, "there is no function argmax",
     "there is no maximum along an axis; maximum(u, v) is of two arrays, element by element")
LINE("  q = min(h, 1)", 6, 7, "there is no function min",
     "write minimum(h, 1): there is no minimum along an axis")
LINE("  q = std(h)", 6, 7, "there is no function std",
     "write sqrt(mean((h - mean(h, axis=0))**2, axis=0) + 1e-5)")
LINE("  q = var(h)", 6, 7, "there is no function var",
     "write mean((h - mean(h, axis=0))**2, axis=0)")
LINE("  q = prod(h)", 6, 7, "there is no function prod",
     "sums and means over an axis are sum(u, axis=0) and mean(u, axis=0); there is no other reduction")
LINE("  q = cumsum(h, axis=0)", 6, 17, "cumsum takes no 'axis='",
     "it is over the features, the rows, as it is: write cumsum(h)")
LINE("  q = cumprod(h)", 6, 7, "there is no function cumprod",
     "sums and means over an axis are sum(u, axis=0) and mean(u, axis=0); there is no other reduction")
LINE("  q = norm(h, axis=0)", 6, 15, "norm takes no 'axis='",
     NULL)
LINE("  q = normalize(h)", 6, 7, "there is no function normalize",
     "write h / sqrt(sum(h**2, axis=0) + 1e-12)")
LINE("  q = batchnorm(h)", 6, 7, "there is no function batchnorm",
     "layernorm(u) is of each example; nothing is of the batch")
LINE("  q = batch_norm(h)", 6, 7, "there is no function batch_norm",
     "layernorm(u) is of each example; nothing is of the batch")
LINE("  q = layer_norm(h)", 6, 7, "there is no function layer_norm",
     "write layernorm(h): its gain and its shift are written behind it: g * layernorm(u) + b")
LINE("  q = LayerNorm(h)", 6, 7, "there is no function LayerNorm",
     "write layernorm(h): its gain and its shift are written behind it: g * layernorm(u) + b")
LINE("  q = Linear(h)", 6, 7, "there is no function Linear",
     "write v @ u + w")
LINE("  q = linear(h, W, b)", 6, 7, "there is no function linear",
     "write W @ h + b")
LINE("  q = chunk(h, 2)", 6, 7, "there is no function chunk",
     "parts are slices: u[:n_a] and u[n_a:]")
LINE("  q = split(h, 2)", 6, 7, "there is no function split",
     "parts are slices: u[:n_a] and u[n_a:]")
LINE("  q = squeeze(h)", 6, 7, "there is no function squeeze",
     "other sizes with the same product are written reshape(u, n_h, n_k); the examples stay")
LINE("  q = unsqueeze(h)", 6, 7, "there is no function unsqueeze",
     "other sizes with the same product are written reshape(u, n_h, n_k); the examples stay")
LINE("  q = expand(h)", 6, 7, "there is no function expand",
     "write h: an axis of size 1 stretches by itself")
LINE("  q = repeat(h)", 6, 7, "there is no function repeat",
     "write h: an axis of size 1 stretches by itself")
LINE("  q = tile(h)", 6, 7, "there is no function tile",
     "write h: an axis of size 1 stretches by itself")
LINE("  q = roll(h, 1)", 6, 7, "there is no function roll",
     "write concat(u[-1:], u[:-1]): by one feature")
LINE("  q = flip(h)", 6, 7, "there is no function flip",
     "nothing reverses the features")
LINE("  q = diag(b)", 6, 7, "there is no function diag",
     "a diagonal matrix times u is d * u")
LINE("  q = trace(U)", 6, 7, "there is no function trace",
     "there is no linear algebra but the product, W @ u")
LINE("  q = inv(U)", 6, 7, "there is no function inv",
     "there is no linear algebra but the product, W @ u")
LINE("  q = solve(U, h)", 6, 7, "there is no function solve",
     "there is no linear algebra but the product, W @ u")
LINE("  q = tril(U)", 6, 7, "there is no function tril",
     "there is no linear algebra but the product, W @ u")
LINE("  q = fabs(h)", 6, 7, "there is no function fabs",
     "write abs(h)")
LINE("  q = absolute(h)", 6, 7, "there is no function absolute",
     "write abs(h)")
LINE("  q = array(h)", 6, 7, "there is no function array",
     "write h")
LINE("  q = asarray(h)", 6, 7, "there is no function asarray",
     "write h")
LINE("  q = tensor(h)", 6, 7, "there is no function tensor",
     "write h")
LINE("  q = randn(n_a)", 6, 7, "there is no function randn",
     "draws are normal(deviation, u), uniform(low, high, u) and bernoulli(p, u), of the shape of u")
LINE("  q = rand(n_a)", 6, 7, "there is no function rand",
     "draws are normal(deviation, u), uniform(low, high, u) and bernoulli(p, u), of the shape of u")
LINE("  q = random(n_a)", 6, 7, "there is no function random",
     "draws are normal(deviation, u), uniform(low, high, u) and bernoulli(p, u), of the shape of u")
LINE("  q = detach(h)", 6, 7, "there is no function detach",
     "write stop_gradient(h)")
LINE("  q = len(h)", 6, 7, "there is no function len",
     "sizes are the dimensions of the declarations, such as n_a; m is the number of examples")
LINE("  q = size(h)", 6, 7, "there is no function size",
     "sizes are the dimensions of the declarations, such as n_a; m is the number of examples")
LINE("  q = shape(h)", 6, 7, "there is no function shape",
     "sizes are the dimensions of the declarations, such as n_a; m is the number of examples")
LINE("  q = float(h)", 6, 7, "there is no function float",
     "write h: there are no types: all is real")
LINE("  q = int(h)", 6, 7, "there is no function int",
     "write h: there are no types: all is real")
LINE("  q = print(h)", 6, 7, "there is no function print",
     "nothing is printed; output y = u shows a value")
LINE("  q = tanh()", 6, 7, "tanh takes one argument, not 0",
     "write tanh(u)")
LINE("  q = tanh(h, b)", 6, 7, "tanh takes one argument, not 2",
     NULL)
LINE("  q = maximum(h)", 6, 7, "maximum takes two arguments, not 1",
     "it is of two arrays, element by element: write maximum(u, v)")
LINE("  q = maximum(h, b, 0)", 6, 7, "maximum takes two arguments, not 3",
     "write maximum(u, maximum(v, w))")
LINE("  q = where(h > 0)", 6, 7, "where takes three arguments, not 1",
     "where(mask, u, v) is u where the mask is not 0, and v elsewhere")
LINE("  q = where(h > 0, h)", 6, 7, "where takes three arguments, not 2",
     "where(mask, u, v) is u where the mask is not 0, and v elsewhere")
LINE("  q = concat()", 6, 7, "concat takes at least one argument, not 0",
     "write concat(u)")
LINE("  q = h.tanh()", 6, 7, "functions stand alone, not behind a point",
     "write tanh(h)")
LINE("  q = h.sigmoid()", 6, 7, "functions stand alone, not behind a point",
     "write sigmoid(h)")
