/* A child process at the moment of its start. */
#ifndef GT_DUMP_CHILD_START_H
#define GT_DUMP_CHILD_START_H

#include "dump/child.h"

#include <sys/types.h>

/* Our ends of what connects us with a child; -1: closed. */
typedef struct gt_child_ends {
    int input, output, errors;
} gt_child_ends;

/* Starts the child. On an error nothing is left of it: *reason is a value of errno. */
bool gt_child_start(const gt_child *child, pid_t *process, gt_child_ends *ends, int *reason);

#endif
