/* Running a scan: its body once for every step. */
#include "exec/interpreter.h"

#include "base/memory.h"
#include "graph/scan.h"

#include <string.h>

typedef struct scan_run {
    gt_interpreter *run;
    gt_frame *outer, *body;
    gt_scan *scan;
    uint32_t node;
    uint8_t *carried; /* for each state: the outputs depend on its next value */
    void **memory;    /* for each state: room for two values, the old and the new */
} scan_run;

/* ---- what must be computed ----------------------------------------------------------------- */

static bool part_is_stack(const scan_run *s, uint32_t part)
{
    return gt_tape_node(s->outer->tape, part)->op == &gt_op_scan_stack;
}

static uint32_t part_place(const scan_run *s, uint32_t part)
{
    const gt_tape *tape = s->outer->tape;
    return (uint32_t)gt_node_attributes(tape, gt_tape_node(tape, part))[0];
}

/* A state whose old value the body wants needs its new value too: a fixpoint. */
static void mark(scan_run *s)
{
    uint8_t *wanted = s->body->wanted;
    for (uint32_t part = s->outer->chain[s->node]; part != 0; part = s->outer->chain[part]) {
        if (!s->outer->wanted[part])
            continue;
        if (part_is_stack(s, part))
            wanted[part_place(s, part)] = 1;
        else
            s->carried[part_place(s, part)] = 1;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t k = 0; k < s->scan->carry_count; k++)
            if (s->carried[k])
                wanted[s->scan->carries[k].after] = 1;
        gt_frame_mark(s->body);
        for (uint32_t k = 0; k < s->scan->carry_count; k++)
            if (wanted[s->scan->carries[k].before] && !s->carried[k]) {
                s->carried[k] = 1;
                changed = true;
            }
    }
}

static bool enters_body(const scan_run *s, uint32_t node)
{
    return gt_tape_node(s->body->tape, node)->role != GT_ROLE_NONE;
}

static gt_status take_memory(scan_run *s)
{
    for (uint32_t part = s->outer->chain[s->node]; part != 0; part = s->outer->chain[part]) {
        if (!s->outer->wanted[part])
            continue;
        s->outer->data[part] = gt_frame_memory(s->outer, part);
        if (s->outer->data[part] == NULL)
            return gt_exec_fail(s->run, s->outer, part, GT_ERROR_MEMORY, "no memory for its value of %zu bytes",
                                gt_frame_bytes(s->outer, part));
    }
    for (uint32_t k = 0; k < s->scan->carry_count; k++) {
        if (!s->carried[k])
            continue;
        s->memory[k] = gt_memory_new(2, gt_frame_bytes(s->body, s->scan->carries[k].before));
        if (s->memory[k] == NULL)
            return gt_exec_fail(s->run, s->outer, s->node, GT_ERROR_MEMORY, "no memory for its carried states");
    }
    return GT_OK;
}

/* ---- one step ------------------------------------------------------------------------------ */

/* Inputs, and where the values that are stacked go: straight into the stack. */
static void enter_step(scan_run *s, int64_t t)
{
    for (uint32_t k = 0; k < s->scan->input_count; k++) {
        gt_scan_link link = s->scan->inputs[k];
        size_t bytes = gt_frame_bytes(s->body, link.inside);
        s->body->data[link.inside] = (const char *)s->outer->data[link.outside] + (size_t)t * bytes;
    }
    for (uint32_t part = s->outer->chain[s->node]; part != 0; part = s->outer->chain[part]) {
        if (!s->outer->wanted[part] || !part_is_stack(s, part))
            continue;
        uint32_t node = part_place(s, part);
        size_t bytes = gt_frame_bytes(s->body, node);
        s->body->placed[node] = (char *)gt_frame_memory(s->outer, part) + (size_t)t * bytes;
    }
}

