/* The fast kernels of every op by level of the processor. Uses the library's inside. */
#ifndef TESTS_SUPPORT_FAST_TABLES_H
#define TESTS_SUPPORT_FAST_TABLES_H

#include "ops/levels.h"

typedef struct fast_table {
    const gt_op *op;
    const gt_fast_kernels *kernels; /* of an element-by-element op; or NULL */
    const gt_fast_columns *columns; /* of an op that treats columns; or NULL */
} fast_table;

extern const fast_table fast_tables[];
extern const unsigned fast_table_count; /* all ops, also those with neither */

const char *fast_level_name(unsigned level);

#endif
