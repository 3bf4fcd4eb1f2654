/*
 * One slip in a backward block that is right, of cells with all that the language has: it is found in
 * the line where it was made, the sentence says what it is, and doing what is said makes the block right.
 */
#include "texts.h"

#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 16 };

typedef struct slip {
    const char *right, *wrong; /* a piece of the block, and what stands there instead */
    const char *says;          /* the sentence has this in it */
} slip;

/* Owns the words of diagnoses. */
static gt_report words;

static void free_words(void)
{
    gt_report_free(&words);
}

TestSuite(diagnose_slips, .timeout = 200, .fini = free_words);

static uint32_t diagnose(const char *text, gt_diagnosis *list)
{
    gt_error error = {0};
    uint32_t count;
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_assert_eq(gt_diagnose_cell(parsed, &words, list, MOST, &count, &error), GT_OK, "%s: %s", error.message, text);
    gt_parsed_cell_free(parsed);
    return count;
}

static void expect_found(const char *cell, slip s)
{
    gt_diagnosis list[MOST], after[MOST];
    char *text = replaced(cell, s.right, s.wrong);
    uint32_t line = line_of(cell, s.right), count = diagnose(text, list);
    cr_expect_eq(count, 1, "%s for %s: %u diagnoses", s.wrong, s.right, count);
    if (count > 0) {
        cr_expect_eq(list[0].place.line, line, "%s for %s: line %u", s.wrong, s.right, list[0].place.line);
        cr_expect_not_null(strstr(list[0].text, s.says), "%s for %s: %s", s.wrong, s.right, list[0].text);
        char *mended = following(text, &list[0]);
        cr_expect_eq(diagnose(mended, after), 0, "%s: %s", list[0].repaired, after[0].text);
        free(mended);
    }
    free(text);
}

static void expect_all_found(const char *cell, const slip *slips, size_t count)
{
    gt_diagnosis list[MOST];
    cr_assert_eq(diagnose(cell, list), 0, "it is right: %s", list[0].text);
    for (size_t i = 0; i < count; i++)
        expect_found(cell, slips[i]);
}
#define EXPECT_ALL_FOUND(cell, slips) expect_all_found(cell, slips, sizeof slips / sizeof *slips)

Test(diagnose_slips, normalization)
{
    static const char cell[] = "cell norm\n"
                               "  input x[n_x]\n"
                               "  state h[n]\n"
                               "  param W[n, n + n_x], g[n], b[n]\n"
                               "  z  = concat(h, x)\n"
                               "  u  = W @ z\n"
                               "  y  = layernorm(u)\n"
                               "  h' = tanh(g * y + b)\n"
                               "backward\n"
                               "  dp = dh' * (1 - h'**2)\n"
                               "  dg = sum(dp * y, axis=1)\n"
                               "  db = sum(dp, axis=1)\n"
                               "  dy = dp * g\n"
                               "  s  = sqrt(mean((u - mean(u, axis=0))**2, axis=0) + 1e-5)\n"
                               "  du = (dy - mean(dy, axis=0) - y * mean(dy * y, axis=0)) / s\n"
                               "  dW = du @ z.T\n"
                               "  dh = W[:, :n].T @ du\n"
                               "  dx = W[:, n:].T @ du\n";
    static const slip slips[] = {
        {" - y * mean(dy * y, axis=0)", "", "a term is missing"},
        {" - mean(dy, axis=0)", "", "a term is missing"},
        {") / s", ")", "s"},
        {"dy = dp * g", "dy = dp", "the factor g is missing"},
        {"sum(dp * y, axis=1)", "sum(dp, axis=1)", "the factor y is missing"},
        {"W[:, :n].T @ du", "W[:, :n].T @ dy", "dy is used; it should be du"},
    };
    EXPECT_ALL_FOUND(cell, slips);
}

