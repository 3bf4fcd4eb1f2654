/* The cells of the folder cells/, whose texts are built into the command. */
#ifndef GT_CLI_ZOO_H
#define GT_CLI_ZOO_H

#include <stddef.h>

typedef struct gt_zoo_entry {
    const char *name; /* of the file and of the cell in it */
    const char *text;
} gt_zoo_entry;

/* In alphabetical order; ends with a name that is NULL. */
extern const gt_zoo_entry gt_zoo[];

#endif
