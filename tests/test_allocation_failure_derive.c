/* Every allocation made to fail in turn: a cell derived and written in every form. */
#include "gradtape.h"
#include "support/allocation.h"

#include <criterion/criterion.h>
#include <string.h>

/* So many calls tell one allocation from another: see support/allocation.h. */
enum { CALLS = 4 };

TestSuite(allocation_failure_derive, .timeout = 300);

typedef struct wanted {
    const gt_parsed_cell *parsed;
    gt_derive_form form;
} wanted;

static gt_status derive(const void *context, double *result)
{
    const wanted *w = context;
    char *text;
    size_t size = 0;
    gt_status status = gt_derive(w->parsed, &(gt_derive_options){.form = w->form}, &text, &size, NULL);
    *result = (double)size;
    gt_derive_free(text);
    return status;
}

static void fail_for(const char *text, gt_derive_form form)
{
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_expect_gt(fail_some_allocations("gt_derive", derive, &(wanted){parsed, form}, NULL, CALLS), 100);
    gt_parsed_cell_free(parsed);
}

/* Slices that overlap, functions with several operands, sums, and what two equations share. */
static const char many_rules[] =
    "cell c\n input x[n]\n state a[n], b[2 * n]\n param W[n, 2 * n], v[n]\n"
    " z = concat(a, x)\n r = relu(W @ z) * b[:n] + b[n:] / (1 + exp(-v))\n"
    " q = where(r > 0, maximum(r, a), softplus(x)) - W[:, :n] @ cumsum(r) / n\n"
    " a' = layernorm(q) + softmax(a) * sqrt(1 + q**2)\n b' = concat(q, mean(z[1:n + 1], axis=0) * r)\n";

static const char several_sizes[] =
    "cell c\n input x[n]\n state S[h, k, k], z[h, k]\n param W[h, k, n], V[h, k, k], P[k, k], A[h, k], g[h]\n"
    " q = W @ x\n z' = tanh(V @ z * exp(A) + V.T @ q + S.T @ q)\n"
    " S' = tanh(g * (S @ P) + outer(q, z') - 0.1 * mean(S, axis=3))\n";

static void fail_each(gt_derive_form form)
{
    fail_for("cell c\n input x[n]\n state a[n]\n param W[n, n]\n a' = tanh(W @ x + sum(a, axis=0))\n", form);
    fail_for(gt_zoo_find("slstm")->text, form);
    fail_for(many_rules, form);
}

Test(allocation_failure_derive, cell)
{
    fail_each(GT_DERIVE_CELL);
    fail_for(several_sizes, GT_DERIVE_CELL);
}

Test(allocation_failure_derive, numpy)
{
    fail_each(GT_DERIVE_NUMPY);
}

Test(allocation_failure_derive, torch)
{
    fail_each(GT_DERIVE_TORCH);
}

Test(allocation_failure_derive, c)
{
    fail_each(GT_DERIVE_C);
}

Test(allocation_failure_derive, latex)
{
    fail_each(GT_DERIVE_LATEX);
}

Test(allocation_failure_derive, html)
{
    fail_each(GT_DERIVE_HTML);
}
