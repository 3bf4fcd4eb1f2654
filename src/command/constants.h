/* Constants of a cell as a person sets them: "dt=0.05,eps=1e-3". */
#ifndef GT_COMMAND_CONSTANTS_H
#define GT_COMMAND_CONSTANTS_H

#include "command/options.h"

enum { GT_MOST_CONSTANTS = 64 };

typedef struct gt_constants {
    gt_constant_value list[GT_MOST_CONSTANTS]; /* their names are in `text` */
    uint32_t count;
    char *text; /* owned */
} gt_constants;

/* Reads what --set gives; NULL is nothing. Free it in any case. */
bool gt_constants_read(gt_constants *constants, const char *text, gt_error *error);
void gt_constants_free(gt_constants *constants);

#define GT_OPTION_CONSTANTS(TARGET)                                                                                    \
    GT_OPTION_TEXT("set", "NAME=X,...", TARGET, "constants of the cell, in place of what its text says",               \
                   .no_default = true)

#endif