/* Values that entered the body were not written by a kernel: they are copied into their stacks. */
static void stack_entered(scan_run *s)
{
    for (uint32_t part = s->outer->chain[s->node]; part != 0; part = s->outer->chain[part]) {
        if (!s->outer->wanted[part] || !part_is_stack(s, part))
            continue;
        uint32_t node = part_place(s, part);
        if (enters_body(s, node))
            memcpy(s->body->placed[node], s->body->data[node], gt_frame_bytes(s->body, node));
    }
}

/* The new values become the old ones; into the half that is not being read, so that states may swap. */
static void carry_over(scan_run *s, int64_t done)
{
    for (uint32_t k = 0; k < s->scan->carry_count; k++) {
        if (!s->carried[k])
            continue;
        gt_scan_carry_link carry = s->scan->carries[k];
        size_t bytes = gt_frame_bytes(s->body, carry.before);
        memcpy((char *)s->memory[k] + (size_t)(done % 2) * bytes, s->body->data[carry.after], bytes);
    }
    for (uint32_t k = 0; k < s->scan->carry_count; k++)
        if (s->carried[k])
            s->body->data[s->scan->carries[k].before] =
                (const char *)s->memory[k] + (size_t)(done % 2) * gt_frame_bytes(s->body, s->scan->carries[k].before);
}

static gt_status run_steps(scan_run *s)
{
    gt_status status = GT_OK;
    int64_t outer_step = s->run->step;
    for (int64_t done = 0; done < s->scan->steps && status == GT_OK; done++) {
        int64_t t = s->scan->direction == GT_FORWARD ? done : s->scan->steps - 1 - done;
        s->run->step = t;
        enter_step(s, t);
        status = gt_exec_frame(s->run, s->body);
        if (status == GT_OK) {
            stack_entered(s);
            carry_over(s, done);
        }
    }
    s->run->step = outer_step;
    return status;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void enter_scan(scan_run *s)
{
    for (uint32_t k = 0; k < s->scan->invariant_count; k++)
        s->body->data[s->scan->invariants[k].inside] = s->outer->data[s->scan->invariants[k].outside];
    for (uint32_t k = 0; k < s->scan->carry_count; k++)
        s->body->data[s->scan->carries[k].before] = s->outer->data[s->scan->carries[k].initial];
}

static void read_finals(scan_run *s)
{
    for (uint32_t part = s->outer->chain[s->node]; part != 0; part = s->outer->chain[part])
        if (s->outer->wanted[part] && !part_is_stack(s, part)) {
            uint32_t before = s->scan->carries[part_place(s, part)].before;
            memcpy(gt_frame_memory(s->outer, part), s->body->data[before], gt_frame_bytes(s->body, before));
        }
}

static gt_status run_scan(scan_run *s)
{
    mark(s);
    gt_status status = take_memory(s);
    if (status != GT_OK)
        return status;
    enter_scan(s);
    status = run_steps(s);
    if (status == GT_OK)
        read_finals(s);
    return status;
}

gt_status gt_exec_scan(gt_interpreter *run, gt_frame *frame, uint32_t index)
{
    gt_scan *scan = gt_node_scan(frame->tape, gt_tape_node(frame->tape, index));
    if (frame->bodies[index] == NULL)
        frame->bodies[index] = gt_frame_new(scan->body);
    scan_run s = {.run = run, .outer = frame, .body = frame->bodies[index], .scan = scan, .node = index};
    s.carried = gt_memory_new(scan->carry_count, sizeof *s.carried);
    s.memory = gt_memory_new(scan->carry_count, sizeof *s.memory);
    gt_status status;
    if (s.body == NULL || s.carried == NULL || s.memory == NULL || !gt_frame_begin(s.body))
        status = gt_exec_fail(run, frame, index, GT_ERROR_MEMORY, "no memory to run its body");
    else
        status = run_scan(&s);
    for (uint32_t k = 0; k < scan->carry_count && s.memory != NULL; k++)
        gt_memory_free(s.memory[k]);
    gt_memory_free(s.memory);
    gt_memory_free(s.carried);
    return status;
}
