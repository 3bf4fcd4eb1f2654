/*
 * Long loops are cut into segments, so that their stacks are those of a segment.
 *
 * A loop over T steps becomes one over segments, in whose body it does the steps of one; only the
 * states at the beginnings of segments are kept. The loop that goes back over the steps and reads the
 * stacks of the first, as a gradient does, becomes a loop over segments, too: in its body the first loop
 * does the steps of the segment once more, from where they began, and leaves stacks of so many steps. So each
 * step is computed twice and the bits are the same, since each sum goes on where it was.
 *
 * What computes step by step between loops (a layer's product with the states of the one below, a
 * lookup of symbols) is done for a segment, too. What needs a sequence as a whole, such as an output that the
 * user asks for, or a product over all steps, gets it: its pieces are joined.
 *
 * The last segment need not be computed twice, since the loop that goes back begins there: where it is kept, it is a
 * piece by itself, behind the loop over segments and in front of that which goes back.
 *
 * The second time, the loops in the bodies of the first cut are cut again.
 *
 * Needs: scans, and how long a segment is (gt_segments). Leaves: no loop of more steps
 * than that on its level, but for those over segments.
 */
#include "plan/loops/segment.h"

#include "base/memory.h"
#include "ops/descriptors.h"
#include "plan/rewrite/passes.h"

/* ---- loops over segments ------------------------------------------------------------------- */

static gt_cut_piece piece_in(gt_cut_half half)
{
    return GT_CUT_WITHIN + half;
}

static gt_direction direction_of(const gt_cut *cut, gt_cut_half half)
{
    bool backward = (half != GT_CUT_FORWARD) != (cut->direction == GT_BACKWARD);
    return backward ? GT_BACKWARD : GT_FORWARD;
}

static const char *state_name(const gt_cut_loop *loop, uint32_t k)
{
    return gt_var_name(gt_tape_at(loop->scan->body, loop->scan->carries[k].before));
}

/* What the state is after the steps of a copy; what nobody wants of it does not change. */
static gt_var final_of(const gt_copy *body, uint32_t k, gt_var otherwise)
{
    if (body == NULL) /* there are no such steps yet, or an error, which the tape has */
        return otherwise;
    uint32_t before = body->from_scan->carries[k].before;
    bool wanted = body->wanted[before] && body->map[before].tape == body->to;
    return wanted ? gt_scan_final(body->to_scan, body->map[before]) : otherwise;
}

/* The loop over segments of a half. False: no memory, which the tape says. */
static bool begin_segments(gt_cutting *c, gt_cut *cut, gt_cut_half half)
{
    cut->segments[half] = gt_scan_begin(c->copy->to, cut->count, direction_of(cut, half));
    if (cut->segments[half] == NULL)
        gt_tape_fail_memory(c->copy->to);
    return cut->segments[half] != NULL;
}

/* The steps of a piece of the loop, from these states on. */
static void run_piece(gt_cutting *c, gt_cut_loop *loop, gt_cut_half half, gt_cut_piece piece, const gt_var *initial)
{
    gt_cut *cut = loop->cut;
    gt_tape *to = piece < GT_CUT_WITHIN ? c->copy->to : cut->segments[half]->body;
    gt_var *sequences = gt_pool_new(&c->pool, loop->scan->input_count, sizeof *sequences);
    if (sequences == NULL) {
        gt_tape_fail_memory(c->copy->to);
        return;
    }
    for (uint32_t k = 0; k < loop->scan->input_count; k++)
        sequences[k] = gt_cut_piece_of(c, cut, half, piece, loop->scan->inputs[k].outside);
    if (c->copy->to->error.status != GT_OK)
        return;
    int64_t steps = piece == GT_CUT_REST ? cut->rest : piece == GT_CUT_LAST ? cut->last_segment : cut->segment;
    gt_scan *scan = gt_scan_begin(to, steps, loop->scan->direction);
    gt_copy_entering entering = {initial, sequences};
    loop->copies[piece] = gt_copy_scan_to(c->copy, loop->node, scan, &entering);
}

