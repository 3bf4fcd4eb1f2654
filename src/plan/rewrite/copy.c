#include "plan/rewrite/copy.h"

#include "base/hash.h"
#include "base/memory.h"
#include "gradtape/ops.h"
#include "graph/leaf.h"
#include "ops/descriptors.h"

#include <string.h>

static void free_slices(gt_copy *body);

/* ---- one level ----------------------------------------------------------------------------- */

static gt_copy *copy_level_new(const gt_rewrite *rewrite, gt_copy *around, gt_tape *from, gt_tape *to)
{
    gt_copy *copy = gt_memory_new(1, sizeof *copy);
    if (copy == NULL)
        return NULL;
    size_t count = from->node_count + 1;
    copy->rewrite = rewrite;
    copy->around = around;
    copy->segments = around == NULL ? NULL : around->segments;
    copy->from = from;
    copy->to = to;
    copy->count = (uint32_t)from->node_count;
    copy->map = gt_memory_new(count, sizeof *copy->map);
    copy->wanted = gt_memory_new(count, sizeof *copy->wanted);
    copy->bodies = gt_memory_new(count, sizeof *copy->bodies);
    if (copy->map != NULL && copy->wanted != NULL && copy->bodies != NULL)
        return copy;
    gt_copy_free(copy);
    return NULL;
}

void gt_copy_free(gt_copy *copy)
{
    if (copy == NULL)
        return;
    if (copy->state != NULL && copy->rewrite->close != NULL)
        copy->rewrite->close(copy);
    for (uint32_t i = 1; i <= copy->count && copy->bodies != NULL; i++)
        gt_copy_free(copy->bodies[i]);
    free_slices(copy);
    gt_memory_free(copy->map);
    gt_memory_free(copy->wanted);
    gt_memory_free(copy->bodies);
    gt_memory_free(copy);
}

bool gt_copy_is_plain_sum(const gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    if (node->op != &gt_op_add)
        return false;
    for (uint32_t k = 0; k < 2; k++)
        if (gt_tape_node(copy->from, gt_node_inputs(copy->from, node)[k])->shape != node->shape)
            return false;
    return true;
}

uint32_t gt_copy_depth(const gt_copy *copy)
{
    uint32_t depth = 0;
    for (; copy->around != NULL; copy = copy->around)
        depth++;
    return depth;
}

static void mark_wanted(gt_copy *copy)
{
    for (uint32_t i = copy->count; i >= 1; i--) {
        if (!copy->wanted[i])
            continue;
        const gt_node *node = gt_tape_node(copy->from, i);
        for (uint32_t k = 0; k < node->input_count; k++)
            copy->wanted[gt_node_inputs(copy->from, node)[k]] = 1;
    }
}

gt_var gt_copy_input(const gt_copy *copy, uint32_t index, uint32_t slot)
{
    return copy->map[gt_node_inputs(copy->from, gt_tape_node(copy->from, index))[slot]];
}

gt_var gt_copy_plain(gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    const int64_t *attributes = gt_node_attributes(copy->from, node);
    gt_var v;
    if (node->input_count == 0) {
        /* A constant belongs outside of all loops; what uses it brings it in. */
        gt_tape *outermost = copy->to;
        while (outermost->parent != NULL)
            outermost = outermost->parent;
        v = gt_apply_leaf(outermost, node->op, attributes, node->attribute_count);
        gt_node_set_role(v, (gt_role)node->role);
    } else {
        enum { FEW = 8 };
        gt_var few[FEW];
        gt_var *inputs = node->input_count <= FEW ? few : gt_memory_new(node->input_count, sizeof *inputs);
        if (inputs == NULL) {
            gt_tape_fail_memory(copy->to);
            return gt_tape_none(copy->to);
        }
        for (uint32_t k = 0; k < node->input_count; k++)
            inputs[k] = gt_copy_input(copy, index, k);
        v = gt_apply(node->op, inputs, node->input_count, attributes, node->attribute_count);
        if (inputs != few)
            gt_memory_free(inputs);
    }
    return gt_name(v, gt_intern_text_at(&copy->from->names, node->name));
}

/* ---- scans --------------------------------------------------------------------------------- */

/* A state whose old value is wanted needs its new value: a fixpoint. */
void gt_copy_mark(gt_copy *body)
{
    const gt_scan *scan = body->from_scan;
    mark_wanted(body);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t k = 0; k < scan->carry_count; k++)
            if (body->wanted[scan->carries[k].before] && !body->wanted[scan->carries[k].after]) {
                body->wanted[scan->carries[k].after] = 1;
                changed = true;
            }
        mark_wanted(body);
    }
}

