#include "plan/lower.h"

#include "base/error.h"
#include "base/memory.h"
#include "ops/descriptors.h"
#include "plan/verify/verify.h"

#include <string.h>

/* ---- one level after the other ------------------------------------------------------------- */

/* The body of a scan as a level, before the memory of the level around it is planned. */
static bool open_body(gt_lowering *lowering, gt_level *level, uint32_t index, gt_error *error)
{
    gt_scan *scan = gt_node_scan(level->tape, gt_tape_node(level->tape, index));
    if (level->depth == GT_MAX_LOOPS) {
        gt_error_set(error, GT_ERROR_SIZE, "scans are nested more than %d deep", GT_MAX_LOOPS);
        return false;
    }
    gt_level *body = gt_lower_level(lowering, level, scan->body, scan);
    if (body == NULL)
        return false;
    level->bodies[index] = body;
    body->loop_item = level->item_of[index];
    body->first_state = lowering->code->state_count;
    lowering->code->state_count += 2 * (uint32_t)scan->carry_count;
    gt_lower_mark_body(body, index);
    return gt_lower_find_states(lowering, body) && gt_lower_order(lowering, body) && gt_lower_find_uses(lowering, body);
}

static bool plan_level(gt_lowering *lowering, gt_level *level, gt_error *error);

static bool lower_body(gt_lowering *lowering, gt_level *level, gt_level *body, gt_error *error)
{
    return plan_level(lowering, body, error) &&
           (body->depth > 1 || lowering->code->exact || gt_lower_examples(lowering, body)) &&
           gt_lower_keep_states(lowering, level, body, body->loop_item) &&
           gt_lower_packing(lowering, level, body, body->loop_item) &&
           gt_lower_root(lowering, level, body->bytes, body->loop_item, &body->region);
}

/* The memory of a level whose order is known, and of all bodies in it. */
static bool plan_level(gt_lowering *lowering, gt_level *level, gt_error *error)
{
    for (uint32_t i = 1; i <= level->count; i++)
        if (level->wanted[i] && gt_tape_node(level->tape, i)->op->op_class == GT_CLASS_SCAN &&
            !open_body(lowering, level, i, error))
            return false;
    if (!gt_lower_storage(lowering, level))
        return false;
    for (uint32_t i = 1; i <= level->count; i++)
        if (level->bodies[i] != NULL && !lower_body(lowering, level, level->bodies[i], error))
            return false;
    return gt_lower_pack(lowering, level);
}

static bool check_kernels(const gt_tape *tape, gt_error *error)
{
    for (uint32_t i = 1; i <= tape->node_count; i++) {
        const gt_node *node = gt_tape_node(tape, i);
        bool elementwise = node->op->op_class == GT_CLASS_ELEMENTWISE;
        bool runs = node->dtype == GT_F32 ? node->op->run_f32 != NULL : node->op->run_f64 != NULL;
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
        const gt_storage *storage = &top->storage[v.index];
        outputs[i] = (gt_operand){storage->address, gt_var_dtype(v), gt_var_shape(v), v};
        if (storage->in_root)
            outputs[i].address.offset += lowering->roots[storage->root].offset;
    }
}

static bool verify(const gt_lowering *lowering, const gt_operand *outputs, gt_error *error)
{
#ifdef GT_VERIFY_PLANS
    return gt_lower_verify(lowering, error) == GT_OK &&
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
    lowering.compiles =
        !program->exact && gt_lower_chooses(&lowering, GT_CHOICE_COMPILE_RUNS) && gt_compile_possible(&avx512);
    gt_encoder_init(&lowering.loops, avx512);
    gt_level *top = gt_lower_level(&lowering, NULL, program->tape, NULL);
    bool lowered = top != NULL && check_kernels(program->tape, &problem);
    if (lowered) {
        gt_lower_mark_program(&lowering, top);
        lowered = gt_lower_order(&lowering, top) && gt_lower_find_uses(&lowering, top) &&
                  plan_level(&lowering, top, &problem) && gt_lower_emit(&lowering, top, &code->block) &&
                  gt_lower_finish_loops(&lowering, &problem) == GT_OK;
    }
    if (lowered) {
        code->arena_bytes = top->bytes;
        output_operands(&lowering, top, outputs);
        lowered = verify(&lowering, outputs, &problem);
    }
    gt_pool_free(&lowering.scratch);
    gt_memory_free(lowering.roots);
    gt_memory_free(lowering.levels);
    gt_encoder_free(&lowering.loops);
    if (lowered)
        return GT_OK;
    if (problem.status == GT_OK)
        gt_error_set(&problem, GT_ERROR_MEMORY, "no memory to plan a tape of %zu nodes", program->tape->node_count);
    return gt_error_set(error, problem.status, "%s", problem.message);
}