Test(diagnose_slips, centring_and_dividing)
{
    static const char cell[] = "cell centred\n"
                               "  input x[n_x]\n"
                               "  state h[n]\n"
                               "  param W[n, n], U[n, n_x]\n"
                               "  q  = W @ h + U @ x\n"
                               "  c  = q - mean(q, axis=0)\n"
                               "  s  = sum(c**2, axis=0)\n"
                               "  h' = c / (1 + s)\n"
                               "backward\n"
                               "  ds = -sum(dh' * c, axis=0) / (1 + s)**2\n"
                               "  dc = dh' / (1 + s) + 2 * c * ds\n"
                               "  dq = dc - mean(dc, axis=0)\n"
                               "  dW = dq @ h.T\n"
                               "  dU = dq @ x.T\n"
                               "  dh = W.T @ dq\n"
                               "  dx = U.T @ dq\n";
    static const slip slips[] = {
        {" + 2 * c * ds", "", "a term is missing"},
        {"ds = -sum", "ds = sum", "the sign of"},
        {" - mean(dc, axis=0)", "", "a term is missing: -mean(dc, axis=0)"},
        {"(1 + s)**2", "(1 + s)", "it should be h'"},
        {"2 * c * ds", "c * ds", "the factor 2 is missing"},
        {"dh' / (1 + s)", "dh' * (1 + s)", "it should be divided"},
        {"dx = U.T @ dq", "dx = U.T @ dc", "it should be dq"},
        {"sum(dh' * c, axis=0)", "sum(dh', axis=0)", "the factor c is missing"},
    };
    EXPECT_ALL_FOUND(cell, slips);
}

Test(diagnose_slips, masks)
{
    static const char cell[] = "cell choice\n"
                               "  input x[n]\n"
                               "  state h[n]\n"
                               "  param W[n, n], b[n]\n"
                               "  p  = W @ h + x\n"
                               "  q  = where(p > 0, p, 0.1 * p)\n"
                               "  r  = maximum(q, b)\n"
                               "  t  = minimum(r, x)\n"
                               "  h' = tanh(t)\n"
                               "backward\n"
                               "  dt = dh' * (1 - h'**2)\n"
                               "  dr = dt * (r < x)\n"
                               "  dq = dr * (q > b)\n"
                               "  db = sum(dr * (1 - (q > b)), axis=1)\n"
                               "  dp = dq * where(p > 0, 1, 0.1)\n"
                               "  dW = dp @ h.T\n"
                               "  dh = W.T @ dp\n"
                               "  dx = dp + dt * (1 - (r < x))\n";
    static const slip slips[] = {
        {"dx = dp + dt * (1 - (r < x))", "dx = dt * (1 - (r < x))", "a term is missing: dp"},
        {"dx = dp + dt * (1 - (r < x))", "dx = dp", "a term is missing: dt * (1 - (r < x))"},
        {"(1 - (q > b))", "(q > b)", "is inverted"},
        {"dt * (r < x)", "dt * (r > x)", "is inverted"},
        {"dr * (q > b)", "dr", "the mask q > b is missing"},
        {"where(p > 0, 1, 0.1)", "where(p > 0, 0.1, 1)", "is inverted"},
    };
    EXPECT_ALL_FOUND(cell, slips);
}

/* One sample is a first step, and t is the same for all examples. */
Test(diagnose_slips, the_number_of_the_step)
{
    static const char cell[] = "cell averaging\n"
                               "  input x[n_x]\n"
                               "  state h[n]\n"
                               "  param W[n, n_x]\n"
                               "  g  = tanh(W @ x)\n"
                               "  h' = where(t == 0, g, h + (g - h) / (t + 1))\n"
                               "backward\n"
                               "  dp = dh' / (t + 1) * (1 - g**2)\n"
                               "  dW = dp @ x.T\n"
                               "  dx = W.T @ dp\n"
                               "  dh = dh' * t / (t + 1)\n";
    static const slip slips[] = {
        {"dW = dp @ x.T", "dW = 3 * dp @ x.T", "the factor 3 is too many"},
        {"dh = dh' * t / (t + 1)", "dh = -dh' * t / (t + 1)", "the sign"},
        {"dh = dh' * t / (t + 1)", "dh = dh' * where(t == 0, 1, t / (t + 1))", "the mask 1 - (t == 0)"},
    };
    EXPECT_ALL_FOUND(cell, slips);
}

