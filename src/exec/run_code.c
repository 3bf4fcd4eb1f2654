/* Runs code. */
#include "exec/machine.h"

static char *address_of(const gt_machine *machine, const gt_address *address)
{
    return gt_machine_address(machine, address);
}

/* ---- kernels ------------------------------------------------------------------------------- */

/* Pieces `from` to `to` - 1 of the batch of an array; all of it if they do not lie along an axis of it. */
static gt_array part_of(gt_array array, int axis, int64_t batch, int64_t from, int64_t to)
{
    if (axis < 0)
        return array;
    int64_t each = array.shape.size[axis] / batch;
    size_t bytes = gt_dtype_size(array.dtype);
    for (int before = 0; before < axis; before++)
        bytes *= (size_t)array.shape.size[before];
    array.data = (char *)array.data + (size_t)(from * each) * bytes;
    array.shape.size[axis] = (to - from) * each;
    return array;
}

gt_status gt_machine_run_kernel(gt_machine *machine, const gt_kernel_call *call, int64_t from, int64_t to)
{
    uint32_t count = call->input_count + call->output_count;
    for (uint32_t k = 0; k < count; k++) {
        const gt_operand *operand = &call->operands[k];
        gt_array whole = {address_of(machine, &operand->address), operand->dtype, operand->shape};
        int axis = call->batch_axes == NULL ? -1 : call->batch_axes[k];
        machine->arrays[k] = part_of(whole, axis, call->batch, from, to);
    }
    gt_kernel kernel = {
        .inputs = machine->arrays,
        .input_count = call->input_count,
        .outputs = machine->arrays + call->input_count,
        .output_count = call->output_count,
        .part_attributes = call->part_attributes,
        .attributes = call->attributes,
        .attribute_count = call->attribute_count,
        .error = &machine->error,
    };
    const gt_op *op = call->op;
    gt_status status = (op->fast_evaluate != NULL && !machine->exact ? op->fast_evaluate : op->evaluate)(&kernel);
    if (status != GT_OK)
        machine->failed = op;
    return status;
}

/* ---- products ------------------------------------------------------------------------------ */

/*
 * What product `m` multiplies and writes from that row and column of the result on. It is written
 * field by field, in its place: a copy of what was just written would wait for it, which is more
 * than the rest of a tiny product takes.
 */
static void set_member(const gt_machine *machine, const gt_multiplication *m, int64_t row, int64_t column,
                       gt_product_member *member)
{
    int64_t size = (int64_t)gt_dtype_size(m->output.dtype);
    member->left.data = address_of(machine, &m->left.address);
    member->left.leading = m->left_leading;
    member->left.layout = m->left_layout;
    member->right.data = address_of(machine, &m->right.address);
    member->right.leading = m->right_leading;
    member->right.layout = m->right_layout;
    if (row > 0)
        member->left = gt_product_left_from(&m->product, &member->left, row);
    if (column > 0)
        member->right = gt_product_right_from(&m->product, &member->right, column);
    member->output = address_of(machine, &m->output.address) + (row + column * m->product.rows) * size;
    member->addend = NULL;
    member->addend_leading = m->addend_leading;
    if (m->has_addend)
        member->addend = address_of(machine, &m->addend.address) + (row + column * m->addend_leading) * size;
    member->left_sums = NULL;
    if (m->has_left_sums && column == 0) /* of several parts of the columns, the first adds up the rows */
        member->left_sums = (char *)address_of(machine, &m->left_sums.address) + row * size;
}

/* `part` of the product and of those that are done together with it. */
/* A product goes on to its end, whatever the answer: it is noted. */
static void ask_between(void *machine)
{
    (void)gt_machine_stops(machine);
}

static gt_product whole_of(gt_machine *machine, const gt_multiplication *m)
{
    gt_product whole = m->product;
    whole.between = machine->asks ? ask_between : NULL;
    whole.of_between = machine;
    return whole;
}

static void multiply(gt_machine *machine, const gt_multiplication *m, const gt_product *part, int64_t row,
                     int64_t column)
{
    gt_product_member members[GT_MOST_TOGETHER];
    set_member(machine, m, row, column, &members[0]);
    for (uint32_t k = 0; k < m->also_count; k++)
        set_member(machine, m->also[k], row, column, &members[k + 1]);
    gt_product_run_together(part, members, m->also_count + 1, m->added, m->product.rows, machine->product_memory);
}

/*
 * After how many inner positions of its tiles a product begins to fetch so many bytes, one line at
 * each, if it is to be done a little before its end. Only whole panels are counted.
 */
static int64_t wait_before(const gt_multiplication *m, int64_t columns, double bytes)
{
    int64_t unit = gt_product_row_unit(m->product.kernels), width = gt_product_column_unit(m->product.kernels);
    int64_t tiles = m->product.rows / unit * ((columns + width - 1) / width) * (1 + (int64_t)m->also_count);
    return tiles * m->product.inner - (int64_t)(1.5 * bytes / 64);
}

