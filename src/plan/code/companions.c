/*
 * Companions of a loop: products in front of it and behind it that may be done a part of the
 * steps at a time, with the loop's own steps in between (exec/run_companions.c). A product of
 * all steps has the columns of a step where the loop reads them or writes them,
 * one step after the other: so nobody need wait until all of it is done.
 *
 * This works on the instructions of the outermost block. Others that stand between a product and its
 * loop go out of the way if they have nothing to do with it.
 */
#include "plan/code/code.h"

#include <string.h>

/* How far a companion is looked for: planning stays proportional to the tape. */
enum { FARTHEST = 64 };

/* ---- memory ---------------------------------------------------------------------------------- */

/* What is read or written: `bytes` at a step of the loop, those of the next `step` bytes further; 0: the same at all.
 */
typedef struct extent {
    gt_base base;
    uint32_t index;
    size_t offset, bytes, step;
    bool written;
} extent;

static size_t end_of(const extent *e, int64_t steps)
{
    return e->offset + e->bytes + e->step * (size_t)(steps - 1);
}

/* What is done with one of them at a step has nothing to do with the other at another step. */
static bool in_step(const extent *a, const extent *b)
{
    size_t begin = a->offset < b->offset ? a->offset : b->offset;
    size_t a_end = a->offset + a->bytes, b_end = b->offset + b->bytes;
    return a->step > 0 && a->step == b->step && (a_end > b_end ? a_end : b_end) - begin <= a->step;
}

static bool minds(const extent *a, const extent *b, int64_t steps)
{
    if ((!a->written && !b->written) || a->base != b->base || a->index != b->index)
        return false;
    return a->offset < end_of(b, steps) && b->offset < end_of(a, steps) && !in_step(a, b);
}

static extent extent_of(const gt_address *address, size_t bytes, bool written)
{
    return (extent){address->base, address->index, address->offset, bytes, 0, written};
}

/* ---- what a product reads and writes ----------------------------------------------------------- */

/* Its operands, its result, its addend, and the sums of rows. */
typedef struct extents {
    extent list[5];
    uint32_t count;
} extents;

/* So many columns at each step, of `rows` entries, `leading` entries apart. */
static void add_columns(extents *e, const gt_operand *o, int64_t rows, int64_t leading, int64_t columns, bool written)
{
    size_t size = gt_dtype_size(o->dtype);
    extent columns_of = extent_of(&o->address, (size_t)((columns - 1) * leading + rows) * size, written);
    columns_of.step = (size_t)(columns * leading) * size;
    e->list[e->count++] = columns_of;
}

static void add_whole(extents *e, const gt_operand *o, bool written)
{
    e->list[e->count++] = extent_of(&o->address, gt_operand_bytes(o), written);
}

static extents extents_of(const gt_multiplication *m, int64_t steps)
{
    extents e = {.count = 0};
    int64_t columns = m->product.columns / steps;
    add_whole(&e, &m->left, false);
    if (m->right_layout == GT_PRODUCT_PLAIN)
        add_columns(&e, &m->right, m->product.inner, m->right_leading, columns, false);
    else
        add_whole(&e, &m->right, false);
    add_columns(&e, &m->output, m->product.rows, m->product.rows, columns, true);
    if (m->has_addend && m->addend_leading > 0)
        add_columns(&e, &m->addend, m->product.rows, m->addend_leading, columns, false);
    else if (m->has_addend)
        add_whole(&e, &m->addend, false);
    if (m->has_left_sums)
        add_whole(&e, &m->left_sums, true);
    return e;
}

/* ---- whether other instructions mind ------------------------------------------------------------- */

typedef struct looking {
    const extents *product;
    int64_t steps;                       /* of the loop that the product is to go with */
    const gt_loop *around[GT_MAX_LOOPS]; /* what is looked at is in these */
    bool follows;                        /* the product is to be behind the loop */
    bool free;                           /* nobody minds yet */
} looking;

static void look_at(looking *l, const extent *e)
{
    for (uint32_t k = 0; k < l->product->count; k++)
        l->free &= !minds(&l->product->list[k], e, l->steps);
}

/*
 * What the machine's table points at is looked at with the loop that sets it, and regions as a whole; nobody
 * writes what the user gives.
 */
static void look(looking *l, const gt_address *address, size_t bytes, bool written)
{
    extent e = extent_of(address, bytes, written);
    if (e.base != GT_BASE_ARENA && e.base != GT_BASE_OUTPUT)
        return;
    for (int depth = 1; depth < GT_MAX_LOOPS; depth++)
        if (l->around[depth] != NULL)
            e.bytes += address->step[depth] * (size_t)(l->around[depth]->steps - 1);
    if (l->around[0] != NULL)
        e.step = address->step[0];
    look_at(l, &e);
}