/* Inputs are drawn for samples as the cell says: of any other number, k is no mask. */
Test(diagnose_slips, masks_that_are_drawn)
{
    static const char cell[] = "cell skipping\n"
                               "  input x[n_x], k[1] ~ bernoulli(0.5)\n"
                               "  state h[n]\n"
                               "  param W[n, n_x], U[n, n]\n"
                               "  g  = tanh(W @ x + U @ h)\n"
                               "  h' = where(k, g, h)\n"
                               "backward\n"
                               "  e  = k * dh' * (1 - g**2)\n"
                               "  dW = e @ x.T\n"
                               "  dU = e @ h.T\n"
                               "  dx = W.T @ e\n"
                               "  dh = U.T @ e + (1 - k) * dh'\n";
    static const slip slips[] = {
        {"(1 - k) * dh'", "2 * (1 - k) * dh'", "the factor 2 is too many"},
        {"U.T @ e + (1 - k) * dh'", "U.T @ e", "is missing: dh' * (1 - k)"},
        {"e  = k * dh'", "e  = dh'", "the mask k is missing"},
        {"e  = k * dh'", "e  = (1 - k) * dh'", "it should be k"},
    };
    EXPECT_ALL_FOUND(cell, slips);
}

Test(diagnose_slips, gates_in_one_matrix)
{
    static const char cell[] =
        "cell packed\n"
        "  input x[n_x]\n"
        "  state h[n], c[n]\n"
        "  param W[4 * n, n + n_x], b[4 * n]\n"
        "  z  = concat(h, x)\n"
        "  u  = W @ z + b\n"
        "  i  = sigmoid(u[:n])\n"
        "  f  = sigmoid(u[n:2*n])\n"
        "  g  = tanh(u[2*n:3*n])\n"
        "  o  = sigmoid(u[3*n:])\n"
        "  c' = f * c + i * g\n"
        "  h' = o * tanh(c')\n"
        "backward\n"
        "  s  = dc' + dh' * o * (1 - tanh(c')**2)\n"
        "  du = concat(s * g * i * (1 - i), s * c * f * (1 - f), s * i * (1 - g**2), dh' * tanh(c') * o * (1 - o))\n"
        "  dW = du @ z.T\n"
        "  db = sum(du, axis=1)\n"
        "  dh = W[:, :n].T @ du\n"
        "  dx = W[:, n:].T @ du\n"
        "  dc = s * f\n";
    static const slip slips[] = {
        {"s * g * i * (1 - i), s * c * f * (1 - f)", "s * c * f * (1 - f), s * g * i * (1 - i)",
         "no change in one or two places"},
        {" * f * (1 - f)", " * (1 - f)", "the factor f is missing"},
        {"s * c * f", "s * c' * f", "off by one time step"},
        {"dc = s * f", "dc = s", "the factor f is missing"},
        {"dc = s * f", "dc = dc' * f", "it should be s"},
        {"W[:, n:].T @ du", "W[:, :n_x].T @ du", "the wrong block"},
        {"(1 - g**2)", "(1 - g)", "s * g"},
        {"sum(du, axis=1)", "mean(du, axis=1)", "not the mean"},
        {"s  = dc' + ", "s  = ", "is missing: dc'"},
    };
    EXPECT_ALL_FOUND(cell, slips);
}

