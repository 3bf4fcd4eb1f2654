/* Every allocation of a layout made to fail in turn. */
#include "random_layout.h"
#include "support/allocation.h"

#include <criterion/criterion.h>

TestSuite(allocation_failure_layout, .timeout = 300);

static gt_status lay_out(const void *context, double *result)
{
    random_layout r;
    gt_layout_path path = {0};
    make_random_layout(&r, *(const unsigned *)context);
    gt_layout *layout = gt_layout_new(r.units, r.unit_count, r.edges, r.edge_count, &random_spacing);
    if (layout == NULL)
        return GT_ERROR_MEMORY;
    bool done = true;
    for (uint32_t i = 0; done && i < r.edge_count; i++) {
        done = gt_layout_route(layout, i, 0, 0, GT_LAYOUT_WHOLE, 0, &path);
        *result += done ? (double)path.count : 0;
    }
    gt_layout_path_free(&path);
    gt_layout_free(layout);
    return done ? GT_OK : GT_ERROR_MEMORY;
}

static gt_status lay_out_anew(const void *context, double *result)
{
    *result = 0;
    return lay_out(context, result);
}

Test(allocation_failure_layout, random_graphs)
{
    for (unsigned seed = 1; seed < 10; seed++)
        fail_every_allocation("a layout", lay_out_anew, &seed, NULL);
}
