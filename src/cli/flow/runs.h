/* What `gradtape flow` looks at: one flow for each cell, or for each value of a parameter. */
#ifndef GT_CLI_FLOW_RUNS_H
#define GT_CLI_FLOW_RUNS_H

#include "command/cell_source.h"
#include "command/command.h"

#include <stdio.h>

enum { GT_FLOW_RUNS = 8, GT_FLOW_LETTER = 5 };

typedef struct gt_flow_numbers {
    const char *file, *dims; /* arrays to read, or sizes for random ones; NULL: none */
    const char *set;         /* constants of the cell; NULL: none */
    int64_t steps, examples, seed;
    bool every_step;   /* the loss is at every step, not after the last */
    bool every_result; /* the loss takes the hidden state and all outputs, not only what is handed on */
    bool asked;        /* where the loss is was said: a file's upstream gradients are not taken */
    gt_flow_options passes;
} gt_flow_numbers;

typedef char gt_flow_letter[GT_FLOW_LETTER];

typedef struct gt_flow_view {
    char label[96];
    gt_cell_source source;
    gt_cell_problem problem;
    gt_flow *flow;
    const gt_parsed_cell *parsed; /* the cell's text; borrowed */
    uint32_t number;              /* from 1: of its steps in a page; 0: there are none */
    gt_flow_letter *letters;      /* what is read at each step, of a text; NULL: no text */
} gt_flow_view;

/* A cell's arrays from a file, or random ones. Needs gt_cell_problem_free in any case. */
gt_status gt_flow_read_numbers(gt_cell_problem *problem, const gt_cell *cell, const gt_flow_numbers *numbers,
                               gt_error *error);

/* With `parameter` all `value`, unless that is NULL. Close it in any case. */
gt_status gt_flow_view_open(gt_flow_view *view, const char *cell, const gt_flow_numbers *numbers, const char *parameter,
                            double value, gt_error *error);
void gt_flow_view_close(gt_flow_view *view);

/* ---- reports ---- */

void gt_flow_print(const gt_flow_view *views, uint32_t count);
int gt_flow_print_json(const gt_command *command, const gt_flow_view *views, uint32_t count);
void gt_flow_write_csv(FILE *file, const gt_flow_view *views, uint32_t count);
/* False on no memory. */
bool gt_flow_write_svg(FILE *file, const gt_flow_view *views, uint32_t count);
/* With a page of steps for each view, if there is room; *views are numbered by them. */
bool gt_flow_write_html(FILE *file, gt_flow_view *views, uint32_t count);
/* The same as a text, to be freed with free(); NULL on no memory or without jansson. */
char *gt_flow_take_json(const gt_command *command, const gt_flow_view *views, uint32_t count);

#endif
