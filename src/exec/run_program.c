/* Runs a program. */
#include "exec/program.h"

#include <string.h>

static char *address_of(const gt_machine *machine, const gt_address *address)
{
    const char *base = address->base == GT_BASE_ARENA   ? machine->arena
                       : address->base == GT_BASE_INPUT ? machine->inputs[address->index]
                                                        : machine->states[address->index];
    size_t offset = address->offset;
    for (int depth = 0; depth < GT_MAX_LOOPS; depth++)
        offset += address->step[depth] * (size_t)machine->t[depth];
    /* Const is dropped: whether an array may be written was settled when the program was made. */
    return (char *)(uintptr_t)base + offset;
}

static size_t bytes_of(const gt_operand *operand)
{
    return (size_t)gt_shape_count(operand->shape) * gt_dtype_size(operand->dtype);
}

/* ---- groups -------------------------------------------------------------------------------- */

/*
 * A tile is a whole number of columns where a column is short, and a part of one
 * column where it is long. In the first case what is the same for all columns
 * is spread over a tile once, and what belongs to a column once a tile.
 */
typedef struct tiling {
    int64_t rows, columns; /* of a tile; the last may be smaller */
    bool in_column;
} tiling;

size_t gt_machine_tile_bytes(const gt_code *code)
{
    return (size_t)code->most_registers * GT_TILE_BYTES;
}

static tiling tiling_of(const gt_group *group)
{
    int64_t entries = (int64_t)(GT_TILE_BYTES / gt_dtype_size(group->dtype));
    if (group->rows > entries / 2)
        return (tiling){entries < group->rows ? entries : group->rows, 1, true};
    int64_t columns = entries / group->rows;
    return (tiling){group->rows, columns < group->columns ? columns : group->columns, false};
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
            if (dtype == GT_F32)
                ((float *)tile)[c * rows + r] = ((const float *)row)[c];
            else
                ((double *)tile)[c * rows + r] = ((const double *)row)[c];
        }
}

/* The pointer of a source for the tile that begins at (row, column). */
static char *source_at(const gt_machine *machine, const gt_source *source, const tiling *tile, char *own, int64_t row,
                       int64_t column, int64_t group_rows)
{
    size_t size = gt_dtype_size(source->operand.dtype);
    char *base = address_of(machine, &source->operand.address);
    switch (source->walk) {
    case GT_WALK_SCALAR: return base;
    case GT_WALK_FLAT: return base + (size_t)(column * group_rows + row) * size;
    case GT_WALK_COLUMN: return tile->in_column ? base + (size_t)row * size : own;
    case GT_WALK_ROW: return tile->in_column ? base + (size_t)column * size : own;
    }
    return base;
}

static void run_step(const gt_machine *machine, const gt_group_step *step, const gt_group *group, size_t count,
                     char *output, bool in_column)
{
    const void *inputs[4];
    size_t strides[4];
    for (uint32_t k = 0; k < step->input_count; k++) {
        uint32_t r = step->inputs[k];
        gt_walk walk = r < group->source_count ? group->sources[r].walk : GT_WALK_FLAT;
        inputs[k] = machine->registers[r];
        strides[k] = walk != GT_WALK_SCALAR && !(walk == GT_WALK_ROW && in_column);
    }
    const gt_op *op = step->op;
    if (group->dtype == GT_F32) {
        gt_elementwise_f32 run = {count, (const float *const *)inputs, strides, (float *)output, step->attributes};
        (op->fast_f32 != NULL && !machine->exact ? op->fast_f32 : op->run_f32)(&run);
    } else {
        gt_elementwise_f64 run = {count, (const double *const *)inputs, strides, (double *)output, step->attributes};
        (op->fast_f64 != NULL && !machine->exact ? op->fast_f64 : op->run_f64)(&run);
    }
}

static void run_tile(gt_machine *machine, const gt_group *group, const tiling *tile, int64_t row, int64_t column)
{
    char **registers = machine->registers;
    int64_t rows = group->rows - row < tile->rows ? group->rows - row : tile->rows;
    int64_t columns = group->columns - column < tile->columns ? group->columns - column : tile->columns;
    size_t size = gt_dtype_size(group->dtype), count = (size_t)(rows * columns);
    for (uint32_t s = 0; s < group->source_count; s++) {
        const gt_source *source = &group->sources[s];
        char *own = machine->tiles + (size_t)s * GT_TILE_BYTES;
        if (source->walk == GT_WALK_ROW && !tile->in_column)
            spread_row(own, address_of(machine, &source->operand.address) + (size_t)column * size, group->dtype, rows,
                       columns);
        registers[s] = source_at(machine, source, tile, own, row, column, group->rows);
    }
    for (uint32_t k = 0; k < group->step_count; k++) {
        const gt_group_step *step = &group->steps[k];
        uint32_t r = group->source_count + k;
        registers[r] = step->written ? address_of(machine, &step->output.address) + (size_t)(column * group->rows + row) * size
                                     : machine->tiles + (size_t)r * GT_TILE_BYTES;
        run_step(machine, step, group, count, registers[r], tile->in_column);
    }
}

static void run_group(gt_machine *machine, const gt_group *group)
{
    tiling tile = tiling_of(group);
    for (uint32_t s = 0; s < group->source_count && !tile.in_column; s++)
        if (group->sources[s].walk == GT_WALK_COLUMN)
            spread_column(machine->tiles + (size_t)s * GT_TILE_BYTES,
                          address_of(machine, &group->sources[s].operand.address),
                          (size_t)group->rows * gt_dtype_size(group->dtype), tile.columns);
    for (int64_t column = 0; column < group->columns; column += tile.columns)
        for (int64_t row = 0; row < group->rows; row += tile.rows)
            run_tile(machine, group, &tile, row, column);
}

