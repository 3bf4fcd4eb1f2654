/* The addresses of emitted code, and the memory of values. */
#include "plan/verify.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>

/* The loops around an instruction. */
typedef struct frame {
    const gt_loop *loop;
    const struct frame *around;
} frame;

typedef struct check {
    const gt_code *code;
    const gt_program *program;
    const frame *frame;
    gt_error *error;
    gt_status status;
} check;

static bool fault(check *c, const char *what, const char *how)
{
    if (c->status == GT_OK)
        c->status = gt_error_set(c->error, GT_ERROR_TAPE, "fault of the planner: %s %s", what, how);
    return false;
}

static size_t bytes_of(const gt_operand *o)
{
    return (size_t)gt_shape_count(o->shape) * gt_dtype_size(o->dtype);
}

/* ---- bounds -------------------------------------------------------------------------------- */

/* Finds what an entry of the machine's table stands for: how large it is, and whether it may be written. */
static bool find_entry(const check *c, uint32_t place, size_t *bytes, bool *written)
{
    for (const frame *f = c->frame; f != NULL; f = f->around) {
        for (uint32_t k = 0; k < f->loop->carried_count; k++) {
            const gt_carried *carried = &f->loop->carried[k];
            bool next = carried->next == place && carried->carrying == GT_CARRY_TURNED;
            *bytes = bytes_of(&carried->after);
            *written = next;
            if (carried->place == place || next)
                return true;
        }
        for (uint32_t k = 0; k < f->loop->pieced_count; k++) {
            *bytes = f->loop->pieced[k].pieces[0].address.step[f->loop->depth];
            *written = false;
            if (f->loop->pieced[k].place == place)
                return true;
        }
    }
    return false;
}

/* How much there is behind the base of an address; false if there is no such base here. */
static bool room_of(const check *c, const gt_address *address, size_t *room)
{
    if (address->base == GT_BASE_ARENA) {
        *room = c->code->arena_bytes;
        return true;
    }
    bool written;
    if (address->base == GT_BASE_REGION) {
        *room = c->code->region_bytes;
        return c->frame != NULL;
    }
    if (address->base == GT_BASE_CARRY)
        return find_entry(c, address->index, room, &written);
    if (address->index >= c->program->input_count)
        return false;
    gt_var v = c->program->inputs[address->index];
    if (!gt_var_valid(v))
        return false;
    *room = (size_t)gt_shape_count(gt_var_shape(v)) * gt_dtype_size(gt_var_dtype(v));
    return true;
}

static bool check_address(check *c, const gt_address *address, size_t bytes, const char *what)
{
    size_t room, last = address->offset;
    size_t step[GT_MAX_LOOPS];
    for (int depth = 0; depth < GT_MAX_LOOPS; depth++)
        step[depth] = address->step[depth];
    for (const frame *f = c->frame; f != NULL; f = f->around) {
        last += step[f->loop->depth] * (size_t)(f->loop->steps - 1);
        step[f->loop->depth] = 0;
    }
    for (int depth = 0; depth < GT_MAX_LOOPS; depth++)
        if (step[depth] != 0)
            return fault(c, what, "changes with a loop that is not around it");
    if (!room_of(c, address, &room))
        return fault(c, what, "is an input or a state that is not there");
    return (last <= room && bytes <= room - last) || fault(c, what, "does not lie within its memory");
}

static bool check_read(check *c, const gt_operand *o, const char *what)
{
    return check_address(c, &o->address, bytes_of(o), what);
}

/* Memory of the workspace. */
static bool is_own(const gt_address *address)
{
    return address->base == GT_BASE_ARENA || address->base == GT_BASE_REGION;
}

static bool check_written(check *c, const gt_operand *o, const char *what)
{
    size_t bytes;
    bool written = is_own(&o->address);
    if (o->address.base == GT_BASE_CARRY)
        written = find_entry(c, o->address.index, &bytes, &written) && written;
    return written ? check_read(c, o, what) : fault(c, what, "is written outside of the workspace");
}

/* ---- overlaps ------------------------------------------------------------------------------ */

/* Of two addresses that go on with different steps, nothing is said. */
static bool comparable(const gt_address *a, const gt_address *b)
{
    if (!is_own(a) || a->base != b->base)
        return false;
    for (int depth = 0; depth < GT_MAX_LOOPS; depth++)
        if (a->step[depth] != b->step[depth])
            return false;
    return true;
}

