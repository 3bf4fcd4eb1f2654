#include "support/random_tape.h"

#include "graph/scan.h"
#include "graph/tape.h"

#include <stdio.h>
#include <stdlib.h>

static void mark(const gt_tape *tape, bool *needed)
{
    for (uint32_t i = (uint32_t)tape->node_count; i >= 1; i--) {
        const gt_node *node = gt_tape_node(tape, i);
        for (uint32_t k = 0; k < node->input_count && needed[i]; k++)
            needed[gt_node_inputs(tape, node)[k]] = true;
    }
}

static void print_level(gt_tape *tape, const bool *needed, int depth);

static bool *none_of(const gt_tape *tape)
{
    bool *needed = calloc(tape->node_count + 1, sizeof *needed);
    if (needed == NULL)
        abort();
    return needed;
}

static void print_scan(gt_tape *tape, const gt_node *node, const bool *needed, int depth)
{
    const gt_scan *scan = gt_node_scan(tape, node);
    bool *inside = none_of(scan->body);
    for (size_t p = 0; p < scan->part_count; p++)
        if (needed[scan->parts[p]]) {
            const gt_node *part = gt_tape_node(tape, scan->parts[p]);
            int64_t place = gt_node_attributes(tape, part)[0];
            inside[part->op == &gt_op_scan_stack ? (uint32_t)place : scan->carries[place].before] = true;
        }
    for (size_t round = 0; round <= scan->carry_count; round++) {
        for (size_t k = 0; k < scan->carry_count; k++)
            inside[scan->carries[k].after] |= inside[scan->carries[k].before];
        mark(scan->body, inside);
    }
    fprintf(stderr, "%*s  %lld steps, %s\n", 2 * depth, "", (long long)scan->steps,
            scan->direction == GT_BACKWARD ? "backward" : "forward");
    for (size_t k = 0; k < scan->carry_count; k++)
        if (inside[scan->carries[k].before])
            fprintf(stderr, "%*s  state %u, next %u, initially outer %u\n", 2 * depth, "", scan->carries[k].before,
                    scan->carries[k].after, scan->carries[k].initial);
    for (size_t k = 0; k < scan->input_count; k++)
        if (inside[scan->inputs[k].inside])
            fprintf(stderr, "%*s  slice %u of outer %u\n", 2 * depth, "", scan->inputs[k].inside,
                    scan->inputs[k].outside);
    for (size_t k = 0; k < scan->invariant_count; k++)
        if (inside[scan->invariants[k].inside])
            fprintf(stderr, "%*s  invariant %u is outer %u\n", 2 * depth, "", scan->invariants[k].inside,
                    scan->invariants[k].outside);
    print_level(scan->body, inside, depth + 1);
    free(inside);
}

static void print_level(gt_tape *tape, const bool *needed, int depth)
{
    char shape[64];
    for (uint32_t i = 1; i <= tape->node_count; i++) {
        const gt_node *node = gt_tape_node(tape, i);
        if (!needed[i])
            continue;
        fprintf(stderr, "%*s%u = %s", 2 * depth, "", i, node->op->name);
        for (uint32_t k = 0; k < node->input_count; k++)
            fprintf(stderr, " %u", gt_node_inputs(tape, node)[k]);
        for (uint32_t k = 0; k < node->attribute_count; k++)
            fprintf(stderr, "%s%lld", k == 0 ? " [" : " ", (long long)gt_node_attributes(tape, node)[k]);
        fprintf(stderr, "%s %s\n", node->attribute_count > 0 ? "]" : "",
                gt_shape_format(gt_node_shape(tape, node), shape, sizeof shape));
        if (node->op->op_class == GT_CLASS_SCAN)
            print_scan(tape, node, needed, depth);
    }
}

void random_tape_print(gt_tape *tape, const gt_var *outputs, uint32_t count)
{
    bool *needed = none_of(tape);
    fprintf(stderr, "outputs");
    for (uint32_t k = 0; k < count; k++) {
        needed[outputs[k].index] = true;
        fprintf(stderr, " %u", outputs[k].index);
    }
    fprintf(stderr, " of\n");
    mark(tape, needed);
    print_level(tape, needed, 1);
    free(needed);
}
