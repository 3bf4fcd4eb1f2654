#include "io/file_types.h"

#include <string.h>

static const gt_file_type types[] = {
    {"f8", "F64", "float64", 8, GT_F64, false},
    {"f4", "F32", "float32", 4, GT_F32, false},
    {"i4", "I32", "int32", 4, GT_I32, false},
    {"f2", "F16", "float16", 2, GT_F32, false},
    {GT_NPY_BRAIN, "BF16", "bfloat16", 2, GT_F32, false},
    {"b1", "BOOL", "bool", 1, GT_I32, false},
    {"i1", "I8", "int8", 1, GT_I32, false},
    {"u1", "U8", "uint8", 1, GT_I32, false},
    {"i2", "I16", "int16", 2, GT_I32, false},
    {"u2", "U16", "uint16", 2, GT_I32, false},
    {"u4", "U32", "uint32", 4, GT_F64, true},
    {"i8", "I64", "int64", 8, GT_F64, true},
    {"u8", "U64", "uint64", 8, GT_F64, true},
};
enum { COUNT = sizeof types / sizeof *types };

const gt_file_type *gt_file_type_by_code(const char *code)
{
    if (strcmp(code, "?") == 0)
        return gt_file_type_by_code("b1");
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(types[i].code, code) == 0 && strcmp(code, GT_NPY_BRAIN) != 0)
            return &types[i];
    return NULL;
}

const gt_file_type *gt_file_type_by_safetensors(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(types[i].safetensors, name) == 0)
            return &types[i];
    return NULL;
}

/* The first one is the same in a file. */
const gt_file_type *gt_file_type_of(gt_dtype dtype)
{
    for (const gt_file_type *row = types; row < types + COUNT; row++)
        if (row->dtype == dtype)
            return row;
    return NULL;
}