void gt_copy_mark_varying(const gt_copy *body, uint8_t *varies)
{
    const gt_scan *scan = body->from_scan;
    for (uint32_t k = 0; k < scan->carry_count; k++)
        varies[scan->carries[k].before] = 1;
    for (uint32_t k = 0; k < scan->input_count; k++)
        varies[scan->inputs[k].inside] = 1;
    for (uint32_t i = 1; i <= body->count; i++) {
        const gt_node *node = gt_tape_node(body->from, i);
        for (uint32_t k = 0; k < node->input_count; k++)
            varies[i] |= varies[gt_node_inputs(body->from, node)[k]];
        /* A scan of a body stays in it, also where it does the same at every step. */
        varies[i] |= node->op->op_class == GT_CLASS_SCAN;
    }
}

/* What the wanted parts of a scan need of its body. */
static void mark_body(const gt_copy *copy, gt_copy *body)
{
    const gt_scan *scan = body->from_scan;
    for (size_t p = 0; p < scan->part_count; p++) {
        const gt_node *part = gt_tape_node(copy->from, scan->parts[p]);
        if (!copy->wanted[scan->parts[p]])
            continue;
        int64_t of = gt_node_attributes(copy->from, part)[0];
        body->wanted[part->op == &gt_op_scan_stack ? (uint32_t)of : scan->carries[of].before] = 1;
    }
    gt_copy_mark(body);
}

struct gt_copy_slice {
    uint32_t outside, inside;
    bool added;
    UT_hash_handle hh;
};

static gt_copy_slice *find_slice(const gt_copy *body, uint32_t outside)
{
    gt_copy_slice *found;
    HASH_FIND(hh, body->slices, &outside, sizeof outside, found);
    return found;
}

/* Links of the scan that have come since; the first of a sequence is the one that is found. False on no memory. */
static bool enter_slices(gt_copy *body)
{
    const gt_scan *scan = body->to_scan;
    for (; body->slice_count < scan->input_count; body->slice_count++) {
        const gt_scan_link *link = &scan->inputs[body->slice_count];
        if (find_slice(body, link->outside) != NULL)
            continue;
        gt_copy_slice *slice = gt_memory_new(1, sizeof *slice);
        if (slice == NULL)
            return false;
        *slice = (gt_copy_slice){.outside = link->outside, .inside = link->inside, .added = true};
        HASH_ADD(hh, body->slices, outside, sizeof slice->outside, slice);
        if (!slice->added) {
            gt_memory_free(slice);
            return false;
        }
    }
    return true;
}

static void free_slices(gt_copy *body)
{
    gt_copy_slice *each, *next;
    HASH_ITER(hh, body->slices, each, next)
    {
        HASH_DEL(body->slices, each);
        gt_memory_free(each);
    }
}

gt_var gt_copy_sequence(gt_copy *body, const char *name, gt_var sequence)
{
    if (!enter_slices(body)) {
        gt_tape_fail_memory(body->to);
        return gt_tape_none(body->to);
    }
    const gt_copy_slice *slice = sequence.tape == body->to_scan->outer ? find_slice(body, sequence.index) : NULL;
    return slice != NULL ? gt_tape_at(body->to, slice->inside) : gt_scan_input(body->to_scan, name, sequence);
}

/* The stack of a value that is the same at every step, and has moved out of the body. */
static gt_var repeat(gt_var v, int64_t steps)
{
    gt_shape shape = gt_var_shape(v), stacked = shape;
    shape.size[shape.rank++] = 1;
    stacked.size[stacked.rank++] = steps;
    return gt_broadcast(gt_reshape(v, shape), stacked);
}

gt_var gt_copy_stack_of(gt_scan *scan, gt_var v)
{
    bool moved = v.tape != NULL && v.tape != scan->body;
    return moved ? repeat(v, scan->steps) : gt_scan_stack(scan, v);
}

gt_var gt_copy_stack(const gt_copy *body, uint32_t index)
{
    return gt_copy_stack_of(body->to_scan, body->map[index]);
}

gt_var gt_copy_all_steps(const gt_copy *body, uint32_t index)
{
    const gt_scan_link *link = gt_scan_find_input(body->from_scan, index);
    return link != NULL ? body->around->map[link->outside] : gt_copy_stack(body, index);
}

static gt_var copy_input(gt_copy *copy, gt_copy *body, uint32_t k, gt_var sequence)
{
    const gt_scan_link *link = &body->from_scan->inputs[k];
    gt_var v = copy->rewrite->input == NULL ? GT_NONE : copy->rewrite->input(body, k);
    if (v.tape != NULL)
        return v;
    return gt_copy_sequence(body, gt_var_name(gt_tape_at(body->from, link->inside)), sequence);
}