static bool apart(const gt_operand *a, const gt_operand *b)
{
    return !comparable(&a->address, &b->address) || a->address.offset + bytes_of(a) <= b->address.offset ||
           b->address.offset + bytes_of(b) <= a->address.offset;
}

static bool same_place(const gt_operand *a, const gt_operand *b)
{
    return comparable(&a->address, &b->address) && a->address.offset == b->address.offset && bytes_of(a) == bytes_of(b);
}

/* ---- instructions -------------------------------------------------------------------------- */

static bool check_kernel(check *c, const gt_instruction *i)
{
    uint32_t count = i->input_count + i->output_count;
    if (count > c->code->most_operands)
        return fault(c, i->op->name, "has more operands than the machine");
    for (uint32_t k = 0; k < count; k++) {
        bool output = k >= i->input_count;
        if (!(output ? check_written : check_read)(c, &i->operands[k], i->op->name))
            return false;
        for (uint32_t other = 0; output && other < k; other++)
            if (!apart(&i->operands[k], &i->operands[other]))
                return fault(c, i->op->name, "writes over one of its operands");
    }
    return true;
}

/* Does a step behind step k read source s, which step k has written over? */
static bool is_read_later(const gt_group *group, uint32_t s, uint32_t k)
{
    for (uint32_t later = k + 1; later < group->step_count; later++)
        for (uint32_t n = 0; n < group->steps[later].input_count; n++)
            if (group->steps[later].inputs[n] == s)
                return true;
    return false;
}

static bool is_in_tile(const check *c, const gt_group *group, uint32_t tile)
{
    return group->strips ? (tile + (size_t)1) * group->tile_distance <= c->code->strip_bytes
                         : tile < c->code->most_tiles;
}

/* A step of a group in strips reads the rows that its operands have. */
static bool check_rows(check *c, const gt_group *group, const gt_group_step *step)
{
    int64_t below = 0, first = 0, end = 0;
    for (uint32_t n = 0; n < step->input_count; n++) {
        uint32_t input = step->inputs[n];
        bool source = input < group->source_count;
        int64_t rows = source ? group->sources[input].operand.shape.size[0]
                              : group->steps[input - group->source_count].rows;
        bool moves = !source || group->sources[input].walk == GT_WALK_FLAT || group->sources[input].spread;
        bool entries = step->kind == GT_STEP_ENTRIES, stretched = rows == 1 && (!moves || step->rows != 1);
        if (entries ? (rows != step->rows && rows != 1) || step->input_rows[n] != (moves ? rows : 0) ||
                          (step->strides[n] == 0) != stretched || (!step->each_column && moves && stretched)
                    : !moves || step->input_rows[n] != rows)
            return fault(c, step->op->name, "reads other rows than its operand has");
        below += rows;
    }
    end = step->kind == GT_STEP_SLICE ? step->first_row + step->rows : step->rows;
    first = step->kind == GT_STEP_SLICE ? step->first_row : 0;
    bool good = step->rows >= 1 && step->rows <= group->rows && first >= 0;
    if (step->kind == GT_STEP_SUM)
        good = good && step->rows == 1 && below == step->input_rows[0] * step->input_count;
    else if (step->kind != GT_STEP_ENTRIES)
        good = good && (step->kind == GT_STEP_SLICE ? end <= below : end == below);
    return good || fault(c, step->op->name, "has other rows than its operands give");
}

static bool check_step(check *c, const gt_group *group, uint32_t k)
{
    const gt_group_step *step = &group->steps[k];
    for (uint32_t n = 0; n < step->input_count; n++)
        if (step->inputs[n] >= group->source_count + k)
            return fault(c, step->op->name, "reads a register before it is written");
    if (group->strips && !check_rows(c, group, step))
        return false;
    if (!step->written)
        return is_in_tile(c, group, step->tile) || fault(c, step->op->name, "lives in a tile that is not there");
    if (!check_written(c, &step->output, step->op->name))
        return false;
    for (uint32_t s = 0; s < group->source_count; s++) {
        bool in_place = group->sources[s].walk == GT_WALK_FLAT && same_place(&step->output, &group->sources[s].operand);
        if (!in_place && !apart(&step->output, &group->sources[s].operand))
            return fault(c, step->op->name, "writes over an operand of its run");
        if (in_place && is_read_later(group, s, k))
            return fault(c, step->op->name, "writes over an operand that its run reads later");
    }
    for (uint32_t other = 0; other < k; other++)
        if (group->steps[other].written && !apart(&step->output, &group->steps[other].output))
            return fault(c, step->op->name, "writes over another result of its run");
    return true;
}

