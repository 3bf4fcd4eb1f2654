/*
 * Functions that are compositions of others, one row for each; included where a list is made of
 * them. A call is its formula, read where the call stands.
 *
 * GT_LANG_COMPOSITION(name, signature and formula)
 */
/* clang-format off */
GT_LANG_COMPOSITION("silu", "silu(u) = u * sigmoid(u)")
GT_LANG_COMPOSITION("elu", "elu(u, a = 1) = where(u > 0, u, a * (exp(minimum(u, 0)) - 1))")
GT_LANG_COMPOSITION("leaky_relu", "leaky_relu(u, slope = 0.01) = where(u > 0, u, slope * u)")
GT_LANG_COMPOSITION("hardsigmoid", "hardsigmoid(u) = minimum(maximum(u / 6 + 0.5, 0), 1)")
GT_LANG_COMPOSITION("logsigmoid", "logsigmoid(u) = -softplus(-u)")
GT_LANG_COMPOSITION("sign", "sign(u) = (u > 0) - (u < 0)")
GT_LANG_COMPOSITION("round", "round(u) = floor(u + 0.5)")
GT_LANG_COMPOSITION("mod", "mod(u, v) = u - v * floor(u / v)")
GT_LANG_COMPOSITION("norm", "norm(u) = sqrt(sum(u**2, axis=0))")
GT_LANG_COMPOSITION("rmsnorm", "rmsnorm(u, eps = 1e-5) = u / sqrt(mean(u**2, axis=0) + eps)")
GT_LANG_COMPOSITION("layernorm", "layernorm(u, eps) = (u - mean(u, axis=0)) / sqrt(mean((u - mean(u, axis=0))**2, axis=0) + eps)")
GT_LANG_COMPOSITION("straight", "straight(value, u) = u + stop_gradient(value - u)")
GT_LANG_COMPOSITION("dropout", "dropout(u, p = 0.5) = u * bernoulli(1 - p, u) / (1 - p)")
/* clang-format on */