/* NULL entering: what the scan's own links are mapped to. */
static gt_var enter_state(gt_copy *copy, gt_copy *body, uint32_t k, const gt_copy_entering *entering)
{
    const gt_scan_carry_link *carry = &body->from_scan->carries[k];
    gt_var old = copy->rewrite->old == NULL ? GT_NONE : copy->rewrite->old(body, k);
    return old.tape != NULL ? old
                            : gt_scan_carry(body->to_scan, gt_var_name(gt_tape_at(body->from, carry->before)),
                                            entering == NULL ? copy->map[carry->initial] : entering->initial[k]);
}

static void enter_states(gt_copy *copy, gt_copy *body, const gt_copy_entering *entering)
{
    const gt_scan *scan = body->from_scan;
    for (uint32_t k = 0; k < scan->carry_count; k++)
        if (body->wanted[scan->carries[k].before])
            body->map[scan->carries[k].before] = enter_state(copy, body, k, entering);
}

static void enter_body(gt_copy *copy, gt_copy *body, const gt_copy_entering *entering)
{
    const gt_scan *scan = body->from_scan;
    if (copy->rewrite->old == NULL)
        enter_states(copy, body, entering);
    for (uint32_t k = 0; k < scan->input_count; k++)
        if (body->wanted[scan->inputs[k].inside])
            body->map[scan->inputs[k].inside] = copy_input(
                copy, body, k, entering == NULL ? copy->map[scan->inputs[k].outside] : entering->sequences[k]);
    /* An invariant is the outer var itself: what uses it brings it in, and what uses nothing else stays outside. */
    for (uint32_t k = 0; k < scan->invariant_count; k++)
        if (body->wanted[scan->invariants[k].inside])
            body->map[scan->invariants[k].inside] = copy->map[scan->invariants[k].outside];
    if (copy->rewrite->old != NULL) /* which may ask for the others */
        enter_states(copy, body, entering);
}

static void copy_nodes(gt_copy *copy);

static bool open_level(gt_copy *copy)
{
    if (copy->rewrite->open == NULL || copy->rewrite->open(copy))
        return true;
    gt_tape_fail_memory(copy->to);
    return false;
}

static void copy_body(gt_copy *copy, gt_copy *body, const gt_copy_entering *entering)
{
    const gt_scan *scan = body->from_scan;
    mark_body(copy, body);
    if (!open_level(body))
        return;
    enter_body(copy, body, entering);
    copy_nodes(body);
    for (uint32_t k = 0; k < scan->carry_count; k++) {
        gt_var old = body->map[scan->carries[k].before];
        bool carried = old.tape == body->to && gt_scan_find_carry(body->to_scan, old.index) != NULL;
        if (body->wanted[scan->carries[k].before] && carried)
            gt_scan_next(body->to_scan, old, body->map[scan->carries[k].after]);
    }
    if (copy->rewrite->finish != NULL)
        copy->rewrite->finish(body);
    gt_scan_end(body->to_scan);
}

static gt_copy *open_body(gt_copy *copy, uint32_t index, gt_scan *to_scan)
{
    gt_scan *scan = gt_node_scan(copy->from, gt_tape_node(copy->from, index));
    gt_copy *body = to_scan == NULL ? NULL : copy_level_new(copy->rewrite, copy, scan->body, to_scan->body);
    if (body == NULL) {
        gt_tape_fail_memory(copy->to);
        return NULL;
    }
    body->from_scan = scan;
    body->to_scan = to_scan;
    return body;
}

gt_copy *gt_copy_scan_to(gt_copy *copy, uint32_t index, gt_scan *to_scan, const gt_copy_entering *entering)
{
    gt_copy *body = open_body(copy, index, to_scan);
    if (body != NULL)
        copy_body(copy, body, entering);
    return body;
}

static void copy_scan(gt_copy *copy, uint32_t index)
{
    const gt_scan *scan = gt_node_scan(copy->from, gt_tape_node(copy->from, index));
    if (copy->rewrite->scan != NULL && copy->rewrite->scan(copy, index))
        return;
    copy->bodies[index] = open_body(copy, index, gt_scan_begin(copy->to, scan->steps, scan->direction));
    if (copy->bodies[index] != NULL)
        copy_body(copy, copy->bodies[index], NULL);
}

/* The value of a part of a scan that has been copied. */
static gt_var copy_part(gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    gt_copy *body = copy->bodies[gt_node_inputs(copy->from, node)[0]];
    if (body == NULL)
        return gt_tape_none(copy->to);
    bool stack = node->op == &gt_op_scan_stack;
    uint32_t of = (uint32_t)gt_node_attributes(copy->from, node)[0];
    if (copy->rewrite->part != NULL) {
        gt_var v = copy->rewrite->part(body, stack, of);
        if (v.tape != NULL)
            return v;
    }
    gt_var v =
        stack ? gt_copy_stack(body, of) : gt_scan_final(body->to_scan, body->map[body->from_scan->carries[of].before]);
    return gt_name(v, gt_intern_text_at(&copy->from->names, node->name));
}

