/* Every allocation made to fail in turn: explaining a wrong backward block. */
#include <gradtape.h>

#include "support/allocation.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(allocation_failure_diagnose, .timeout = 300);

static const char *const wrong_cell = "cell rnn\n"
                                      "  input x[n_x]\n"
                                      "  state a[n_a]\n"
                                      "  param W[n_a, n_a + n_x], b[n_a]\n"
                                      "  z = concat(a, x)\n"
                                      "  a' = tanh(W @ z + b)\n"
                                      "backward\n"
                                      "  dh = (1 - a'**2) * da'\n"
                                      "  dW = dh @ z.T\n"
                                      "  db = -sum(dh, axis=1)\n"
                                      "  da = W[:, :n_a].T @ dh\n";

static gt_status explain(const void *context, double *result)
{
    (void)context;
    gt_error error = {0};
    gt_diagnosis diagnosis;
    uint32_t count;
    gt_parsed_cell *parsed = gt_cell_parse(wrong_cell, strlen(wrong_cell), NULL);
    if (parsed == NULL)
        return GT_ERROR_MEMORY;
    gt_status status = gt_diagnose_cell(parsed, &diagnosis, 1, &count, &error);
    if (status == GT_OK) {
        cr_assert_eq(count, 1);
        cr_assert_str_eq(diagnosis.kind, "wrong sign");
        *result = count;
    } else {
        cr_assert(error.message[0] != '\0');
    }
    gt_parsed_cell_free(parsed);
    return status;
}

Test(allocation_failure_diagnose, a_formula)
{
    fail_every_allocation("a diagnosis", explain, NULL, NULL);
}