/* Nothing is read from a tile that something else was written to since. */
static bool check_sharing(check *c, const gt_group *group)
{
    for (uint32_t k = 0; k < group->step_count; k++)
        for (uint32_t n = 0; n < group->steps[k].input_count; n++) {
            uint32_t input = group->steps[k].inputs[n];
            bool source = input < group->source_count;
            if (source ? !group->sources[input].spread : group->steps[input - group->source_count].written)
                continue;
            uint32_t from = source ? 0 : input - group->source_count;
            uint32_t tile = source ? group->sources[input].tile : group->steps[from].tile;
            for (uint32_t other = source ? 0 : from + 1; other < k; other++)
                if (!group->steps[other].written && group->steps[other].tile == tile)
                    return fault(c, group->steps[k].op->name, "reads a tile that was written over");
            const gt_group_step *step = &group->steps[k];
            bool aligned = step->kind == GT_STEP_ENTRIES && step->input_rows[n] == step->rows;
            if (group->strips && !aligned && !step->written && step->tile == tile)
                return fault(c, step->op->name, "writes over a tile that it reads otherwise");
        }
    return true;
}

static bool check_group(check *c, const gt_group *group)
{
    if (group->source_count + group->step_count > c->code->most_registers)
        return fault(c, "a run", "has more registers than the machine");
    int64_t tile = group->tile_rows * group->tile_columns * (int64_t)gt_dtype_size(group->dtype);
    if (tile <= 0 || (size_t)tile > (group->strips ? group->tile_distance : GT_TILE_BYTES))
        return fault(c, "a run", "does not fit its tiles");
    for (uint32_t s = 0; s < group->source_count; s++) {
        const gt_source *source = &group->sources[s];
        if (!check_read(c, &source->operand, "an operand of a run"))
            return false;
        if (source->spread && !is_in_tile(c, group, source->tile))
            return fault(c, "an operand of a run", "is spread over a tile that is not there");
    }
    size_t small = (group->source_count + group->step_count) * group->small_distance;
    if (group->small && (group->small_offset + small > c->code->small_bytes ||
                         (size_t)(group->rows * group->columns) * gt_dtype_size(group->dtype) > group->small_distance))
        return fault(c, "a small run", "does not fit its tiles");
    for (uint32_t k = 0; k < group->step_count; k++)
        if (!check_step(c, group, k))
            return false;
    return check_sharing(c, group);
}

/* A matrix like the output, perhaps that itself, or one column, of which nothing may be written over. */
static bool check_addend(check *c, const gt_multiplication *m)
{
    if (!m->has_addend)
        return true;
    const gt_product *p = &m->product;
    int64_t count = m->addend_leading == 0 ? p->rows : p->rows * p->columns;
    bool fits = !p->accumulate && (m->addend_leading == 0 || m->addend_leading == p->rows) &&
                gt_shape_count(m->addend.shape) == count && m->addend.dtype == m->output.dtype;
    bool in_place = m->addend_leading == p->rows && same_place(&m->output, &m->addend);
    return check_read(c, &m->addend, "the addend of a product") &&
           (fits || fault(c, "the addend of a product", "does not fit it")) &&
           (in_place || apart(&m->output, &m->addend) ||
            fault(c, "a product", "is written over a part of its addend"));
}

/* As many numbers as left has rows, of a left operand whose rows can be added up where they lie. */
static bool check_left_sums(check *c, const gt_multiplication *m)
{
    const gt_operand *sums = &m->left_sums;
    if (!m->has_left_sums)
        return true;
    bool fits = m->left_layout == GT_PRODUCT_PLAIN && gt_shape_count(sums->shape) == m->product.rows &&
                sums->dtype == m->left.dtype;
    return check_written(c, sums, "the sums of rows of a product") &&
           (fits || fault(c, "the sums of rows of a product", "do not fit it")) &&
           ((apart(sums, &m->left) && apart(sums, &m->right) && apart(sums, &m->output) &&
             (!m->has_addend || apart(sums, &m->addend))) ||
            fault(c, "the sums of rows of a product", "are written over what it reads or writes"));
}

