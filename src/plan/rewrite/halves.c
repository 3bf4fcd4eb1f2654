#include "plan/rewrite/halves.h"

#include "base/memory.h"

/* A scan is late as a whole if one of its operands is. */
void gt_halves_mark_late(const gt_program *program, uint8_t *late)
{
    for (uint32_t k = 0; k < program->input_count; k++)
        if (program->late_inputs[k] && gt_var_valid(program->inputs[k]))
            late[program->inputs[k].index] = 1;
    for (uint32_t i = 1; i <= program->tape->node_count; i++) {
        const gt_node *node = gt_tape_node(program->tape, i);
        for (uint32_t k = 0; k < node->input_count; k++)
            late[i] |= late[gt_node_inputs(program->tape, node)[k]];
    }
}

/* What an output that is not late needs is not late itself. */
static void mark_all_that_is_late(const gt_program *program, const uint8_t *wanted, uint8_t *backward)
{
    gt_halves_mark_late(program, backward);
    for (uint32_t i = 1; i <= program->tape->node_count; i++)
        backward[i] &= wanted[i];
}

void gt_halves_mark_backward(const gt_program *program, const uint8_t *wanted, uint8_t *backward)
{
    if (program->prepared) {
        mark_all_that_is_late(program, wanted, backward);
        return;
    }
    for (uint32_t i = 1; i <= program->tape->node_count; i++)
        backward[i] = wanted[i];
    for (uint32_t k = 0; k < program->output_count; k++)
        if (!program->late_outputs[k])
            backward[program->outputs[k].index] = 0;
    for (uint32_t i = (uint32_t)program->tape->node_count; i >= 1; i--) {
        const gt_node *node = gt_tape_node(program->tape, i);
        for (uint32_t k = 0; k < node->input_count && !backward[i] && wanted[i]; k++)
            backward[gt_node_inputs(program->tape, node)[k]] = 0;
    }
}

bool gt_halves_are_mixed(const gt_program *program, bool *known)
{
    uint8_t *late = gt_memory_new(program->tape->node_count + 1, 1);
    *known = late != NULL;
    bool mixed = false;
    if (late != NULL)
        gt_halves_mark_late(program, late);
    for (uint32_t k = 0; k < program->output_count && late != NULL; k++)
        mixed |= !program->late_outputs[k] && late[program->outputs[k].index];
    gt_memory_free(late);
    return mixed;
}
