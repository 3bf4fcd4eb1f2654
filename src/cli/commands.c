/* The list of subcommands. */
#include "command/command.h"

#include <string.h>

/* One line for each: */
/* clang-format off */
static const gt_command *const commands[] = {
    &gt_command_train,
    &gt_command_compare,
    &gt_command_sample,
    &gt_command_tasks,
    &gt_command_plot,
    &gt_command_notebook,
    &gt_command_grad,
    &gt_command_check,
    &gt_command_derive,
    &gt_command_flow,
    &gt_command_graph,
    &gt_command_convert,
    &gt_command_export,
    &gt_command_cells,
    &gt_command_new,
    &gt_command_bench,
    &gt_command_plan,
    &gt_command_completion,
    NULL,
};
/* clang-format on */

const gt_command *gt_command_at(uint32_t i)
{
    return i < sizeof commands / sizeof *commands ? commands[i] : NULL;
}

const gt_command *gt_command_find(const char *name)
{
    for (uint32_t i = 0; gt_command_at(i) != NULL; i++)
        if (strcmp(gt_command_at(i)->name, name) == 0)
            return gt_command_at(i);
    return NULL;
}