/* At any step: also where it is a slot of another one. */
static void look_at_any_step(looking *l, const gt_address *address, size_t bytes, bool written)
{
    gt_address first = *address;
    if (l->around[0] != NULL)
        bytes += first.step[0] * (size_t)(l->around[0]->steps - 1);
    first.step[0] = 0;
    look(l, &first, bytes, written);
}

static void look_at_operand(looking *l, const gt_operand *o, bool written)
{
    look(l, &o->address, gt_operand_bytes(o), written);
}

static void look_at_group(looking *l, const gt_group *group)
{
    for (uint32_t s = 0; s < group->source_count; s++)
        look_at_operand(l, &group->sources[s].operand, false);
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].written)
            look_at_operand(l, &group->steps[k].output, true);
}

static void look_at_product(looking *l, const gt_multiplication *m)
{
    bool packed = m->left_layout == GT_PRODUCT_PACKED;
    look(l, &m->left.address,
         packed ? gt_product_left_size(m->product.kernels, m->product.rows, m->product.inner)
                : gt_operand_bytes(&m->left),
         false);
    look_at_operand(l, &m->right, false);
    look_at_operand(l, &m->output, true);
    if (m->has_addend)
        look_at_operand(l, &m->addend, false);
    if (m->has_left_sums)
        look_at_operand(l, &m->left_sums, true);
}

static void look_at_instruction(looking *l, const gt_instruction *i);

/* The new value of a state is read at the next step, as the old one: of what has been done before the loop's steps. */
static void look_at_state(looking *l, const gt_carried *carried)
{
    size_t bytes = gt_operand_bytes(&carried->after);
    (l->follows ? look_at_any_step : look)(l, &carried->after.address, bytes, false);
    for (int turn = 0; turn < 2 && carried->carrying != GT_CARRY_STACKED; turn++)
        look_at_any_step(l, &carried->kept[turn], bytes, true);
}

static void look_at_body(looking *l, const gt_loop *loop)
{
    l->around[loop->depth] = loop;
    for (uint32_t k = 0; k < loop->carried_count; k++)
        look_at_state(l, &loop->carried[k]);
    for (uint32_t k = 0; k < loop->copy_count; k++) {
        look_at_operand(l, &loop->copies[k].from, false);
        look_at_operand(l, &loop->copies[k].to, true);
    }
    for (uint32_t k = 0; k < loop->body.count; k++)
        look_at_instruction(l, &loop->body.list[k]);
    l->around[loop->depth] = NULL;
}

static void look_at_loop(looking *l, const gt_loop *loop)
{
    for (uint32_t k = 0; k < loop->carried_count; k++)
        look_at_any_step(l, &loop->carried[k].initial.address, gt_operand_bytes(&loop->carried[k].initial), false);
    for (uint32_t k = 0; k < loop->final_count; k++)
        look_at_any_step(l, &loop->finals[k].address, gt_operand_bytes(&loop->finals[k]), true);
    for (uint32_t k = 0; k < loop->pieced_count; k++)
        for (uint32_t piece = 0; piece < loop->pieced[k].count; piece++) {
            gt_operand whole = loop->pieced[k].pieces[piece];
            whole.address.step[loop->depth] = 0;
            look_at_any_step(l, &whole.address, gt_operand_bytes(&whole), false);
        }
    if (loop->region_bytes > 0)
        look_at(l, &(extent){GT_BASE_ARENA, 0, loop->region, loop->region_bytes, 0, true});
    look_at_body(l, loop);
}

static void look_at_instruction(looking *l, const gt_instruction *i)
{
    switch (i->kind) {
    case GT_INSTRUCTION_KERNEL:
        for (uint32_t k = 0; k < i->kernel->input_count + i->kernel->output_count; k++)
            look_at_operand(l, &i->kernel->operands[k], k >= i->kernel->input_count);
        return;
    case GT_INSTRUCTION_GROUP:
        look_at_group(l, i->group);
        return;
    case GT_INSTRUCTION_MULTIPLICATION:
        look_at_product(l, i->multiplication);
        return;
    case GT_INSTRUCTION_PACKING:
        look_at_operand(l, &i->packing->from, false);
        look(l, &i->packing->to, gt_product_left_size(i->packing->kernels, i->packing->rows, i->packing->inner), true);
        return;
    case GT_INSTRUCTION_LOOP:
        look_at_loop(l, i->loop);
        return;
    }
}

/* ---- which products ------------------------------------------------------------------------------ */

/* Some columns for each step, of operands of which a part can be multiplied. */
static bool has_steps(const gt_instruction *i, int64_t steps)
{
    const gt_multiplication *m = gt_multiplication_of(i);
    return m != NULL && m->product.columns % steps == 0 && m->left_layout != GT_PRODUCT_PACKED &&
           m->right_layout != GT_PRODUCT_PACKED;
}

