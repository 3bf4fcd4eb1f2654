/*
 * Runs groups of element-by-element ops, tile by tile: every step of a group does
 * a whole tile before the next, so that what passes between them stays in the
 * nearest cache.
 */
#include "base/types.h"
#include "exec/machine.h"

#include <string.h>

size_t gt_machine_tile_bytes(const gt_code *code)
{
    size_t tiles = (size_t)code->most_tiles * GT_TILE_DISTANCE;
    return tiles > code->strip_bytes ? tiles : code->strip_bytes;
}

static char *tile_at(const gt_machine *machine, uint32_t tile)
{
    return machine->tiles + (size_t)tile * GT_TILE_DISTANCE;
}

static void spread_column(char *tile, const char *column, size_t bytes, int64_t columns)
{
    for (int64_t c = 0; c < columns; c++)
        memcpy(tile + (size_t)c * bytes, column, bytes);
}

static void spread_row(char *tile, const char *row, gt_dtype dtype, int64_t rows, int64_t columns)
{
    for (int64_t c = 0; c < columns; c++)
        for (int64_t r = 0; r < rows; r++) {
            GT_FOR_REAL(dtype, ((double *)tile)[c * rows + r] = ((const double *)row)[c],
                        ((float *)tile)[c * rows + r] = ((const float *)row)[c]);
        }
}

static void run_step_f32(const gt_group_step *step, char *const *registers, size_t count, char *output)
{
    const float *inputs[4];
    for (uint32_t k = 0; k < step->input_count; k++)
        inputs[k] = (const float *)registers[step->inputs[k]];
    step->run_f32(&(gt_elementwise_f32){count, inputs, step->strides, (float *)output, step->attributes});
}

static void run_step_f64(const gt_group_step *step, char *const *registers, size_t count, char *output)
{
    const double *inputs[4];
    for (uint32_t k = 0; k < step->input_count; k++)
        inputs[k] = (const double *)registers[step->inputs[k]];
    step->run_f64(&(gt_elementwise_f64){count, inputs, step->strides, (double *)output, step->attributes});
}

static void run_steps(const gt_group *group, char *const *registers, size_t count)
{
    char *const *outputs = registers + group->source_count;
    for (uint32_t k = 0; k < group->step_count; k++)
        GT_FOR_REAL(group->dtype, run_step_f64(&group->steps[k], registers, count, outputs[k]),
                    run_step_f32(&group->steps[k], registers, count, outputs[k]));
}

/* Where the arrays begin, and the tiles, which stay where they are. */
static void place_registers(const gt_machine *machine, const gt_group *group, char **registers)
{
    size_t column = (size_t)group->rows * gt_dtype_size(group->dtype);
    for (uint32_t s = 0; s < group->source_count; s++) {
        const gt_source *source = &group->sources[s];
        const char *from = gt_machine_address(machine, &source->operand.address);
        registers[s] = (char *)(uintptr_t)from;
        if (!source->spread)
            continue;
        registers[s] = tile_at(machine, source->tile);
        if (source->walk == GT_WALK_COLUMN)
            spread_column(registers[s], from, column, group->tile_columns);
    }
    registers += group->source_count;
    for (uint32_t k = 0; k < group->step_count; k++) {
        const gt_group_step *step = &group->steps[k];
        registers[k] =
            step->written ? gt_machine_address(machine, &step->output.address) : tile_at(machine, step->tile);
    }
}

/* ---- tiles --------------------------------------------------------------------------------- */

/* A part of the group: rows of some columns. */
typedef struct part {
    int64_t row, column, rows, columns;
} part;

/* Moves the registers from where the arrays begin to the part. */
static void move_registers(const gt_machine *machine, const gt_group *group, const part *at, char *const *begins,
                           char **registers)
{
    size_t size = gt_dtype_size(group->dtype), skipped = (size_t)(at->column * group->rows + at->row) * size;
    for (uint32_t s = 0; s < group->source_count; s++) {
        const gt_source *source = &group->sources[s];
        registers[s] = begins[s];
        if (source->spread && source->walk == GT_WALK_ROW)
            spread_row(begins[s], gt_machine_address(machine, &source->operand.address) + (size_t)at->column * size,
                       group->dtype, at->rows, at->columns);
        else if (source->walk == GT_WALK_FLAT)
            registers[s] += skipped;
        else if (source->walk == GT_WALK_COLUMN && !source->spread)
            registers[s] += (size_t)at->row * size;
        else if (source->walk == GT_WALK_ROW)
            registers[s] += (size_t)at->column * size;
    }
    begins += group->source_count;
    registers += group->source_count;
    for (uint32_t k = 0; k < group->step_count; k++)
        registers[k] = begins[k] + (group->steps[k].written ? skipped : 0);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---- compiled loops ------------------------------------------------------------------------ */

static void give(const gt_group *group, const gt_span *span, int64_t columns, int64_t given[2])
{
    int64_t size = (int64_t)gt_dtype_size(group->dtype), bytes = span->rows * columns * size;
    int64_t rest = bytes % span->vector_bytes;
    given[0] = span->flat ? bytes - rest : columns;
    given[1] = span->flat ? rest / size : 0;
}

void gt_machine_give_group(const gt_group *group, int64_t columns, int64_t given[2])
{
    give(group, &group->spans[0], columns, given);
}

static void run_loop(const gt_group *group, const gt_span *span, char **arrays, int64_t columns)
{
    int64_t given[2];
    give(group, span, columns, given);
    span->run(arrays, given[0], given[1]);
}

void gt_machine_run_span(const gt_group *group, const gt_span *span, char *const *registers, int64_t columns)
{
    char *arrays[GT_MOST_LOOP_ARRAYS];
    if (columns < 1)
        return;
    for (uint32_t n = 0; n < span->array_count; n++)
        arrays[n] = registers[span->arrays[n].reg] + span->arrays[n].offset;
    run_loop(group, span, arrays, columns);
}

static void run_compiled(gt_machine *machine, const gt_group *group, int64_t from, int64_t to)
{
    char *arrays[GT_MOST_LOOP_ARRAYS];
    if (to <= from)
        return;
    gt_machine_take_cursor(machine, group->cursor, from, arrays);
    run_loop(group, &group->spans[0], arrays, to - from);
}

void gt_machine_run_group(gt_machine *machine, const gt_group *group, int64_t from, int64_t to)
{
    if (group->strips) {
        gt_machine_run_strips(machine, group, from, to);
        return;
    }
    if (group->cursor != NULL) {
        run_compiled(machine, group, from, to);
        return;
    }
    char **begins = machine->registers, **registers = begins + group->source_count + group->step_count;
    place_registers(machine, group, begins);
    part at = {.row = group->flat ? from * group->rows : 0, .column = group->flat ? 0 : from};
    int64_t first_row = at.row, rows = group->flat ? to * group->rows : group->rows, columns = group->flat ? 1 : to;
    for (; at.column < columns; at.column += at.columns) {
        at.columns = smaller(group->tile_columns, columns - at.column);
        for (at.row = first_row; at.row < rows; at.row += at.rows) {
            at.rows = smaller(group->tile_rows, rows - at.row);
            move_registers(machine, group, &at, begins, registers);
            run_steps(group, registers, (size_t)(at.rows * at.columns));
        }
    }
}
