#include "check/ties.h"

#include "check/forward.h"
#include "ops/descriptors.h"

bool gt_is_comparison(gt_var v)
{
    static const gt_op *const comparisons[] = {&gt_op_equal,      &gt_op_not_equal, &gt_op_less,
                                               &gt_op_less_equal, &gt_op_greater,   &gt_op_greater_equal};
    for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++)
        if (gt_var_op(v) == comparisons[i])
            return true;
    return false;
}

bool gt_is_tie(const gt_interpreter *run, gt_var v)
{
    gt_var a = gt_var_input(v, 0), b = gt_var_input(v, 1);
    const double *x = gt_interpreter_value(run, a), *y = gt_interpreter_value(run, b);
    size_t m = gt_forward_entries(&a, 1), n = gt_forward_entries(&b, 1);
    if (x == NULL || y == NULL || gt_var_dtype(a) != GT_F64 || gt_var_dtype(b) != GT_F64)
        return false;
    for (size_t k = 0; k < (m > n ? m : n); k++)
        if (x[k % m] == y[k % n])
            return true;
    return false;
}
