/* The types of entries that files have, by their names there. */
#ifndef GT_IO_FILE_TYPES_H
#define GT_IO_FILE_TYPES_H

#include "gradtape/base.h"

typedef struct gt_file_type {
    char code[3];            /* as the header of a .npy array writes it: "f8" */
    const char *safetensors; /* as safetensors files do: "F64" */
    const char *name;        /* as NumPy prints it: "float64" */
    uint32_t item_size;      /* bytes of one entry in the file: 1, 2, 4 or 8 */
    gt_dtype dtype;          /* what it becomes in memory; of a wide one while it is read */
    bool wide;               /* whole numbers that may not fit 32 bits: see gt_npy_narrow */
} gt_file_type;

#define GT_NPY_BRAIN "B2" /* the code of bfloat16, which no .npy file has: the upper half of a single */

/* NULL for one that is not read. */
const gt_file_type *gt_file_type_by_code(const char *code);
const gt_file_type *gt_file_type_by_safetensors(const char *name);
/* In which arrays of a type are written: the same entries. */
const gt_file_type *gt_file_type_of(gt_dtype dtype);

#endif
