#include "exec/run_threads.h"

#include "exec/cost.h"

/* ---- what each thread does ----------------------------------------------------------------- */

typedef struct range {
    int64_t from, to;
} range;

/* One of `count` nearly equal parts of `total`, each but the last a multiple of `unit`. */
static range part_of(int64_t total, int64_t unit, uint32_t thread, uint32_t count)
{
    int64_t units = (total + unit - 1) / unit;
    range part = {units * thread / count * unit, units * (thread + 1) / count * unit};
    part.to = part.to < total ? part.to : total;
    return part;
}

/* Whole cache lines of a column; panels of what is packed. */
static int64_t row_unit(const gt_multiplication *m)
{
    return m->left_layout == GT_PRODUCT_PACKED ? gt_product_row_unit(m->product.kernels)
                                               : 64 / (int64_t)gt_dtype_size(m->output.dtype);
}

static int64_t column_unit(const gt_multiplication *m)
{
    enum { FEW = 4 };
    return m->right_layout == GT_PRODUCT_PACKED ? gt_product_column_unit(m->product.kernels) : FEW;
}

/* The largest of the parts of `total`, compared with equal ones; 1 is the best. */
static double imbalance(int64_t total, int64_t unit, uint32_t count)
{
    int64_t units = (total + unit - 1) / unit, most = (units + count - 1) / count * unit;
    return (double)(most < total ? most : total) * count / (double)total;
}

/*
 * By what gives parts of more equal size; otherwise by rows where there are more of
 * them: what every thread then reads, and may pack, is the smaller operand.
 */
static bool is_divided_by_rows(const gt_multiplication *m, uint32_t count)
{
    double rows = imbalance(m->product.rows, row_unit(m), count),
           columns = imbalance(m->product.columns, column_unit(m), count);
    bool alike = rows < columns * 1.05 && columns < rows * 1.05;
    return alike ? m->product.rows > m->product.columns : rows < columns;
}

static range part_of_product(const gt_multiplication *m, uint32_t thread, uint32_t count)
{
    return is_divided_by_rows(m, count) ? part_of(m->product.rows, row_unit(m), thread, count)
                                        : part_of(m->product.columns, column_unit(m), thread, count);
}

static void multiply_part(gt_machine *machine, const gt_multiplication *m, uint32_t thread, uint32_t count)
{
    range part = part_of_product(m, thread, count);
    bool rows = is_divided_by_rows(m, count);
    (rows ? gt_machine_multiply_rows : gt_machine_multiply_columns)(machine, m, part.from, part.to);
}

static range part_of_batch(const gt_loop *loop, uint32_t thread, uint32_t count)
{
    return part_of(loop->batch, loop->batch_unit, thread, count);
}

/* Without a state, no step depends on another. */
static bool is_divided_by_steps(const gt_loop *loop)
{
    return loop->carried_count == 0 && (loop->batch < 2 || loop->steps > loop->batch);
}

static gt_status run_part_of_loop(gt_machine *machine, const gt_loop *loop, uint32_t thread, uint32_t count)
{
    bool steps = is_divided_by_steps(loop);
    range part = steps ? part_of(loop->steps, 1, thread, count) : part_of_batch(loop, thread, count);
    if (part.from == part.to)
        return GT_OK;
    return steps ? gt_machine_run_steps(machine, loop, part.from, part.to)
                 : gt_machine_run_loop(machine, loop, part.from, part.to - part.from);
}

static gt_status run_part(gt_machine *machine, const gt_instruction *i, uint32_t thread, uint32_t count)
{
    range part;
    if (i->kind == GT_INSTRUCTION_GROUP) {
        part = part_of(i->group->columns, 1, thread, count);
        gt_machine_run_group(machine, i->group, part.from, part.to);
    } else if (i->kind == GT_INSTRUCTION_MULTIPLICATION) {
        multiply_part(machine, i->multiplication, thread, count);
    } else if (i->kind == GT_INSTRUCTION_PACKING) {
        part = part_of(i->packing->rows, gt_product_row_unit(i->packing->kernels), thread, count);
        gt_machine_pack(machine, i->packing, part.from, part.to);
    } else if (i->kind == GT_INSTRUCTION_LOOP) {
        return run_part_of_loop(machine, i->loop, thread, count);
    } else {
        part = part_of(i->kernel->batch, 1, thread, count);
        if (part.from < part.to)
            return gt_machine_run_kernel(machine, i->kernel, part.from, part.to);
    }
    return GT_OK;
}

