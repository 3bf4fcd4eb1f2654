#include "cli/bench/reads.h"

#include "base/utf8.h"

#include <stdlib.h>

/* One step of the cell, recorded to see what depends on what. */
typedef struct search {
    const gt_cell *cell;
    const gt_dimension *dimensions;
    uint32_t dimension_count;
    gt_tape *tape;
    gt_var inputs[GT_MAX_CELL_ARRAYS], states[GT_MAX_CELL_ARRAYS], parameters[GT_MAX_CELL_ARRAYS];
    gt_var next[GT_MAX_CELL_ARRAYS], outputs[GT_MAX_CELL_ARRAYS];
    bool *read; /* by the index of a node: whether something that is read depends on it */
} search;

static gt_shape shape_of(search *s, const gt_cell_array *array)
{
    gt_shape shape = GT_SCALAR;
    gt_error error = {0};
    if (gt_cell_array_shape(array, s->dimensions, s->dimension_count, 1, &shape, &error) != GT_OK)
        gt_tape_fail(s->tape, error.status, "%s", error.message);
    return shape;
}

static void record(search *s, bool with_outputs)
{
    const gt_cell *cell = s->cell;
    for (uint32_t i = 0; i < cell->input_count; i++)
        s->inputs[i] = gt_input(s->tape, cell->inputs[i].name, shape_of(s, &cell->inputs[i]));
    for (uint32_t i = 0; i < cell->state_count; i++)
        s->states[i] = gt_state(s->tape, cell->states[i].name, shape_of(s, &cell->states[i]));
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        s->parameters[i] = cell->parameters[i].output_only && !with_outputs
                               ? GT_NONE
                               : gt_parameter(s->tape, cell->parameters[i].name, shape_of(s, &cell->parameters[i]));
    gt_cell_step step = {.tape = s->tape,
                         .inputs = s->inputs,
                         .states = s->states,
                         .parameters = s->parameters,
                         .next_states = s->next,
                         .outputs = s->outputs,
                         .context = cell->context,
                         .dimensions = s->dimensions,
                         .dimension_count = s->dimension_count};
    cell->step(&step);
    if (with_outputs)
        cell->output(&step);
}

/* What a node is computed from has lower indices than the node. */
static void spread(search *s)
{
    bool more = true;
    while (more) {
        more = false;
        for (uint32_t i = gt_tape_node_count(s->tape); i > 0; i--) {
            gt_var v = {.tape = s->tape, .index = i};
            for (uint32_t k = 0; s->read[i] && k < gt_var_input_count(v); k++)
                s->read[gt_var_input(v, k).index] = true;
        }
        /* What the next step reads of a state is what this one makes of it. */
        for (uint32_t k = 0; k < s->cell->state_count; k++)
            if (s->read[s->states[k].index] && !s->read[s->next[k].index])
                more = s->read[s->next[k].index] = true;
    }
}

/* False: it is read already. */
static bool read(search *s, gt_var v)
{
    if (s->read[v.index])
        return false;
    s->read[v.index] = true;
    spread(s);
    return true;
}

static void find(search *s, gt_reads *reads, int32_t handed_on)
{
    const gt_cell *cell = s->cell;
    if (handed_on >= 0)
        reads->outputs[handed_on] = read(s, s->outputs[handed_on]);
    for (uint32_t i = 0; i < cell->state_count; i++)
        reads->states[i] = read(s, s->next[i]);
    for (uint32_t i = 0; handed_on >= 0 && i < cell->output_count; i++)
        if ((int32_t)i != handed_on && !gt_cell_is_output_layer(&cell->outputs[i]))
            reads->outputs[i] = read(s, s->outputs[i]);
}

gt_status gt_reads_find(gt_reads *reads, const gt_cell *cell, const gt_dimension *dimensions, uint32_t dimension_count,
                        gt_error *error)
{
    const int32_t handed_on = gt_cell_handed_on(cell);
    *reads = (gt_reads){0};
    search *s = calloc(1, sizeof *s);
    if (s == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    *s =
        (search){.cell = cell, .dimensions = dimensions, .dimension_count = dimension_count, .tape = gt_tape_new(NULL)};
    record(s, handed_on >= 0);
    gt_status status = gt_tape_status(s->tape);
    s->read = status == GT_OK ? calloc((size_t)gt_tape_node_count(s->tape) + 1, sizeof *s->read) : NULL;
    if (status != GT_OK)
        gt_error_set(error, status, "%s", gt_tape_message(s->tape));
    else if (s->read == NULL)
        status = gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    else
        find(s, reads, handed_on);
    free(s->read);
    gt_tape_free(s->tape);
    free(s);
    return status;
}

uint32_t gt_reads_names(const gt_reads *reads, const gt_cell *cell, char *text, size_t size)
{
    uint32_t count = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < cell->state_count; i++)
        if (reads->states[i])
            gt_utf8_append(text, size, "%s%s", count++ > 0 ? ", " : "", cell->states[i].name);
    for (uint32_t i = 0; i < cell->output_count; i++)
        if (reads->outputs[i])
            gt_utf8_append(text, size, "%s%s", count++ > 0 ? ", " : "", cell->outputs[i].name);
    return count;
}