/* ---- all nodes ----------------------------------------------------------------------------- */

/* Places are for messages: the copy of a node belongs where the node did. */
static void enter_place(gt_copy *copy, const gt_node *node)
{
    uint32_t scope = 0;
    if (!gt_intern_text(&copy->to->names, gt_intern_text_at(&copy->from->names, node->scope), &scope))
        gt_tape_fail_memory(copy->to);
    copy->to->place = (gt_place){scope, node->step, 0, -1};
}

void gt_copy_node(gt_copy *copy, uint32_t index)
{
    if (!copy->wanted[index] || copy->map[index].tape != NULL || copy->bodies[index] != NULL)
        return;
    const gt_node *node = gt_tape_node(copy->from, index);
    gt_op_class op_class = node->op->op_class;
    enter_place(copy, node);
    bool of_scan = op_class == GT_CLASS_PART &&
                   gt_tape_node(copy->from, gt_node_inputs(copy->from, node)[0])->op->op_class == GT_CLASS_SCAN;
    if (op_class == GT_CLASS_SCAN) {
        copy_scan(copy, index);
    } else if (of_scan) {
        copy->map[index] = copy_part(copy, index);
    } else {
        gt_var v = copy->rewrite->node == NULL ? GT_NONE : copy->rewrite->node(copy, index);
        copy->map[index] = v.tape == NULL ? gt_copy_plain(copy, index) : v;
    }
}

static void copy_nodes(gt_copy *copy)
{
    for (uint32_t i = 1; i <= copy->count && copy->to->error.status == GT_OK; i++)
        gt_copy_node(copy, i);
}

/* ---- programs ------------------------------------------------------------------------------ */

int64_t gt_longest_loop(const gt_tape *tape)
{
    int64_t longest = 0;
    for (size_t i = 0; i < tape->scan_count; i++)
        longest = tape->scans[i]->steps > longest ? tape->scans[i]->steps : longest;
    return longest;
}

void gt_program_free(gt_program *program)
{
    gt_tape_free(program->tape);
    gt_memory_free(program->outputs);
    gt_memory_free(program->inputs);
    gt_memory_free(program->late_inputs);
    gt_memory_free(program->late_outputs);
    *program = (gt_program){0};
}

static void collect(const gt_copy *copy, const gt_program *from, gt_program *to)
{
    for (uint32_t i = 0; i < from->output_count; i++)
        to->outputs[i] = copy->map[from->outputs[i].index];
    for (uint32_t i = 0; i < from->input_count; i++)
        to->inputs[i] = from->inputs[i].tape == NULL ? GT_NONE : copy->map[from->inputs[i].index];
}

/* Which inputs and outputs are late. False on no memory. */
static bool copy_halves(const gt_program *from, gt_program *to)
{
    to->repeatable = from->repeatable;
    to->prepared = from->prepared;
    if (from->late_inputs == NULL)
        return true;
    to->late_inputs = gt_memory_new(from->input_count, 1);
    to->late_outputs = gt_memory_new(from->output_count, 1);
    if (to->late_inputs == NULL || to->late_outputs == NULL)
        return false;
    memcpy(to->late_inputs, from->late_inputs, from->input_count);
    memcpy(to->late_outputs, from->late_outputs, from->output_count);
    return true;
}

bool gt_program_copy(const gt_program *from, const gt_rewrite *rewrite, gt_program *to)
{
    *to =
        (gt_program){.output_count = from->output_count, .input_count = from->input_count, .segments = from->segments};
    to->tape = gt_tape_new(&(gt_tape_options){.dtype = from->tape->dtype});
    to->outputs = gt_memory_new(from->output_count, sizeof *to->outputs);
    to->inputs = gt_memory_new(from->input_count, sizeof *to->inputs);
    gt_copy *copy = to->tape == NULL ? NULL : copy_level_new(rewrite, NULL, from->tape, to->tape);
    if (copy == NULL || to->outputs == NULL || to->inputs == NULL || !copy_halves(from, to)) {
        gt_copy_free(copy);
        gt_program_free(to);
        return false;
    }
    copy->program = from;
    copy->segments = &from->segments;
    copy->outputs = from->outputs;
    copy->output_count = from->output_count;
    for (uint32_t i = 0; i < from->output_count; i++)
        copy->wanted[from->outputs[i].index] = 1;
    mark_wanted(copy);
    if (open_level(copy))
        copy_nodes(copy);
    to->tape->place = (gt_place){0, -1, 0, -1};
    collect(copy, from, to);
    gt_copy_free(copy);
    return true;
}