/* False: no memory, which the tape says. */
static gt_var *states_of(gt_cutting *c, const gt_cut_loop *loop)
{
    gt_var *states = gt_pool_new(&c->pool, loop->scan->carry_count, sizeof *states);
    if (states == NULL)
        gt_tape_fail_memory(c->copy->to);
    return states;
}

/* The piece of the half in front of the loop over segments, and the one behind it; there may be none of either. */
static gt_cut_piece piece_before(gt_cut_half half)
{
    return half == GT_CUT_FORWARD ? GT_CUT_REST : GT_CUT_LAST;
}

static gt_cut_piece piece_behind(gt_cut_half half)
{
    return half == GT_CUT_FORWARD ? GT_CUT_LAST : GT_CUT_REST;
}

static bool has_piece(const gt_cut *cut, gt_cut_piece piece)
{
    return piece == GT_CUT_REST || cut->last_segment > 0;
}

/* Where the loop begins, or after the piece in front of the segments if that has been made. NULL: no memory. */
static gt_var *initial_states(gt_cutting *c, const gt_cut_loop *loop)
{
    const gt_copy *before = loop->copies[piece_before(loop->half)];
    gt_var *initial = states_of(c, loop);
    for (uint32_t k = 0; k < loop->scan->carry_count && initial != NULL; k++)
        initial[k] = final_of(before, k, c->copy->map[loop->scan->carries[k].initial]);
    return initial;
}

/* The states of all loops of a half go from segment to segment. False: no memory, which the tape says. */
static bool carry_states(gt_cutting *c, const gt_cut *cut, gt_cut_half half)
{
    for (gt_cut_loop *loop = cut->loops[half]; loop != NULL; loop = loop->next) {
        const gt_var *initial = initial_states(c, loop);
        if (initial == NULL)
            return false;
        for (uint32_t k = 0; k < loop->scan->carry_count; k++)
            loop->states[k] = gt_scan_carry(cut->segments[half], state_name(loop, k), initial[k]);
    }
    return true;
}

static void run_segment(gt_cutting *c, gt_cut_loop *loop)
{
    const gt_cut *cut = loop->cut;
    run_piece(c, loop, loop->half, piece_in(loop->half), loop->states);
    const gt_copy *body = loop->copies[piece_in(loop->half)];
    for (uint32_t k = 0; k < loop->scan->carry_count && body != NULL; k++)
        gt_scan_next(cut->segments[loop->half], loop->states[k], final_of(body, k, loop->states[k]));
}

/* ---- what the loops leave ------------------------------------------------------------------ */

static bool is_whole_stack(const gt_cutting *c, uint32_t part)
{
    return c->copy->wanted[part] && c->whole[part] && gt_tape_node(c->copy->from, part)->op == &gt_op_scan_stack;
}

static uint32_t part_of(const gt_cutting *c, uint32_t part)
{
    return (uint32_t)gt_node_attributes(c->copy->from, gt_tape_node(c->copy->from, part))[0];
}

/* An axis is left for the segments. */
static gt_var as_stackable(gt_var v)
{
    gt_shape shape = gt_var_shape(v);
    return shape.rank < GT_MAX_RANK || !gt_var_valid(v) ? v : gt_reshape(v, GT_SHAPE(gt_shape_count(shape)));
}

/* In the body of the loop over segments, before it ends: the map holds them meanwhile. */
static void keep_whole_stacks(const gt_cutting *c, const gt_cut_loop *loop)
{
    const gt_copy *body = loop->copies[piece_in(loop->half)];
    for (size_t p = 0; p < loop->scan->part_count && body != NULL; p++) {
        uint32_t part = loop->scan->parts[p];
        if (is_whole_stack(c, part))
            c->copy->map[part] = as_stackable(gt_copy_stack(body, part_of(c, part)));
    }
}

static gt_var whole_stack(const gt_cutting *c, const gt_cut_loop *loop, uint32_t part)
{
    const gt_copy *rest = loop->copies[GT_CUT_REST], *last = loop->copies[GT_CUT_LAST];
    gt_var segments = gt_copy_stack_of(loop->cut->segments[loop->half], c->copy->map[part]);
    uint32_t of = part_of(c, part);
    return gt_cut_join(loop->cut, gt_copy_stack(rest, of), segments, last == NULL ? GT_NONE : gt_copy_stack(last, of));
}

