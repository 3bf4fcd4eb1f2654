/*
 * The frame of the command line: one file per subcommand, command_NAME.c, which
 * defines one gt_command; commands.c lists them. Everything a subcommand needs
 * besides the library's public headers is here: options.h (the arguments),
 * terminal.h (colour, width), json.h (--json).
 *
 * To add a subcommand: write command_NAME.c with a `const gt_command
 * gt_command_NAME`, declare it below, and add one line to commands.c and one to
 * meson.build.
 */
#ifndef GT_COMMAND_COMMAND_H
#define GT_COMMAND_COMMAND_H

#include "gradtape.h"

#include <stdint.h>

/* What every subcommand answers to the shell. */
enum {
    GT_EXIT_GOOD = 0, /* done, and every verdict is good */
    GT_EXIT_BAD = 1,  /* done, but a verdict is bad: numbers disagree */
    GT_EXIT_USAGE = 2 /* wrong usage or input, or the output could not be written */
};

typedef struct gt_command gt_command;
struct gt_command {
    const char *name;
    const char *summary; /* one line for the list of commands, no full stop */
    /* arguments[0] is the command's own name. Returns an exit status. */
    int (*run)(const gt_command *command, int argument_count, char **arguments);
};

/* The subcommands in the order in which help lists them; NULL past the end. */
const gt_command *gt_command_at(uint32_t i);
const gt_command *gt_command_find(const char *name);

extern const gt_command gt_command_bench, gt_command_cells, gt_command_check, gt_command_compare, gt_command_completion,
    gt_command_convert, gt_command_derive, gt_command_export, gt_command_flow, gt_command_grad, gt_command_graph,
    gt_command_new, gt_command_notebook, gt_command_plan, gt_command_plot, gt_command_sample, gt_command_tasks,
    gt_command_train;

/* Writes "gradtape NAME: message" to stderr and returns GT_EXIT_USAGE. */
int gt_command_fail(const gt_command *command, const char *format, ...) GT_PRINTF(2, 3);
/* The same for what a library call left in `error`. */
int gt_command_fail_error(const gt_command *command, const gt_error *error);

#endif
