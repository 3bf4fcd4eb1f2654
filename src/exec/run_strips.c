/*
 * Runs groups in strips. A strip is some whole columns: all steps of the group are
 * done for one strip before the next, so that a column may be summed, cut or joined
 * in the middle of a run of element-by-element ops, and what passes between the
 * steps stays in the nearest cache. What there is once for each column, such as a
 * mean, is never spread over the column: steps that read it go column by column.
 */
#include "base/types.h"
#include "exec/machine.h"
#include "ops/reduce.h"

#include <string.h>

static char *tile_at(const gt_machine *machine, const gt_group *group, uint32_t tile)
{
    return machine->tiles + (size_t)tile * group->tile_distance;
}

/* Sums over steps to which all columns are added, from column `from` on: they are in that one. */
static void place_folded(const gt_group *group, int64_t from, char **registers)
{
    size_t size = gt_dtype_size(group->dtype);
    for (uint32_t s = 0; s < group->source_count; s++)
        if (group->sources[s].folds)
            registers[s] += (size_t)(from * group->sources[s].operand.shape.size[0]) * size;
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].folds)
            registers[group->source_count + k] += (size_t)(from * group->steps[k].rows) * size;
}

/* Where the registers of the first column are; what is the same for short columns is spread over a tile. */
static void place_registers(const gt_machine *machine, const gt_group *group, char **registers)
{
    for (uint32_t s = 0; s < group->source_count; s++) {
        const gt_source *source = &group->sources[s];
        char *from = gt_machine_address(machine, &source->operand.address);
        registers[s] = source->spread ? tile_at(machine, group, source->tile) : from;
        size_t bytes = (size_t)gt_shape_count(source->operand.shape) * gt_dtype_size(group->dtype);
        for (int64_t c = 0; c < group->tile_columns && source->spread; c++)
            memcpy(registers[s] + (size_t)c * bytes, from, bytes);
    }
    registers += group->source_count;
    for (uint32_t k = 0; k < group->step_count; k++)
        registers[k] = group->steps[k].written ? gt_machine_address(machine, &group->steps[k].output.address)
                                               : tile_at(machine, group, group->steps[k].tile);
}

static void move_registers(const gt_group *group, int64_t column, char *const *begins, char **registers)
{
    for (uint32_t s = 0; s < group->source_count; s++)
        registers[s] = begins[s] + (size_t)column * group->sources[s].advance;
    begins += group->source_count;
    registers += group->source_count;
    for (uint32_t k = 0; k < group->step_count; k++)
        registers[k] = begins[k] + (size_t)column * group->steps[k].advance;
}

/* ---- steps --------------------------------------------------------------------------------- */

static void run_entries(const gt_group *group, const gt_group_step *step, char *const *registers, size_t columns,
                        char *output)
{
    const void *inputs[4] = {NULL};
    size_t size = gt_dtype_size(group->dtype), rows = (size_t)step->rows;
    size_t calls = step->each_column ? columns : 1, count = step->each_column ? rows : rows * columns;
    for (uint32_t n = 0; n < step->input_count; n++)
        inputs[n] = registers[step->inputs[n]];
    for (size_t c = 0; c < calls; c++) {
        GT_FOR_REAL(group->dtype,
                    step->run_f64(&(gt_elementwise_f64){count, (const double *const *)inputs, step->strides,
                                                        (double *)output, step->attributes}),
                    step->run_f32(&(gt_elementwise_f32){count, (const float *const *)inputs, step->strides,
                                                        (float *)output, step->attributes}));
        output += rows * size;
        for (uint32_t n = 0; n < step->input_count; n++)
            inputs[n] = (const char *)inputs[n] + (size_t)step->input_rows[n] * size;
    }
}

static void run_sum(const gt_group *group, const gt_group_step *step, char *const *registers, int64_t columns,
                    char *output)
{
    gt_array x = {registers[step->inputs[0]], group->dtype, GT_SHAPE(step->input_rows[0], columns)};
    gt_reduce_fast(x, (gt_array){output, group->dtype, GT_SHAPE(1, columns)}, step->divisor);
}

static void copy_rows(const char *from, size_t from_distance, char *to, size_t to_distance, size_t bytes,
                      int64_t columns)
{
    for (int64_t c = 0; c < columns; c++)
        memmove(to + (size_t)c * to_distance, from + (size_t)c * from_distance, bytes);
}

static void run_slice(const gt_group *group, const gt_group_step *step, const char *from, int64_t columns, char *output)
{
    size_t size = gt_dtype_size(group->dtype), bytes = (size_t)step->rows * size;
    copy_rows(from + (size_t)step->first_row * size, (size_t)step->input_rows[0] * size, output, bytes, bytes, columns);
}

static void run_concat(const gt_group *group, const gt_group_step *step, char *const *registers, int64_t columns,
                       char *output)
{
    size_t size = gt_dtype_size(group->dtype), distance = (size_t)step->rows * size;
    for (uint32_t n = 0; n < step->input_count; n++) {
        size_t bytes = (size_t)step->input_rows[n] * size;
        uint32_t input = step->inputs[n];
        bool is_there = input >= group->source_count && group->steps[input - group->source_count].joined != 0;
        if (!is_there)
            copy_rows(registers[step->inputs[n]], bytes, output, distance, bytes, columns);
        output += bytes;
    }
}

static void run_step(const gt_group *group, const gt_group_step *step, char *const *registers, int64_t columns,
                     char *output)
{
    switch (step->kind) {
    case GT_STEP_ENTRIES:
        run_entries(group, step, registers, (size_t)columns, output);
        break;
    case GT_STEP_SUM:
        run_sum(group, step, registers, columns, output);
        break;
    case GT_STEP_SLICE:
        run_slice(group, step, registers[step->inputs[0]], columns, output);
        break;
    case GT_STEP_CONCAT:
        run_concat(group, step, registers, columns, output);
        break;
    }
}

static void run_strip(const gt_group *group, char *const *registers, int64_t columns)
{
    char *const *outputs = registers + group->source_count;
    for (uint32_t n = 0; n < group->span_count; n++) {
        const gt_span *span = &group->spans[n];
        if (span->run != NULL)
            gt_machine_run_span(group, span, registers, columns);
        else
            run_step(group, &group->steps[span->first], registers, columns, outputs[span->first]);
    }
    for (uint32_t k = 0; k < group->step_count && group->spans == NULL; k++)
        run_step(group, &group->steps[k], registers, columns, outputs[k]);
}

void gt_machine_run_strips(gt_machine *machine, const gt_group *group, int64_t from, int64_t to)
{
    char **begins = machine->registers, **registers = begins + group->source_count + group->step_count;
    place_registers(machine, group, begins);
    place_folded(group, from, begins);
    for (int64_t column = from, columns; column < to; column += columns) {
        columns = group->tile_columns < to - column ? group->tile_columns : to - column;
        move_registers(group, column, begins, registers);
        run_strip(group, registers, columns);
    }
}