/* Behind all pieces: what the level reads of the loop that is cut. */
static void leave_parts(const gt_cutting *c, const gt_cut_loop *loop)
{
    const gt_copy *rest = loop->copies[GT_CUT_REST], *behind = loop->copies[piece_behind(loop->half)];
    gt_scan *segments = loop->cut->segments[loop->half];
    for (size_t p = 0; p < loop->scan->part_count && rest != NULL; p++) {
        uint32_t part = loop->scan->parts[p], of = part_of(c, part);
        gt_var v = GT_NONE;
        if (is_whole_stack(c, part))
            v = whole_stack(c, loop, part);
        else if (c->copy->wanted[part] && gt_tape_node(c->copy->from, part)->op == &gt_op_scan_final)
            v = behind == NULL ? gt_scan_final(segments, loop->states[of]) : final_of(behind, of, GT_NONE);
        else
            continue;
        c->copy->map[part] = gt_name(v, gt_var_name(gt_tape_at(c->copy->from, part)));
    }
}

/* ---- the pieces beside the loop over segments ------------------------------------------------ */

/* So that what is made of whole stacks of the piece stands here, and not behind the loop over segments. */
static void begin_whole_stacks(const gt_cutting *c, const gt_cut_loop *loop, gt_cut_piece piece)
{
    for (size_t p = 0; p < loop->scan->part_count; p++)
        if (is_whole_stack(c, loop->scan->parts[p]))
            gt_copy_stack(loop->copies[piece], part_of(c, loop->scan->parts[p]));
}

/* False: an error, which the tape has. */
static bool run_before(gt_cutting *c, gt_cut *cut, gt_cut_half half)
{
    for (gt_cut_loop *loop = cut->loops[half]; loop != NULL && has_piece(cut, piece_before(half)); loop = loop->next) {
        const gt_var *initial = initial_states(c, loop);
        if (initial != NULL)
            run_piece(c, loop, half, piece_before(half), initial);
        if (loop->copies[piece_before(half)] == NULL)
            return false;
        begin_whole_stacks(c, loop, piece_before(half));
    }
    return true;
}

static void run_behind(gt_cutting *c, gt_cut *cut, gt_cut_half half)
{
    for (gt_cut_loop *loop = cut->loops[half]; loop != NULL && has_piece(cut, piece_behind(half)); loop = loop->next) {
        gt_var *initial = states_of(c, loop);
        if (initial == NULL)
            return;
        for (uint32_t k = 0; k < loop->scan->carry_count; k++)
            initial[k] = gt_scan_final(cut->segments[half], loop->states[k]);
        run_piece(c, loop, half, piece_behind(half), initial);
    }
}

/* ---- the forward half ---------------------------------------------------------------------- */

/* The steps that are left over, the segments behind them, and the last one if it is kept. */
static void build_forward(gt_cutting *c, gt_cut *cut)
{
    if (!run_before(c, cut, GT_CUT_FORWARD) || !begin_segments(c, cut, GT_CUT_FORWARD) ||
        !carry_states(c, cut, GT_CUT_FORWARD))
        return;
    for (gt_cut_loop *loop = cut->loops[GT_CUT_FORWARD]; loop != NULL; loop = loop->next) {
        run_segment(c, loop);
        keep_whole_stacks(c, loop);
    }
    gt_scan_end(cut->segments[GT_CUT_FORWARD]);
    run_behind(c, cut, GT_CUT_FORWARD);
}

/* ---- the backward half --------------------------------------------------------------------- */

/* The steps of a segment of the forward half, from the states that were kept. */
static void run_forward_again(gt_cutting *c, gt_cut_loop *loop, gt_cut_half half)
{
    const gt_cut *cut = loop->cut;
    gt_var *initial = states_of(c, loop);
    for (uint32_t k = 0; k < loop->scan->carry_count && initial != NULL; k++)
        initial[k] = gt_scan_input(cut->segments[half], state_name(loop, k),
                                   gt_scan_stack(cut->segments[GT_CUT_FORWARD], loop->states[k]));
    if (initial != NULL)
        run_piece(c, loop, half, piece_in(half), initial);
}