Test(diagnose_slips, softmax)
{
    static const char cell[] = "cell attend\n"
                               "  input x[n_x]\n"
                               "  state h[n]\n"
                               "  param W[k, n], U[k, n_x], V[n, k]\n"
                               "  q  = W @ h + U @ x\n"
                               "  a  = softmax(q)\n"
                               "  h' = V @ a\n"
                               "backward\n"
                               "  da = V.T @ dh'\n"
                               "  dV = dh' @ a.T\n"
                               "  dq = a * (da - sum(da * a, axis=0))\n"
                               "  dW = dq @ h.T\n"
                               "  dU = dq @ x.T\n"
                               "  dh = W.T @ dq\n"
                               "  dx = U.T @ dq\n";
    static const slip slips[] = {
        {" - sum(da * a, axis=0)", "", "each entry of a softmax depends on all of its column"},
        {"sum(da * a, axis=0)", "sum(da, axis=0)", "the factor a is missing"},
        {"dq = a * (", "dq = (", "the factor a is missing"},
        {"V.T @ dh'", "V.T @ h", "it should be dh'"},
        {"a * (da - sum(da * a, axis=0))", "a * (1 - a) * da", "the diagonal of the softmax alone"},
        {"dV = dh' @ a.T", "dV = dh' @ q.T", "it should be a"},
        {"dh = W.T @ dq", "dh = W.T @ da", "it should be dq"},
    };
    EXPECT_ALL_FOUND(cell, slips);
}

Test(diagnose_slips, smooth_functions)
{
    static const char cell[] = "cell smooth\n"
                               "  input x[n]\n"
                               "  state h[n]\n"
                               "  param W[n, n], b[n]\n"
                               "  u  = W @ h + x + b\n"
                               "  e  = exp(u)\n"
                               "  l  = log(1 + e)\n"
                               "  s  = sqrt(1 + u**2)\n"
                               "  h' = sin(u) * cos(l) / s\n"
                               "backward\n"
                               "  dl = -dh' * sin(u) * sin(l) / s\n"
                               "  ds = -dh' * sin(u) * cos(l) / s**2\n"
                               "  de = dl / (1 + e)\n"
                               "  du = dh' * cos(u) * cos(l) / s + de * e + ds * u / s\n"
                               "  dW = du @ h.T\n"
                               "  db = sum(du, axis=1)\n"
                               "  dx = du\n"
                               "  dh = W.T @ du\n";
    static const slip slips[] = {
        {"dl = -dh", "dl = dh", "the sign of"},
        {"/ s**2", "/ s", "the factor s is missing"},
        {" + de * e", "", "a term is missing: de * e"},
        {" + ds * u / s", "", "a term is missing"},
        {"ds * u / s", "ds / s", "the factor u is missing"},
        {"de * e", "de", "e"},
        {"dl / (1 + e)", "dl / e", "in 2 places"},
        {"dh' * cos(u) * cos(l)", "dh' * sin(u) * cos(l)", "that is cos(u)"},
        {"dl / (1 + e)", "dl", "1 / (1 + e)"},
    };
    EXPECT_ALL_FOUND(cell, slips);
}

Test(diagnose_slips, means_over_examples)
{
    static const char cell[] = "cell batch\n"
                               "  input x[n]\n"
                               "  state h[n]\n"
                               "  param W[n, n], g[n]\n"
                               "  q  = W @ h\n"
                               "  v  = q - mean(q, axis=1)\n"
                               "  y  = g * v\n"
                               "  h' = tanh(y + x)\n"
                               "backward\n"
                               "  dp = dh' * (1 - h'**2)\n"
                               "  dg = sum(dp * v, axis=1)\n"
                               "  dv = dp * g\n"
                               "  dq = dv - mean(dv, axis=1)\n"
                               "  dW = dq @ h.T\n"
                               "  dx = dp\n"
                               "  dh = W.T @ dq\n";
    static const slip slips[] = {
        {" - mean(dv, axis=1)", "", "-mean(dv, axis=1)"},
        {"mean(dv, axis=1)", "mean(dv, axis=0)", "mean"},
        {"mean(dv, axis=1)", "sum(dv, axis=1)", "the division by m"},
        {"dp * v", "dp * q", "it should be v"},
        {"dv = dp * g", "dv = dp", "the factor g is missing"},
        {"dq @ h.T", "dv @ h.T", "it should be dq"},
        {"dx = dp", "dx = dv", "it should be dp"},
    };
    EXPECT_ALL_FOUND(cell, slips);
}

