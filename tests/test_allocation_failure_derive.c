/* Every allocation made to fail in turn: a cell derived and written in every form. */
#include "gradtape.h"
#include "support/allocation.h"

#include <criterion/criterion.h>
#include <string.h>

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

static void fail_each(gt_derive_form form)
{
    static const char text[] = "cell c\n input x[n]\n state a[n]\n param W[n, n]\n"
                               " a' = tanh(W @ x + sum(a, axis=0))\n";
    gt_parsed_cell *parsed = gt_cell_parse(text, sizeof text - 1, NULL);
    cr_expect_gt(fail_every_allocation("gt_derive", derive, &(wanted){parsed, form}, NULL), 100);
    gt_parsed_cell_free(parsed);
}

Test(allocation_failure_derive, cell)
{
    fail_each(GT_DERIVE_CELL);
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