static bool check_multiplication(check *c, const gt_multiplication *m)
{
    gt_operand left = m->left;
    bool packed = m->left_layout == GT_PRODUCT_PACKED;
    size_t bytes = packed ? gt_product_left_size(m->product.kernels, m->product.rows, m->product.inner) : bytes_of(&left);
    if (!check_address(c, &left.address, bytes, "the left operand of a product") ||
        !check_read(c, &m->right, "the right operand of a product") || !check_written(c, &m->output, "a product"))
        return false;
    return ((apart(&m->output, &m->right) && apart(&m->output, &left)) ||
            fault(c, "a product", "is written over one of its operands")) &&
           check_addend(c, m) && check_left_sums(c, m);
}

/* The products that are done together with the instruction at `first` are those after it, and are fit for it. */
static bool check_together(check *c, const gt_block *block, uint32_t first)
{
    const gt_multiplication *m = block->list[first].multiplication;
    if (m->also_count >= GT_MOST_TOGETHER || m->also_count >= block->count - first)
        return fault(c, "a product", "is done together with more than there are");
    for (uint32_t k = 0; k < m->also_count; k++) {
        const gt_multiplication *other = m->also[k];
        if (other != block->list[first + 1 + k].multiplication || other->also_count > 0)
            return fault(c, "a product", "is done together with one that does not follow");
        for (uint32_t before = 0; before <= k; before++)
            if (!(m->added ? gt_lower_can_add : gt_lower_can_stack)(before == 0 ? m : m->also[before - 1], other))
                return fault(c, "a product", "is done together with one that does not fit");
    }
    return true;
}

static bool check_packing(check *c, const gt_packing *p)
{
    size_t bytes = gt_product_left_size(p->kernels, p->rows, p->inner);
    return check_read(c, &p->from, "what is packed") && check_address(c, &p->to, bytes, "a packed operand") &&
           (is_own(&p->to) || fault(c, "a packed operand", "is written outside of the workspace"));
}

/* What is divided has a whole number of columns for each example of the outermost loop. */
static bool check_examples(check *c, const gt_instruction *i)
{
    const frame *outermost = c->frame;
    while (outermost != NULL && outermost->around != NULL)
        outermost = outermost->around;
    int64_t examples = outermost == NULL ? 0 : outermost->loop->examples;
    bool nested = c->frame != outermost;
    bool good = true;
    if (i->group != NULL && i->group->per_example != 0)
        good = !nested && i->group->per_example * examples == i->group->columns;
    if (i->multiplication != NULL && i->multiplication->per_example != 0)
        good = !nested && i->multiplication->per_example * examples == i->multiplication->product.columns;
    if (i->example_axes != NULL) {
        good = outermost == NULL || (!nested && i->examples == examples);
        for (uint32_t k = 0; k < i->input_count + i->output_count && good; k++)
            good = i->example_axes[k] < GT_MAX_RANK &&
                   (i->example_axes[k] < 0 || i->operands[k].shape.size[i->example_axes[k]] == i->examples);
    }
    return good || fault(c, "an instruction", "is divided into other examples than its loop");
}

static bool check_block(check *c, const gt_block *block);

static bool check_inside(check *c, const gt_loop *loop)
{
    for (uint32_t k = 0; k < loop->copy_count; k++)
        if (!check_read(c, &loop->copies[k].from, "a value to be stacked") ||
            !check_written(c, &loop->copies[k].to, "a slot of a stack"))
            return false;
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        size_t bytes = bytes_of(&carried->after);
        if (carried->place >= c->code->state_count || carried->next >= c->code->state_count || !check_read(c, &carried->after, "the next value of a state"))
            return fault(c, "a state", "has no place");
        for (int turn = 0; turn < 2 && carried->carrying != GT_CARRY_STACKED; turn++)
            if (!is_own(&carried->kept[turn]) ||
                !check_address(c, &carried->kept[turn], bytes, "a state that is kept"))
                return fault(c, "a state", "is kept outside of the workspace");
    }
    return check_block(c, &loop->body);
}

/* All steps of a sequence lie in one piece or another. */
static bool check_pieced(check *c, const gt_loop *loop, const gt_pieced *pieced)
{
    if (pieced->place >= c->code->state_count || pieced->count == 0 || pieced->first[0] != 0)
        return fault(c, "a sequence in pieces", "has no place or no beginning");
    for (uint32_t k = 0; k < pieced->count; k++) {
        int64_t end = k + 1 < pieced->count ? pieced->first[k + 1] : loop->steps;
        size_t step = pieced->pieces[k].address.step[loop->depth];
        gt_operand whole = pieced->pieces[k];
        whole.address.step[loop->depth] = 0;
        if (end < pieced->first[k] || step * (size_t)(end - pieced->first[k]) > bytes_of(&whole) ||
            step != pieced->pieces[0].address.step[loop->depth] || !check_read(c, &whole, "a piece of a sequence"))
            return fault(c, "a piece of a sequence", "does not have as many steps as the loop");
    }
    return true;
}