/* The last segment if it is kept, the others, and then the steps that are left over. */
static void build_backward(gt_cutting *c, gt_cut *cut, gt_cut_half half)
{
    if (!run_before(c, cut, half) || !begin_segments(c, cut, half) || !carry_states(c, cut, half))
        return;
    gt_scan *segments = cut->segments[half];
    for (gt_cut_loop *loop = cut->loops[GT_CUT_FORWARD]; loop != NULL; loop = loop->next)
        run_forward_again(c, loop, half);
    for (gt_cut_loop *loop = cut->loops[half]; loop != NULL; loop = loop->next) {
        run_segment(c, loop);
        keep_whole_stacks(c, loop);
    }
    gt_scan_end(segments);
    run_behind(c, cut, half);
}

/* ---- the pass ------------------------------------------------------------------------------ */

/* What stands between the loops of the half and does not wait for them comes before them. */
static void build(gt_cutting *c, gt_cut *cut, gt_cut_half half)
{
    for (uint32_t i = cut->first[half]; i < cut->last[half]; i++)
        if (!cut->waits[half][i] && c->copy->to->error.status == GT_OK)
            gt_copy_node(c->copy, i);
    if (c->copy->to->error.status == GT_OK)
        half == GT_CUT_FORWARD ? build_forward(c, cut) : build_backward(c, cut, half);
    for (gt_cut_loop *loop = cut->loops[half]; loop != NULL && c->copy->to->error.status == GT_OK; loop = loop->next)
        leave_parts(c, loop);
}

static bool segment_scan(gt_copy *copy, uint32_t index)
{
    gt_cutting *c = copy->state;
    gt_cut_loop *loop = c == NULL ? NULL : c->loop_of[index];
    if (loop == NULL)
        return false;
    if (loop->cut->segments[loop->half] == NULL)
        build(c, loop->cut, loop->half);
    return true;
}

static bool is_part_of_loop(const gt_cutting *c, uint32_t index)
{
    const gt_node *node = gt_tape_node(c->copy->from, index);
    return node->op->op_class == GT_CLASS_PART && c->loop_of[gt_node_inputs(c->copy->from, node)[0]] != NULL;
}

/* What is needed in pieces alone is not copied; of a loop that is cut, the body says what is wanted. */
static void leave_out(const gt_cutting *c)
{
    for (uint32_t i = 1; i <= c->copy->count && c->cuts != NULL; i++)
        c->copy->wanted[i] &= c->whole[i] || c->loop_of[i] != NULL || is_part_of_loop(c, i);
}

static bool open_cut(gt_copy *copy, uint32_t depth)
{
    if (gt_copy_depth(copy) != depth || copy->segments->count <= depth)
        return true;
    gt_cutting *c = gt_memory_new(1, sizeof *c);
    copy->state = c;
    if (c == NULL)
        return false;
    c->copy = copy;
    if (!gt_cuts_find(c, copy->segments->steps[depth]))
        return false;
    leave_out(c);
    return true;
}

static bool segment_open(gt_copy *copy)
{
    return open_cut(copy, 0);
}

static bool segment_again_open(gt_copy *copy)
{
    return open_cut(copy, 1);
}

static void segment_close(gt_copy *copy)
{
    gt_cutting *c = copy->state;
    for (gt_cut *cut = c->cuts; cut != NULL; cut = cut->next)
        for (gt_cut_half h = 0; h < GT_CUT_HALVES; h++)
            for (gt_cut_loop *loop = cut->loops[h]; loop != NULL; loop = loop->next)
                for (gt_cut_piece p = 0; p < GT_CUT_PIECES; p++)
                    gt_copy_free(loop->copies[p]);
    gt_pool_free(&c->pool);
    gt_memory_free(c);
}

const gt_rewrite gt_pass_segment = {.open = segment_open, .close = segment_close, .scan = segment_scan};
const gt_rewrite gt_pass_segment_again = {.open = segment_again_open, .close = segment_close, .scan = segment_scan};
