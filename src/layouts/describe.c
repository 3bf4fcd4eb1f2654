#include "layouts/describe.h"

#include <string.h>

const gt_layout_region *gt_layout_find(const gt_layout *layout, gt_layout_kind kind, char gate)
{
    for (uint32_t i = 0; i < layout->region_count; i++)
        if (layout->regions[i].kind == kind && layout->regions[i].gate == gate)
            return &layout->regions[i];
    return NULL;
}

/* The place of the array of that name, which is added unless it is there. */
static uint32_t array_of(gt_layout *layout, const char *name, gt_shape shape, bool optional)
{
    for (uint32_t i = 0; i < layout->array_count; i++)
        if (strcmp(layout->arrays[i].name, name) == 0)
            return i;
    layout->arrays[layout->array_count] = (gt_layout_array){name, shape, optional};
    return layout->array_count++;
}

static void add_region(gt_layout *layout, gt_layout_region region)
{
    layout->regions[layout->region_count++] = region;
}

static int64_t columns_of(gt_layout_kind kind, const gt_layout_sizes *sizes)
{
    return kind == GT_LAYOUT_INPUT ? sizes->input : kind == GT_LAYOUT_RECURRENT ? sizes->hidden : 1;
}

/* ---- ours: an array for each gate -------------------------------------------------------------- */

static void describe_gate(const gt_layout_gate *gate, const gt_layout_sizes *sizes, gt_layout *layout)
{
    int64_t n = sizes->hidden;
    bool joined = strcmp(gate->names[GT_LAYOUT_INPUT], gate->names[GT_LAYOUT_RECURRENT]) == 0;
    for (gt_layout_kind kind = 0; kind < GT_LAYOUT_NONE; kind++) {
        if (gate->names[kind] == NULL)
            continue;
        bool matrix = kind == GT_LAYOUT_INPUT || kind == GT_LAYOUT_RECURRENT;
        int64_t columns = columns_of(kind, sizes);
        uint32_t array =
            array_of(layout, gate->names[kind], GT_SHAPE(n, matrix && joined ? n + sizes->input : columns), false);
        add_region(layout, (gt_layout_region){
                               .kind = kind,
                               .gate = gate->letter,
                               .array = array,
                               .rows = n,
                               .columns = columns,
                               .base = kind == GT_LAYOUT_INPUT && joined ? n * n : 0,
                               .row_stride = 1,
                               .column_stride = n,
                               .negated = gate->negated,
                           });
    }
}

/* ---- theirs: an array for all gates ------------------------------------------------------------ */

/* The gates that have this kind of part, in their order in the array. */
static const char *order_of(gt_framework framework, const gt_layout_cell *cell, gt_layout_kind kind)
{
    return kind == GT_LAYOUT_DIAGONAL ? cell->diagonals : cell->orders[framework];
}

static gt_shape shape_of(gt_layout_arrangement arrangement, int64_t directions, int64_t rows, int64_t columns,
                         bool matrix, bool two)
{
    switch (arrangement) {
    case GT_LAYOUT_GATES_FIRST:
        return matrix ? GT_SHAPE(rows, columns) : GT_SHAPE(rows);
    case GT_LAYOUT_GATES_LAST:
        return matrix ? GT_SHAPE(columns, rows) : two ? GT_SHAPE(2, rows) : GT_SHAPE(rows);
    default:
        return matrix ? GT_SHAPE(directions, rows, columns) : GT_SHAPE(directions, two ? 2 * rows : rows);
    }
}

/* Where the rows of all gates begin, and the steps from one row and one column to the next. */
static gt_layout_region place_of(gt_layout_arrangement arrangement, const gt_layout_sizes *sizes, int64_t rows,
                                 int64_t columns, bool matrix, bool two, bool second)
{
    switch (arrangement) {
    case GT_LAYOUT_GATES_FIRST:
        return (gt_layout_region){.row_stride = 1, .column_stride = rows};
    case GT_LAYOUT_GATES_LAST:
        return (gt_layout_region){.base = second, .row_stride = matrix ? columns : 1 + two, .column_stride = 1};
    default:
        return (gt_layout_region){
            .base = sizes->direction + (second ? sizes->direction_count * rows : 0),
            .row_stride = sizes->direction_count,
            .column_stride = sizes->direction_count * rows,
        };
    }
}

static void describe_part(gt_framework framework, const gt_layout_cell *cell, const gt_layout_form *form, bool second,
                          bool two, const gt_layout_sizes *sizes, gt_layout *layout)
{
    gt_layout_arrangement arrangement = gt_layout_frameworks[framework].arrangement;
    gt_layout_kind kind = second ? form->second : form->kind;
    const char *order = order_of(framework, cell, kind);
    int64_t n = sizes->hidden, rows = (int64_t)strlen(order) * n, columns = columns_of(kind, sizes);
    bool matrix = kind == GT_LAYOUT_INPUT || kind == GT_LAYOUT_RECURRENT;
    gt_layout_region region = place_of(arrangement, sizes, rows, columns, matrix, two, second);
    region.kind = kind;
    region.rows = n;
    region.columns = columns;
    region.array = array_of(layout, form->name,
                            shape_of(arrangement, sizes->direction_count, rows, columns, matrix, two), form->optional);
    for (const char *gate = order; *gate != '\0'; gate++, region.base += n * region.row_stride) {
        region.gate = *gate;
        add_region(layout, region);
    }
}

static void describe_form(gt_framework framework, const gt_layout_cell *cell, const gt_layout_form *form,
                          const gt_layout_sizes *sizes, gt_layout *layout)
{
    if (order_of(framework, cell, form->kind) == NULL)
        return;
    bool two = form->second != GT_LAYOUT_NONE && (framework != GT_FRAMEWORK_KERAS || cell->rows_of_biases);
    describe_part(framework, cell, form, false, two, sizes, layout);
    if (two)
        describe_part(framework, cell, form, true, two, sizes, layout);
}

void gt_layout_describe(gt_framework framework, const gt_layout_cell *cell, const gt_layout_sizes *sizes,
                        gt_layout *layout)
{
    *layout = (gt_layout){.array_count = 0};
    if (framework == GT_FRAMEWORK_GRADTAPE)
        for (uint32_t i = 0; i < cell->gate_count; i++)
            describe_gate(&cell->gates[i], sizes, layout);
    const gt_layout_form *forms = gt_layout_frameworks[framework].forms;
    for (uint32_t i = 0; i < GT_LAYOUT_FORMS && forms[i].name != NULL; i++)
        describe_form(framework, cell, &forms[i], sizes, layout);
}