Test(diagnose_slips, coupled_gates)
{
    static const char cell[] = "cell coupled\n"
                               "  input x[n]\n"
                               "  state h[n]\n"
                               "  param W[n, n], U[n, n], b[n]\n"
                               "  f  = sigmoid(W @ h + x + b)\n"
                               "  r  = relu(U @ (f * h))\n"
                               "  h' = f * h - (1 - f) * r\n"
                               "backward\n"
                               "  dr = -dh' * (1 - f)\n"
                               "  dk = dr * (r > 0)\n"
                               "  dm = U.T @ dk\n"
                               "  df = dh' * (h + r) + dm * h\n"
                               "  dz = df * f * (1 - f)\n"
                               "  dW = dz @ h.T\n"
                               "  dU = dk @ (f * h).T\n"
                               "  db = sum(dz, axis=1)\n"
                               "  dx = dz\n"
                               "  dh = dh' * f + dm * f + W.T @ dz\n";
    static const slip slips[] = {
        {"dr = -dh", "dr = dh", "the sign of"},
        {" + dm * h", "", "a term is missing: dm * h"},
        {"h + r", "h - r", "the sign of r is wrong"},
        {" + dm * f", "", "a term is missing: dm * f"},
        {" + W.T @ dz", "", "a term is missing: W.T @ dz"},
        {"(f * h).T", "h.T", "the factor f is missing"},
        {"dr * (r > 0)", "dr", "is missing"},
        {"dh' * (h + r)", "dh' * h", "a term is missing: r"},
        {"dm = U.T @ dk", "dm = U.T @ dr", "it should be dk"},
        {"dh = dh' * f + dm * f", "dh = (dh' + dm) * (1 - f)", "it should be f"},
        {"df * f * (1 - f)", "df * (1 - f**2)", "f is a sigmoid"},
    };
    EXPECT_ALL_FOUND(cell, slips);
}

Test(diagnose_slips, slices_and_sums)
{
    static const char cell[] = "cell stacked\n"
                               "  input x[n_x]\n"
                               "  state h[n]\n"
                               "  param W[2 * n, n + n_x], v[n]\n"
                               "  u  = W @ concat(h, x)\n"
                               "  p  = u[:n]\n"
                               "  r  = u[n:]\n"
                               "  w  = mean(p * r)\n"
                               "  k  = sum(v * h, axis=0)\n"
                               "  h' = tanh(p) * k + w - r / 3\n"
                               "backward\n"
                               "  dk = sum(dh' * tanh(p), axis=0)\n"
                               "  dw = sum(dh')\n"
                               "  dp = dh' * k * (1 - tanh(p)**2) + dw * r / (n * m)\n"
                               "  dr = dw * p / (n * m) - dh' / 3\n"
                               "  du = concat(dp, dr)\n"
                               "  dW = du @ concat(h, x).T\n"
                               "  dv = sum(dk * h, axis=1)\n"
                               "  dh = W[:, :n].T @ du + v * dk\n"
                               "  dx = W[:, n:].T @ du\n";
    static const slip slips[] = {
        {" + v * dk", "", "a term is missing"},
        {"r / (n * m)", "r / n", "the division by m"},
        {" - dh' / 3", "", "-dh' / 3"},
        {"concat(dp, dr)", "concat(dr, dp)", "it should be dp"},
        {"dk * h", "dk", "the factor h is missing"},
        {"dw = sum(dh')", "dw = mean(dh')", "not the mean"},
        {" + dw * r / (n * m)", "", "a term is missing"},
        {"sum(dh' * tanh(p), axis=0)", "sum(dh' * p, axis=0)", "it should be tanh(p)"},
        {"- dh' / 3", "+ dh' / 3", "the sign of"},
    };
    EXPECT_ALL_FOUND(cell, slips);
}
