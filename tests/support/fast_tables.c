#include "support/fast_tables.h"

#include "ops/descriptors.h"

#define GT_OP(NAME)                                                                                                    \
    extern const gt_fast_kernels gt_fast_##NAME __attribute__((weak));                                                 \
    extern const gt_fast_columns gt_fast_columns_##NAME __attribute__((weak));
#include "ops/list.h"
#undef GT_OP

const fast_table fast_tables[] = {
#define GT_OP(NAME) {&gt_op_##NAME, &gt_fast_##NAME, &gt_fast_columns_##NAME},
#include "ops/list.h"
#undef GT_OP
};
const unsigned fast_table_count = sizeof fast_tables / sizeof *fast_tables;

const char *fast_level_name(unsigned level)
{
    static const char *const names[] = {"baseline", "AVX2", "AVX-512"};
    return names[level];
}
