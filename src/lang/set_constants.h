/* Constants of a cell with other values than its text gives. */
#ifndef GT_LANG_SET_CONSTANTS_H
#define GT_LANG_SET_CONSTANTS_H

#include "gradtape/lang.h"
#include "lang/diagnostics.h"

/*
 * The text of the file with the constants of the cell set in it, so that whoever reads, keeps or
 * prints it has them; in the file's pool. What cannot be set is added to the diagnostics. NULL on
 * no memory.
 */
char *gt_lang_set_constants(const gt_lang_file *file, const gt_lang_cell *cell, const gt_constant_value *values,
                            uint32_t count, gt_lang_diagnostics *diagnostics, size_t *size);

#endif
