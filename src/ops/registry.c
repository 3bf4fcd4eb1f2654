/* The list of ops as a table. */
#include "ops/descriptors.h"

#include <string.h>

static const gt_op *const ops[] = {
#define GT_OP(NAME) &gt_op_##NAME,
#include "ops/list.h"
#undef GT_OP
};

enum { OP_COUNT = sizeof ops / sizeof ops[0] };

uint32_t gt_op_count(void)
{
    return OP_COUNT;
}

const gt_op *gt_op_at(uint32_t i)
{
    return i < OP_COUNT ? ops[i] : NULL;
}

const gt_op *gt_op_find(const char *name)
{
    for (uint32_t i = 0; name != NULL && i < OP_COUNT; i++)
        if (strcmp(ops[i]->name, name) == 0)
            return ops[i];
    return NULL;
}