typedef struct job {
    gt_machine *machines;
    const gt_instruction *instruction;
    uint32_t parts; /* threads behind them have nothing to do */
} job;

static void run_share(void *context, uint32_t thread, uint32_t count)
{
    const job *j = context;
    gt_machine *machine = &j->machines[thread];
    (void)count;
    machine->status = thread < j->parts ? run_part(machine, j->instruction, thread, j->parts) : GT_OK;
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* Loops over segments are gone through, and what is in them is divided. */
static bool is_shared(const gt_instruction *i)
{
    return i->kind == GT_INSTRUCTION_LOOP && i->loop->shared;
}

/* Into how many parts, for as many threads at most; 1: it is not divided. */
static uint32_t parts_of(const gt_instruction *i, uint32_t count, const gt_sharing *sharing)
{
    bool possible = true; /* of products and packing */
    if (is_shared(i))
        possible = false;
    else if (i->kind == GT_INSTRUCTION_GROUP)
        possible = i->group->columns > 1;
    else if (i->kind == GT_INSTRUCTION_LOOP && is_divided_by_steps(i->loop))
        possible = i->loop->steps > 1;
    else if (i->kind == GT_INSTRUCTION_LOOP)
        count = i->loop->batch > i->loop->batch_unit ? sharing->batch_parts : 1;
    else if (i->kind == GT_INSTRUCTION_KERNEL)
        possible = i->kernel->batch_axes != NULL;
    return possible && gt_cost_of_instruction(i) >= sharing->least_cost ? count : 1;
}

static gt_status run_divided(gt_machine *machines, gt_threads *threads, const gt_instruction *instruction,
                             uint32_t parts, bool alone)
{
    job j = {machines, instruction, parts};
    uint32_t count = gt_threads_count(threads);
    if (gt_machine_stops(&machines[0]))
        return GT_ERROR_INTERRUPTED;
    for (uint32_t i = 0; i < count && instruction->kind == GT_INSTRUCTION_LOOP; i++)
        machines[i].region = i == 0 ? machines[0].arena + instruction->loop->region : machines[i].own_region;
    for (uint32_t i = 0; i < count && alone; i++)
        run_share(&j, i, count);
    if (!alone)
        gt_threads_run(threads, run_share, &j);
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < count && status == GT_OK; i++)
        status = machines[i].status;
    return status;
}

/* A loop that is divided by rows takes about as long on two threads; beside enough products it takes no time at all. */
static bool goes_with_companions(const gt_instruction *loop, gt_threads *threads, const gt_sharing *sharing)
{
    uint32_t count = gt_threads_count(threads);
    bool rows = loop->loop->batch_unit > 1;
    return parts_of(loop, count, sharing) == 1 || (rows && gt_companions_hide(loop, count));
}

static void follow(gt_machine *machines, gt_threads *threads, const gt_loop *loop)
{
    for (uint32_t i = 1; i < gt_threads_count(threads); i++)
        gt_machine_follow(&machines[i], &machines[0], loop);
}

/* The first machine carries the states, and the others are told where they are. */
static gt_status run_together(gt_machine *machines, gt_threads *threads, const gt_loop *loop, const gt_sharing *sharing)
{
    gt_status status = GT_OK;
    gt_machine_begin_loop(&machines[0], loop);
    for (int64_t done = 0; done < loop->steps && status == GT_OK; done++) {
        gt_machine_begin_step(&machines[0], loop, done);
        follow(machines, threads, loop);
        status = gt_machines_run(machines, threads, &loop->body, sharing);
        gt_machine_end_step(&machines[0], loop, done);
    }
    gt_machine_end_loop(&machines[0], loop);
    follow(machines, threads, loop);
    return status;
}

static gt_status run_one(gt_machine *machines, gt_threads *threads, const gt_instruction *i, const gt_sharing *sharing)
{
    uint32_t parts = parts_of(i, gt_threads_count(threads), sharing);
    if (is_shared(i))
        return run_together(machines, threads, i->loop, sharing);
    return parts > 1 ? run_divided(machines, threads, i, parts, sharing->alone)
                     : gt_machine_run_instruction(&machines[0], i);
}