/* ---- kernels ------------------------------------------------------------------------------- */

static gt_status run_kernel(gt_machine *machine, const gt_instruction *instruction)
{
    uint32_t count = instruction->input_count + instruction->output_count;
    for (uint32_t k = 0; k < count; k++) {
        const gt_operand *operand = &instruction->operands[k];
        machine->arrays[k] = (gt_array){address_of(machine, &operand->address), operand->dtype, operand->shape};
    }
    gt_kernel kernel = {
        .inputs = machine->arrays,
        .input_count = instruction->input_count,
        .outputs = machine->arrays + instruction->input_count,
        .output_count = instruction->output_count,
        .part_attributes = instruction->part_attributes,
        .attributes = instruction->attributes,
        .attribute_count = instruction->attribute_count,
        .error = &machine->error,
    };
    const gt_op *op = instruction->op;
    gt_status status = (op->fast_evaluate != NULL && !machine->exact ? op->fast_evaluate : op->evaluate)(&kernel);
    if (status != GT_OK)
        machine->failed = instruction;
    return status;
}

/* ---- products ------------------------------------------------------------------------------ */

static void run_multiplication(gt_machine *machine, const gt_multiplication *m)
{
    gt_product_operand left = {address_of(machine, &m->left.address), m->left_leading, m->left_layout};
    gt_product_operand right = {address_of(machine, &m->right.address), m->right_leading, m->right_layout};
    gt_product_run(&m->product, &left, &right, address_of(machine, &m->output.address), m->product.rows,
                   machine->product_memory);
}

static void run_packing(gt_machine *machine, const gt_packing *p)
{
    gt_product_part whole = {address_of(machine, &p->from.address), p->leading, p->transposed, p->rows, p->inner};
    gt_product_pack_left(p->kernels, address_of(machine, &p->to), p->rows, p->inner, 0, 0, &whole);
}

/* ---- loops --------------------------------------------------------------------------------- */

/* New values become old ones; those that are copied go to memory that is not being read. */
static void carry_over(gt_machine *machine, const gt_loop *loop, int64_t done)
{
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        if (carried->carrying == GT_CARRY_COPIED)
            memcpy(address_of(machine, &carried->kept[done % 2]), address_of(machine, &carried->after.address),
                   bytes_of(&carried->after));
    }
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        bool stacked = carried->carrying == GT_CARRY_STACKED;
        machine->states[carried->place] =
            address_of(machine, stacked ? &carried->after.address : &carried->kept[done % 2]);
        if (carried->carrying == GT_CARRY_TURNED)
            machine->states[carried->next] = address_of(machine, &carried->kept[(done + 1) % 2]);
    }
}

static void begin_states(gt_machine *machine, const gt_loop *loop)
{
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        machine->states[carried->place] = address_of(machine, &carried->initial.address);
        if (carried->carrying == GT_CARRY_TURNED)
            machine->states[carried->next] = address_of(machine, &carried->kept[0]);
    }
}

/* Sequences in several pieces: where each is at this step. */
static void find_pieces(gt_machine *machine, const gt_loop *loop)
{
    int64_t t = machine->t[loop->depth];
    for (uint32_t k = 0; k < loop->pieced_count; k++) {
        const gt_pieced *pieced = &loop->pieced[k];
        uint32_t piece = pieced->count - 1;
        while (pieced->first[piece] > t)
            piece--;
        machine->t[loop->depth] = t - pieced->first[piece];
        machine->states[pieced->place] = address_of(machine, &pieced->pieces[piece].address);
    }
    machine->t[loop->depth] = t;
}

static gt_status run_loop(gt_machine *machine, const gt_loop *loop)
{
    gt_status status = GT_OK;
    begin_states(machine, loop);
    for (int64_t done = 0; done < loop->steps && status == GT_OK; done++) {
        machine->t[loop->depth] = loop->backward ? loop->steps - 1 - done : done;
        find_pieces(machine, loop);
        status = gt_machine_run(machine, &loop->body);
        for (uint32_t k = 0; k < loop->copy_count; k++)
            memcpy(address_of(machine, &loop->copies[k].to.address), address_of(machine, &loop->copies[k].from.address),
                   bytes_of(&loop->copies[k].from));
        carry_over(machine, loop, done);
    }
    machine->t[loop->depth] = 0;
    for (uint32_t k = 0; k < loop->final_count; k++)
        memcpy(address_of(machine, &loop->finals[k].address), machine->states[loop->carried[loop->final_states[k]].place],
               bytes_of(&loop->finals[k]));
    return status;
}

gt_status gt_machine_run(gt_machine *machine, const gt_block *block)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < block->count && status == GT_OK; i++) {
        const gt_instruction *instruction = &block->list[i];
        if (instruction->group != NULL)
            run_group(machine, instruction->group);
        else if (instruction->multiplication != NULL)
            run_multiplication(machine, instruction->multiplication);
        else if (instruction->packing != NULL)
            run_packing(machine, instruction->packing);
        else if (instruction->loop != NULL)
            status = run_loop(machine, instruction->loop);
        else
            status = run_kernel(machine, instruction);
    }
    return status;
}
