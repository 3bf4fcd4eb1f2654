/* Another program, run to its end within limits. */
#ifndef GT_DUMP_CHILD_H
#define GT_DUMP_CHILD_H

#include "dump/text.h"

typedef enum gt_child_end {
    GT_CHILD_EXITED = 0,     /* code: its exit status */
    GT_CHILD_SIGNALLED,      /* code: the signal that ended it */
    GT_CHILD_OUT_OF_TIME,    /* it was killed */
    GT_CHILD_TOO_MUCH_OUTPUT /* it was killed */
} gt_child_end;

typedef struct gt_child {
    const char *program;          /* a path */
    const char *const *arguments; /* with its own name in front; ends with NULL */
    const char *input;            /* what it reads from its standard input */
    size_t input_size;
    /* limits */
    double seconds;     /* from start to end, by the clock */
    size_t memory;      /* bytes of its address space; a limit of this process that is lower holds */
    size_t most_output; /* bytes */
    /* what came of it */
    gt_child_end end;
    int code;
    gt_text output;
    gt_text errors; /* the beginning of what it wrote to its standard error output */
} gt_child;

/* The path of a program that is found as a shell does, by PATH; false: not there, or no room. */
bool gt_child_find(const char *name, char *path, size_t size);

/*
 * Runs the program and waits for its end. It never outlives this process (on
 * Linux; elsewhere a limit of its processor time ends it), and Ctrl-C on a
 * terminal reaches both. Errors: GT_ERROR_FILE (it could not be started),
 * GT_ERROR_MEMORY. Free it in any case.
 */
gt_status gt_child_run(gt_child *child, gt_error *error);
void gt_child_free(gt_child *child);

#endif