static bool check_loop(check *c, const gt_loop *loop)
{
    for (uint32_t k = 0; k < loop->carried_count; k++)
        if (!check_read(c, &loop->carried[k].initial, "the initial value of a state") ||
            bytes_of(&loop->carried[k].initial) != bytes_of(&loop->carried[k].after))
            return fault(c, "a state", "does not have the size of its initial value");
    for (uint32_t k = 0; k < loop->final_count; k++)
        if (!check_written(c, &loop->finals[k], "a final value") || loop->final_states[k] >= loop->carried_count ||
            bytes_of(&loop->finals[k]) != bytes_of(&loop->carried[loop->final_states[k]].after))
            return fault(c, "a final value", "does not fit its state");
    for (uint32_t k = 0; k < loop->pieced_count; k++)
        if (!check_pieced(c, loop, &loop->pieced[k]))
            return false;
    frame inner = {loop, c->frame};
    c->frame = &inner;
    bool good = check_inside(c, loop);
    c->frame = inner.around;
    return good;
}

static bool check_block(check *c, const gt_block *block)
{
    for (uint32_t k = 0; k < block->count; k++) {
        const gt_instruction *i = &block->list[k];
        bool good = i->group != NULL            ? check_group(c, i->group)
                    : i->multiplication != NULL ? check_multiplication(c, i->multiplication)
                    : i->packing != NULL        ? check_packing(c, i->packing)
                    : i->loop != NULL           ? check_loop(c, i->loop)
                    : i->op != NULL             ? check_kernel(c, i)
                                                : fault(c, "an instruction", "does nothing");
        if (good && i->multiplication != NULL)
            good = check_together(c, block, k);
        if (!good || !check_examples(c, i))
            return false;
    }
    return true;
}

gt_status gt_code_verify(const gt_code *code, const gt_program *program, const gt_operand *outputs, gt_error *error)
{
    check c = {.code = code, .program = program, .error = error};
    for (uint32_t k = 0; k < program->output_count; k++)
        if (!check_read(&c, &outputs[k], "an output"))
            return c.status;
    check_block(&c, &code->block);
    return c.status;
}

/* ---- memory -------------------------------------------------------------------------------- */

static int by_level_and_begin(const void *a, const void *b)
{
    const gt_root *x = *(const gt_root *const *)a, *y = *(const gt_root *const *)b;
    if (x->level != y->level)
        return x->level < y->level ? -1 : 1;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

static bool clash(const gt_root *a, const gt_root *b)
{
    bool together = a->level == b->level && a->begin <= b->end && b->begin <= a->end;
    return together && a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes;
}

gt_status gt_lower_verify(const gt_lowering *lowering, gt_error *error)
{
    size_t count = lowering->root_count, living = 0;
    const gt_root **roots = gt_memory_new(count, sizeof *roots), **alive = gt_memory_new(count, sizeof *alive);
    gt_status status = roots == NULL || alive == NULL ? GT_ERROR_MEMORY : GT_OK;
    if (status != GT_OK)
        gt_error_set(error, status, "no memory to verify a plan");
    for (size_t i = 0; i < count && status == GT_OK; i++)
        roots[i] = &lowering->roots[i];
    if (status == GT_OK)
        qsort(roots, count, sizeof *roots, by_level_and_begin);
    for (size_t i = 0; i < count && status == GT_OK; i++) {
        size_t still = 0;
        for (size_t k = 0; k < living; k++)
            if (alive[k]->level == roots[i]->level && alive[k]->end >= roots[i]->begin)
                alive[still++] = alive[k];
        living = still;
        for (size_t k = 0; k < living && status == GT_OK; k++)
            if (clash(alive[k], roots[i]))
                status = gt_error_set(error, GT_ERROR_TAPE, "fault of the planner: two values that live at the same "
                                                            "time share memory");
        alive[living++] = roots[i];
        size_t level_bytes = lowering->levels[roots[i]->level]->bytes;
        if (status == GT_OK && roots[i]->offset + roots[i]->bytes > level_bytes)
            status = gt_error_set(error, GT_ERROR_TAPE, "fault of the planner: a value lies outside of its level");
    }
    gt_memory_free(roots);
    gt_memory_free(alive);
    return status;
}
