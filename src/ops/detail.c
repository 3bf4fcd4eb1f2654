#include "ops/detail.h"

#include "gradtape/utf8.h"
#include "ops/reduce.h"

void gt_detail_range(gt_var v, char *text, size_t size)
{
    gt_utf8_format(text, size, "[");
    for (int64_t axis = gt_var_attribute(v, 0); axis > 0; axis--)
        gt_utf8_append(text, size, ":, ");
    gt_utf8_append(text, size, "%lld:%lld]", (long long)gt_var_attribute(v, 1), (long long)gt_var_attribute(v, 2));
}

void gt_detail_axes(gt_var v, char *text, size_t size)
{
    int64_t axes = gt_var_attribute(v, GT_REDUCE_AXES);
    const char *between = (axes & (axes - 1)) == 0 ? "axis " : "axes ";
    gt_utf8_format(text, size, "%s", "");
    for (int axis = 0; axes >> axis != 0; axis++)
        if ((axes >> axis & 1) != 0) {
            gt_utf8_append(text, size, "%s%d", between, axis);
            between = ", ";
        }
}
