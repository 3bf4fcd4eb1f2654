#include "array_writer.h"

#include "base/entry.h"

#include <math.h>
#include <stdlib.h>

enum { LARGEST_SIZE = 5, MOST_ENTRIES = 625 }; /* 5^4 */

double array_number(fuzz_bytes *bytes)
{
    static const double rare[] = {NAN, INFINITY, -INFINITY, 1e300, -1e-300, 0.5, 2147483647, -1};
    uint32_t choice = fuzz_choose(bytes, 64);
    return choice < 56 ? choice % 7 : rare[choice - 56];
}

/* What is no whole number of 32 bits cannot be an entry of them. */
static void set(void *data, gt_dtype dtype, int64_t i, double value)
{
    bool fits = dtype != GT_I32 || fabs(value) <= INT32_MAX;
    gt_entry_set(data, dtype, i, fits ? value : -1);
}

void array_add(gt_archive *archive, const char *name, gt_dtype dtype, gt_shape shape, fuzz_bytes *bytes)
{
    double data[MOST_ENTRIES];
    if (gt_shape_count(shape) > MOST_ENTRIES)
        abort();
    for (int64_t i = 0; i < gt_shape_count(shape); i++)
        set(data, dtype, i, array_number(bytes));
    if (gt_archive_add(archive, name, (gt_array){data, dtype, shape}, NULL) != GT_OK)
        abort();
}

void array_add_any(gt_archive *archive, const char *name, fuzz_bytes *bytes)
{
    static const gt_dtype dtypes[] = {GT_F64, GT_F32, GT_I32};
    gt_dtype dtype = dtypes[fuzz_choose(bytes, 3)];
    gt_shape shape = {.rank = (int)fuzz_choose(bytes, GT_MAX_RANK + 1)};
    for (int k = 0; k < GT_MAX_RANK; k++)
        shape.size[k] = k < shape.rank ? 1 + fuzz_choose(bytes, LARGEST_SIZE) : 1;
    array_add(archive, name, dtype, shape, bytes);
}
