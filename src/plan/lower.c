/*
 * Lowering, phase by phase.
 *
 * Needs: a program that has been through the passes. Leaves: code that a machine can run.
 * The order of the phases, and why it is this one: docs/planner.md.
 */
#include "plan/lower.h"

#include "base/error.h"
#include "base/memory.h"
#include "exec/interpreter.h"
#include "plan/verify/verify.h"

/* ---- the phases, one level after the other ----------------------------------------------------- */

/* What the level does, in which order. */
static bool order(gt_lowering *lowering, gt_level *level)
{
    level->order = gt_order_find(lowering, level);
    return level->order != NULL;
}

/* What memory must respect: states from step to step, concats, last reads. */
static bool find_lifetimes(gt_lowering *lowering, gt_level *level)
{
    level->states = level->scan == NULL ? NULL : gt_states_find(lowering, level);
    if (level->scan != NULL && level->states == NULL)
        return false;
    level->joins = gt_joins_find(lowering, level);
    level->reads = level->joins == NULL ? NULL : gt_last_reads_find(lowering, level);
    return level->reads != NULL;
}

/* Where each value lives: on outer levels first, since stacks and sequences are there. */
static bool find_places(gt_lowering *lowering, gt_level *level)
{
    level->places = gt_places_find(lowering, level);
    return level->places != NULL;
}

/* Positions in the arena: of inner levels first, since each is a region of the one around. */
static bool pack(gt_lowering *lowering, gt_level *level)
{
    if (level->scan == NULL && lowering->program->repeatable)
        gt_buffers_keep(lowering, level);
    if (level->scan == NULL && lowering->program->bind_outputs)
        gt_buffers_bind_outputs(lowering, level);
    if (!gt_arena_pack(lowering, level, &level->bytes))
        return false;
    if (level->scan == NULL)
        return true;
    bool divides = gt_level_is_divided(level) && !lowering->code->exact;
    if (divides && !gt_division_find(lowering, level, &level->division))
        return false;
    level->loop = gt_loop_memory_find(lowering, level);
    return level->loop != NULL;
}

/* The instructions, of all levels as their loops come, and what a machine must have for them. */
static bool emit(gt_lowering *lowering)
{
    if (!gt_code_emit_all(lowering))
        return false;
    gt_code_measure(lowering);
    return true;
}

static bool each_level(gt_lowering *lowering, bool (*phase)(gt_lowering *, gt_level *))
{
    for (size_t i = 0; i < lowering->level_count; i++)
        if (!phase(lowering, lowering->levels[i]))
            return false;
    return true;
}

static bool each_level_from_within(gt_lowering *lowering, bool (*phase)(gt_lowering *, gt_level *))
{
    for (size_t i = lowering->level_count; i-- > 0;)
        if (!phase(lowering, lowering->levels[i]))
            return false;
    return true;
}

/* Nobody will run it: its memory is all that is told. */
static bool is_too_large(gt_lowering *lowering)
{
    gt_code *code = lowering->code;
    code->arena_bytes = lowering->levels[0]->bytes;
    code->too_large = lowering->program->most_bytes > 0 && code->arena_bytes > lowering->program->most_bytes;
    return code->too_large;
}

static bool lower(gt_lowering *lowering, gt_error *error)
{
    return gt_level_find_all(lowering, error) && each_level(lowering, order) && each_level(lowering, find_lifetimes) &&
           each_level(lowering, find_places) && each_level_from_within(lowering, pack) &&
           (is_too_large(lowering) || (emit(lowering) && gt_code_finish_spans(lowering, error) == GT_OK));
}

/* ---- the whole --------------------------------------------------------------------------------- */

static bool check_kernels(const gt_tape *tape, gt_error *error)
{
    for (uint32_t i = 1; i <= tape->node_count; i++) {
        const gt_node *node = gt_tape_node(tape, i);
        bool elementwise = node->op->op_class == GT_CLASS_ELEMENTWISE;
        bool runs = gt_exec_has_kernel(node->op, (gt_dtype)node->dtype);
        if (elementwise && (!runs || node->input_count > 4)) {
            gt_error_set(error, GT_ERROR_UNSUPPORTED,
                         "%s: no plan can run this op: it needs a kernel for %s and at most 4 operands", node->op->name,
                         gt_dtype_name((gt_dtype)node->dtype));
            return false;
        }
    }
    for (size_t s = 0; s < tape->scan_count; s++)
        if (!check_kernels(tape->scans[s]->body, error))
            return false;
    return true;
}

static void output_operands(const gt_lowering *lowering, const gt_level *top, gt_operand *outputs)
{
    for (uint32_t i = 0; i < lowering->program->output_count; i++) {
        gt_var v = lowering->program->outputs[i];
        outputs[i] = gt_code_operand(lowering, top, v.index);
    }
}

static bool verify(const gt_lowering *lowering, const gt_operand *outputs, gt_error *error)
{
#ifdef GT_VERIFY_PLANS
    for (size_t i = 0; i < lowering->level_count; i++)
        if (gt_order_verify(lowering->levels[i], lowering->levels[i]->order, error) != GT_OK)
            return false;
    return gt_halves_verify(lowering->program, lowering->levels[0], error) == GT_OK &&
           gt_arena_verify(lowering, error) == GT_OK &&
           gt_code_verify(lowering->code, lowering->program, outputs, error) == GT_OK;
#else
    (void)lowering;
    (void)outputs;
    (void)error;
    return true;
#endif
}

gt_status gt_lower(const gt_program *program, gt_pool *pool, gt_code *code, gt_operand *outputs, gt_error *error)
{
    gt_error problem = {0};
    gt_lowering lowering = {.pool = pool, .code = code, .program = program};
    *code = (gt_code){.exact = program->exact};
    bool avx512 = false;
    lowering.compiles = !program->exact && gt_compile_possible(&avx512);
    gt_encoder_init(&lowering.encoder, avx512);
    bool lowered = check_kernels(program->tape, &problem) && lower(&lowering, &problem);
    if (lowered && !code->too_large) {
        output_operands(&lowering, lowering.levels[0], outputs);
        lowered = verify(&lowering, outputs, &problem);
    }
    gt_pool_free(&lowering.scratch);
    gt_memory_free(lowering.buffers);
    gt_memory_free(lowering.levels);
    gt_encoder_free(&lowering.encoder);
    if (lowered)
        return GT_OK;
    if (problem.status == GT_OK)
        gt_error_set(&problem, GT_ERROR_MEMORY, "no memory to plan a tape of %zu nodes", program->tape->node_count);
    return gt_error_set(error, problem.status, "%s", problem.message);
}
