#include "ops/detail.h"

#include "base/utf8.h"
#include "ops/part.h"
#include "ops/reduce.h"

static void write_range(int64_t axis, int64_t start, int64_t stop, char *text, size_t size)
{
    gt_utf8_format(text, size, "[");
    for (; axis > 0; axis--)
        gt_utf8_append(text, size, ":, ");
    gt_utf8_append(text, size, "%lld:%lld]", (long long)start, (long long)stop);
}

void gt_detail_range(gt_var v, char *text, size_t size)
{
    write_range(gt_var_attribute(v, 0), gt_var_attribute(v, 1), gt_var_attribute(v, 2), text, size);
}

void gt_detail_padding(gt_var v, char *text, size_t size)
{
    int64_t axis = gt_var_attribute(v, 0), before = gt_var_attribute(v, 1);
    write_range(axis, before, before + gt_var_shape(gt_var_input(v, 0)).size[axis], text, size);
}

void gt_detail_part(gt_var v, char *text, size_t size)
{
    int64_t start = gt_var_attribute(v, GT_PART_START);
    write_range(gt_var_attribute(v, GT_PART_AXIS), start, start + gt_var_attribute(v, GT_PART_SIZE), text, size);
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
