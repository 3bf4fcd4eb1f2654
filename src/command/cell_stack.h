/*
 * Layers of cells by what a person writes for them: a cell as in command/cell_source.h, or several, from
 * below, "bi(lstm 128), mine.cell 64", as gt_layers_read has them.
 */
#ifndef GT_COMMAND_CELL_STACK_H
#define GT_COMMAND_CELL_STACK_H

#include "command/cell_source.h"

/* Of layers that are not one cell in one direction. */
typedef struct gt_cell_stack {
    gt_network_layer layers[GT_MAX_LAYERS];
    uint32_t layer_count;
    /* The different cells, in the order in which they come up; the first is the source's own, and not here. */
    gt_cell_source further[GT_MAX_LAYERS];
    uint32_t further_count;
} gt_cell_stack;

/*
 * As gt_cell_source_open and gt_cell_source_find. Of layers source->cell is the first one's, and source->stack has
 * all of them; of a cell alone it is NULL.
 */
bool gt_cell_stack_open(gt_cell_source *source, const gt_command *command, const char *text);
bool gt_cell_stack_find(gt_cell_source *source, const char *text, gt_error *error);

/* What finds one cell by its word in the text: "mine.cell"; `place`: the how many-th different one it is. */
typedef bool gt_cell_finder(void *context, gt_cell_source *source, const char *word, uint32_t place, gt_error *error);
/* Of a text that is known to be of layers, with cells that are found in another way. */
bool gt_cell_stack_read(gt_cell_source *source, const char *text, gt_cell_finder *finder, void *context,
                        gt_error *error);

/* The different cells of a source. */
uint32_t gt_cell_stack_count(const gt_cell_source *source);
const gt_cell_source *gt_cell_stack_at(const gt_cell_source *source, uint32_t place);

/* What it is called in messages and tables: the cell's own name, or the layers, with their cells' own names. */
#define GT_CELL_LABEL 96
void gt_cell_stack_label(const gt_cell_source *source, char label[GT_CELL_LABEL]);

/* The names in the tables of all its cells: see gt_dimensions_find. */
gt_status gt_cell_stack_dimensions(const gt_cell_source *source, bool ignores_outputs, gt_dimensions *dimensions,
                                   gt_error *error);

#endif