gt_status gt_machines_run(gt_machine *machines, gt_threads *threads, const gt_block *block, const gt_sharing *sharing)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < block->count && status == GT_OK; i += gt_machine_takes(&block->list[i])) {
        const gt_instruction *loop = gt_companions_find(block, i);
        if (loop != NULL && !sharing->alone && gt_companions_pay(loop, sharing) &&
            goes_with_companions(loop, threads, sharing)) {
            status = gt_companions_run(machines, threads, loop, sharing);
            i = (uint32_t)(loop - block->list) + loop->loop->following;
            continue;
        }
        status = run_one(machines, threads, &block->list[i], sharing);
    }
    return status;
}

/* ---- how loops are divided ------------------------------------------------------------------ */

typedef struct stepping {
    double cost,
        worth; /* of all loops that may be divided by their batch: what they cost, and what one thread has to do */
} stepping;

/* Of one thread at a step, when so many divide the loop: lines that several write are taken to and fro meanwhile. */
static double worth_of(const gt_loop *loop, uint32_t count)
{
    double worth = loop->compiled != NULL ? GT_WORTH_FUNCTION : GT_WORTH_STEPPING;
    for (uint32_t level = 0; level < GT_NARROW_LEVELS && 1u << level < count; level++)
        worth += loop->narrow[level] * GT_SHARED_LINE;
    return worth;
}

static void add_loops(stepping *s, const gt_block *block, double times, uint32_t count)
{
    for (uint32_t i = 0; i < block->count; i++) {
        const gt_loop *loop = gt_loop_of(&block->list[i]);
        if (loop != NULL && loop->shared)
            add_loops(s, &loop->body, times * (double)loop->steps, count);
        if (loop == NULL || loop->batch < 2)
            continue;
        s->cost += times * gt_cost_of_instruction(&block->list[i]);
        s->worth += times * (double)loop->steps * worth_of(loop, count);
    }
}

gt_sharing gt_sharing_of(const gt_block *block, uint32_t count, double least_cost)
{
    stepping s = {0, 0};
    add_loops(&s, block, 1, count);
    double parts = s.worth > 0 ? s.cost / s.worth : 0;
    bool all = least_cost <= 0 || parts >= count;
    return (gt_sharing){.least_cost = least_cost, .batch_parts = all ? count : parts < 2 ? 1 : (uint32_t)parts};
}

/* ---- memory -------------------------------------------------------------------------------- */

static size_t part_bytes(const gt_multiplication *m, int64_t rows, int64_t columns)
{
    gt_product part = m->product;
    part.rows = rows * (m->added ? 1 : 1 + (int64_t)m->also_count);
    part.columns = columns;
    return gt_product_workspace_size(&part, m->left_layout, m->right_layout);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Of a product in a loop whose batch is divided (NULL: in none), in all parts that there may be. */
static size_t product_bytes(const gt_multiplication *m, const gt_loop *loop, uint32_t count)
{
    size_t most = part_bytes(m, m->product.rows, m->product.columns);
    for (uint32_t thread = 0; thread < count; thread++) {
        range part = loop != NULL ? part_of_batch(loop, thread, count) : part_of_product(m, thread, count);
        int64_t size = (part.to - part.from) * (loop != NULL ? m->columns_each : 1);
        bool rows = loop == NULL && is_divided_by_rows(m, count);
        if (size > 0)
            most = larger(most, part_bytes(m, rows ? size : m->product.rows, rows ? m->product.columns : size));
    }
    return most;
}

static size_t block_bytes(const gt_block *block, const gt_loop *divided, uint32_t count, const gt_sharing *sharing)
{
    size_t most = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        const gt_multiplication *m = gt_multiplication_of(&block->list[i]);
        const gt_loop *loop = gt_loop_of(&block->list[i]);
        bool pieces = loop != NULL && loop->batch > 0;
        if (m != NULL)
            most = larger(most, product_bytes(m, divided, count));
        if (loop != NULL)
            most = larger(
                most, block_bytes(&loop->body, pieces ? loop : NULL, pieces ? sharing->batch_parts : count, sharing));
    }
    return most;
}

size_t gt_machines_product_bytes(const gt_block *block, uint32_t count, const gt_sharing *sharing)
{
    return block_bytes(block, NULL, count, sharing);
}