static bool gets_along(const gt_instruction *product, const gt_instruction *companion, int64_t steps)
{
    extents a = extents_of(product->multiplication, steps), b = extents_of(companion->multiplication, steps);
    for (uint32_t k = 0; k < a.count; k++)
        for (uint32_t n = 0; n < b.count; n++)
            if (minds(&a.list[k], &b.list[n], steps))
                return false;
    return true;
}

/* The loop at `at` with the companions that it has, and what a product must pass on its way to them. */
typedef struct place {
    const gt_block *block;
    uint32_t at;
    uint32_t from, to; /* what is passed */
} place;

static bool may_go(const place *p, const gt_instruction *product, bool follows)
{
    const gt_instruction *list = p->block->list;
    const gt_loop *loop = list[p->at].loop;
    if (!has_steps(product, loop->steps))
        return false;
    for (uint32_t k = p->at - loop->leading; k <= p->at + loop->following; k++)
        if (k != p->at && &list[k] != product && !gets_along(product, &list[k], loop->steps))
            return false;
    extents e = extents_of(product->multiplication, loop->steps);
    looking l = {.product = &e, .steps = loop->steps, .follows = follows, .free = true};
    for (uint32_t k = p->from; k < p->to && l.free; k++)
        look_at_instruction(&l, &list[k]);
    if (l.free)
        look_at_loop(&l, loop);
    return l.free;
}

/* The product at `first` and all that are done together with it. */
static bool all_may_go(const place *p, uint32_t first, uint32_t count, bool follows)
{
    for (uint32_t k = first; k < first + count; k++)
        if (!may_go(p, &p->block->list[k], follows))
            return false;
    return true;
}

bool gt_code_are_companions(const gt_block *block, uint32_t at)
{
    const gt_loop *loop = block->list[at].loop;
    place p = {.block = block, .at = at};
    for (uint32_t k = at - loop->leading; k <= at + loop->following; k++)
        if (k != at && !may_go(&p, &block->list[k], k > at))
            return false;
    return true;
}

/* ---- the block ------------------------------------------------------------------------------------ */

/* The instructions from `from` to `middle` - 1 change places with those from there to `to` - 1. */
static void turn_round(gt_instruction *list, uint32_t from, uint32_t middle, uint32_t to)
{
    for (uint32_t k = middle; k < to; k++, from++) {
        gt_instruction moved = list[k];
        memmove(&list[from + 1], &list[from], (k - from) * sizeof moved);
        list[from] = moved;
    }
}

/* `starts`: for each instruction in front of the loop, where those begin that are done together with it. */
static void find_leading(const gt_block *block, uint32_t at, uint32_t begin, const uint32_t *starts)
{
    gt_loop *loop = block->list[at].loop;
    uint32_t last = at;
    for (uint32_t i = at; i > begin && at - i < FARTHEST && block->list[i - 1].kind != GT_INSTRUCTION_LOOP;) {
        uint32_t first = starts[i - 1], count = i - first;
        if (all_may_go(&(place){block, at, i, last}, first, count, false)) {
            turn_round(block->list, first, i, last);
            last -= count;
            loop->leading += count;
        }
        i = first;
    }
}

static uint32_t find_following(const gt_block *block, uint32_t at)
{
    gt_loop *loop = block->list[at].loop;
    uint32_t end = at + 1;
    for (uint32_t i = end; i < block->count && i - at < FARTHEST && block->list[i].kind != GT_INSTRUCTION_LOOP;) {
        uint32_t count = gt_machine_takes(&block->list[i]);
        if (all_may_go(&(place){block, at, end, i}, i, count, true)) {
            turn_round(block->list, end, i, i + count);
            end += count;
            loop->following += count;
        }
        i += count;
    }
    return end;
}

static void find_starts(const gt_block *block, uint32_t from, uint32_t to, uint32_t *starts)
{
    for (uint32_t i = from; i < to; i += gt_machine_takes(&block->list[i]))
        for (uint32_t k = 0; k < gt_machine_takes(&block->list[i]); k++)
            starts[i + k] = i;
}

bool gt_code_find_companions(gt_lowering *lowering, gt_block *block)
{
    uint32_t *starts = gt_pool_new(&lowering->scratch, block->count, sizeof *starts);
    if (block->count > 0 && starts == NULL)
        return false;
    for (uint32_t i = 0, begin = 0; i < block->count; i++) {
        if (block->list[i].kind != GT_INSTRUCTION_LOOP)
            continue;
        if (block->list[i].loop->shared) { /* all threads go through it */
            begin = i + 1;
            continue;
        }
        find_starts(block, begin, i, starts);
        find_leading(block, i, begin, starts);
        begin = find_following(block, i);
    }
    return true;
}