/* What this product fetches, of columns from `from` to before `to` of the result. */
static gt_product_soon soon_of(const gt_machine *machine, const gt_multiplication *m, int64_t from, int64_t to,
                               gt_product_range ranges[GT_MOST_SOON])
{
    gt_product_soon soon = {.ranges = ranges, .count = m->soon_count, .early = m->soon_early};
    double late = 0;
    double first = (double)from / (double)m->product.columns, part = (double)(to - from) / (double)m->product.columns;
    for (uint32_t k = 0; k < m->soon_count; k++) {
        const gt_fetching *f = &m->soon[k];
        double size = (double)gt_operand_bytes(&f->operand), each = size * part / f->shares;
        ranges[k].data = address_of(machine, &f->operand.address) + (size_t)(size * first + each * f->first);
        ranges[k].bytes = (size_t)(each * f->share);
        late += k < m->soon_early ? 0 : each * f->share;
    }
    soon.wait = wait_before(m, to - from, late);
    return soon;
}

void gt_machine_multiply_rows(gt_machine *machine, const gt_multiplication *m, int64_t from, int64_t to)
{
    gt_product part = whole_of(machine, m);
    part.rows = to - from;
    multiply(machine, m, &part, from, 0);
}

/* The function, for some columns; the sums of rows are those of the part that begins. */
static void run_compiled(gt_machine *machine, const gt_multiplication *m, int64_t from, int64_t to)
{
    char *arrays[GT_MOST_LOOP_ARRAYS];
    gt_machine_take_cursor(machine, m->compiled->cursor, from, arrays);
    m->compiled->run(arrays, to - from, from == 0);
}

void gt_machine_multiply_columns(gt_machine *machine, const gt_multiplication *m, int64_t from, int64_t to)
{
    if (from == to && m->product.columns > 0)
        return; /* another part begins at this column too, and takes the sums of rows */
    if (m->compiled != NULL) {
        run_compiled(machine, m, from, to);
        return;
    }
    gt_product part = whole_of(machine, m);
    part.columns = to - from;
    gt_product_range ranges[GT_MOST_SOON];
    gt_product_soon soon;
    if (m->soon_count > 0) {
        soon = soon_of(machine, m, from, to, ranges);
        part.soon = &soon;
    }
    multiply(machine, m, &part, 0, from);
}

void gt_machine_pack(gt_machine *machine, const gt_packing *p, int64_t from, int64_t to)
{
    size_t skipped = (size_t)(p->transposed ? from * p->leading : from) * gt_dtype_size(p->from.dtype);
    gt_product_part part = {address_of(machine, &p->from.address) + skipped, p->leading, p->transposed, to - from,
                            p->inner};
    gt_product_pack_left(p->kernels, address_of(machine, &p->to), p->rows, p->inner, from, 0, &part);
}

/* ---- blocks -------------------------------------------------------------------------------- */

gt_column_range gt_machine_range(const gt_machine *machine, int64_t each, int64_t columns)
{
    return (gt_column_range){each * machine->first, each > 0 ? each * (machine->first + machine->count) : columns};
}

/* What is divided between threads is done for the pieces of the batch that are this machine's. */
static gt_status run_instruction(gt_machine *machine, const gt_instruction *instruction)
{
    gt_column_range part;
    const gt_group *group;
    const gt_multiplication *m;
    switch (instruction->kind) {
    case GT_INSTRUCTION_GROUP:
        group = instruction->group;
        part = gt_machine_range(machine, group->columns_each, group->columns);
        gt_machine_run_group(machine, group, part.from, part.to);
        return GT_OK;
    case GT_INSTRUCTION_MULTIPLICATION:
        m = instruction->multiplication;
        part = gt_machine_range(machine, m->columns_each, m->product.columns);
        gt_machine_multiply_columns(machine, m, part.from, part.to);
        return GT_OK;
    case GT_INSTRUCTION_PACKING:
        gt_machine_pack(machine, instruction->packing, 0, instruction->packing->rows);
        return GT_OK;
    case GT_INSTRUCTION_LOOP:
        return gt_machine_run_loop(machine, instruction->loop, machine->first, machine->count);
    case GT_INSTRUCTION_KERNEL:
        break;
    }
    return gt_machine_run_kernel(machine, instruction->kernel, machine->first, machine->first + machine->count);
}

gt_status gt_machine_run_block(gt_machine *machine, const gt_block *block)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < block->count && status == GT_OK; i += gt_machine_takes(&block->list[i]))
        status = run_instruction(machine, &block->list[i]);
    return status;
}

bool gt_machine_stops(gt_machine *machine)
{
    gt_stop *stop = machine->stop;
    if (stop == NULL)
        return false;
    if (machine->asks && !stop->stopped && stop->asked(stop->context))
        stop->stopped = true;
    return stop->stopped;
}

gt_status gt_machine_run_instruction(gt_machine *machine, const gt_instruction *instruction)
{
    if (gt_machine_stops(machine))
        return GT_ERROR_INTERRUPTED;
    if (instruction->kind == GT_INSTRUCTION_LOOP)
        machine->region = machine->arena + instruction->loop->region;
    machine->first = 0;
    machine->count = instruction->kind == GT_INSTRUCTION_LOOP     ? instruction->loop->batch
                     : instruction->kind == GT_INSTRUCTION_KERNEL ? instruction->kernel->batch
                                                                  : 0;
    return run_instruction(machine, instruction);
}

gt_status gt_machine_run(gt_machine *machine, const gt_block *block)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < block->count && status == GT_OK; i += gt_machine_takes(&block->list[i]))
        status = gt_machine_run_instruction(machine, &block->list[i]);
    return status;
}
