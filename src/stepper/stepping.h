/*
 * A tape with its numbers, seen as items that are stepped through. From a problem to a page:
 *   record.c      records and evaluates the tape, and collects its graph;
 *   items.c       takes from the graph what is shown, and from the tape what that reads;
 *   adjoints.c    finds what adds to which gradient, in the order of the reverse replay;
 *   views.c       has pictures of the loop's body beside that of all steps, and what stands for what in them;
 *   names.c       gives everything a name, and says how it is computed;
 *   differences.c has numeric derivatives beside the gradients;
 *   start.c       finds the place at which the page is to open;
 *   data.c        writes what the page's program reads;
 *   picture.c     makes pictures small;
 *   page.c        writes the page around all that.
 */
#ifndef GT_STEPPER_STEPPING_H
#define GT_STEPPER_STEPPING_H

#include "base/pool.h"
#include "dump/formula.h"
#include "dump/text.h"
#include "gradtape/graph.h"
#include "gradtape/interpreter.h"
#include "gradtape/op.h"
#include "gradtape/stepper.h"
#include "problem/tape.h"

#define GT_STEPPER_RESULTS (2 * GT_MAX_CELL_ARRAYS)
#define GT_STEPPER_GRADIENTS (3 * GT_MAX_CELL_ARRAYS)

/* What the page shows, or what an arithmetic in it reads. */
typedef struct gt_item {
    gt_var var;
    uint32_t node; /* of the graph; GT_GRAPH_NONE: it is not drawn */
} gt_item;

/* Something that adds to an adjoint. Nodes by their index on the tape; 0: none. */
typedef struct gt_addend {
    uint32_t target; /* whose adjoint it is */
    uint32_t by;     /* the op whose reverse rule it comes from; 0: the upstream gradient */
    uint32_t value, sum;
} gt_addend;

/* A picture of the loop's body. */
typedef struct gt_stepping_view {
    gt_graph *graph; /* NULL: there is none */
    char *picture;   /* SVG */
    uint32_t *of;    /* by node of the unrolled graph: the node that stands for it here, or GT_GRAPH_NONE */
} gt_stepping_view;

typedef struct gt_stepping {
    const gt_cell_problem *problem;
    gt_stepper_options options;
    gt_cell_tape record;
    gt_interpreter *run;
    uint32_t forward; /* nodes of the tape that stand before the reverse replay */
    gt_var gradients[GT_STEPPER_GRADIENTS];
    gt_graph_output outputs[GT_STEPPER_RESULTS + GT_STEPPER_GRADIENTS];
    uint32_t output_count, result_outputs; /* the results come first */
    gt_graph *graph;
    char *picture;                 /* SVG */
    gt_stepping_view cell, rolled; /* forward alone; with what the reverse rules record */
    gt_item *items;
    size_t item_count, item_capacity;
    uint32_t *item_of; /* by index on the tape: its item + 1, or 0 */
    gt_addend *addends;
    size_t addend_count, addend_capacity;
    gt_formula *names;            /* by index on the tape */
    double *derivatives, *errors; /* numeric ones of all that is differentiated; NULL: left out */
    gt_pool pool;
} gt_stepping;

gt_status gt_stepping_record(gt_stepping *s, gt_error *error);
/* The error that says so, of a page of so many bytes. */
gt_status gt_stepping_too_large(const gt_cell_problem *problem, double size, gt_error *error);
gt_status gt_stepping_differences(gt_stepping *s, gt_error *error);
/* Draws the body of the loop. */
gt_status gt_stepping_view_body(gt_stepping *s, gt_error *error);

/* False on no memory. */
bool gt_stepping_list(gt_stepping *s);
bool gt_stepping_add_up(gt_stepping *s);
/* Also what adds up where no picture shows it, as what only gives entries other sizes. */
bool gt_stepping_list_addends(gt_stepping *s);
bool gt_stepping_name(gt_stepping *s);

/* The item of a var, or of what it is a mere reshaping of; -1: none. */
int64_t gt_stepping_item(const gt_stepping *s, gt_var v);
/* What an item is computed from, as people write it. */
gt_formula gt_stepping_rule(const gt_stepping *s, gt_var v);

/* The item that is options.start, or stands nearest; -1: none does. */
int64_t gt_stepping_find_start(const gt_stepping *s);

void gt_stepping_write_data(const gt_stepping *s, gt_text *text);
/* What all pictures have in common, from one of them; and a picture, ids with a prefix, with words for what it is. */
void gt_stepping_write_common(const char *picture, gt_text *text);
void gt_stepping_write_picture(const char *picture, const char *prefix, const char *words, gt_text *text);
void gt_stepping_write_page(const gt_stepping *s, gt_text *text);

#endif
