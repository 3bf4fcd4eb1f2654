/* Faults that are planted in plans that are right: the verifier finds each, and says what it is. */
#ifndef TESTS_PLANTED_FAULTS_H
#define TESTS_PLANTED_FAULTS_H

#include "gradtape.h"

#include "plan/plan.h"
#include "plan/verify/verify.h"
#include "support/uncompiled.h"
#include "verified_program.h"

#include <criterion/criterion.h>
#include <string.h>

typedef struct planted_fault {
    void (*plant)(gt_plan *plan);
    const char *message; /* a part of it */
} planted_fault;

/* Makes a plan of something recorded on the tape. */
typedef gt_plan *planted_plan(gt_tape *tape);

static inline gt_status verify_plan(const gt_plan *plan, gt_error *error)
{
    *error = (gt_error){0};
    return gt_code_verify(&plan->code, &plan->program, plan->outputs, error);
}

static inline void expect_fault(planted_plan *make, const planted_fault *fault, size_t number)
{
    gt_error error;
    gt_tape *tape = gt_tape_new(&(gt_tape_options){.dtype = GT_F64});
    gt_plan *plan = make(tape);
    cr_assert_eq(verify_plan(plan, &error), GT_OK, "%s", error.message);
    fault->plant(plan);
    cr_expect_eq(verify_plan(plan, &error), GT_ERROR_TAPE, "fault %zu is not found: %s", number, fault->message);
    cr_expect_not_null(strstr(error.message, fault->message), "fault %zu: expected: %s\nbut it said: %s", number,
                       fault->message, error.message);
    gt_plan_free(plan);
    gt_tape_free(tape);
}

/* In a new plan each. */
static inline void expect_faults(planted_plan *make, const planted_fault *faults, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_fault(make, &faults[i], i);
}

#define EXPECT_FAULTS(make, faults) expect_faults(make, faults, sizeof(faults) / sizeof *(faults))

/* In compiled loops, where the machine has them. */
#define EXPECT_SPAN_FAULTS(make, faults)                                                                               \
    expect_faults(make, faults, can_compile() ? sizeof(faults) / sizeof *(faults) : 0)

static inline gt_plan *plan_of(const gt_var *outputs, uint32_t count, const gt_plan_options *options)
{
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(outputs, count, options, &error);
    cr_assert_not_null(plan, "%s", error.message);
    return plan;
}

/* Groups go op by op: what is compiled is in test_plan_verify_spans.c. */
static inline gt_plan *uncompiled_plan_of(const gt_var *outputs, uint32_t count)
{
    return plan_of(outputs, count, &(gt_plan_options){.skip = (const char *const[]){"compile-runs", NULL}});
}

static inline gt_plan *looping(gt_tape *tape)
{
    gt_var outputs[3];
    record_outputs(tape, outputs);
    return uncompiled_plan_of(outputs, 3);
}

/* ---- finding something to change ---- */

static inline gt_instruction *first_of(gt_block *block, gt_instruction_kind kind)
{
    for (uint32_t i = 0; i < block->count; i++)
        if (block->list[i].kind == kind)
            return &block->list[i];
    cr_assert_fail("there is no such instruction");
    return NULL;
}

static inline gt_loop *loop_of(gt_plan *plan)
{
    return first_of(&plan->code.block, GT_INSTRUCTION_LOOP)->loop;
}

/* The first one that is not within a loop. */
static inline gt_group *group_of(gt_plan *plan)
{
    return first_of(&plan->code.block, GT_INSTRUCTION_GROUP)->group;
}

/* Of the loop. */
static inline gt_group *run_of(gt_plan *plan)
{
    return first_of(&loop_of(plan)->body, GT_INSTRUCTION_GROUP)->group;
}

/* Of the run. */
static inline gt_operand *result_of(gt_plan *plan)
{
    gt_group *run = run_of(plan);
    return &run->steps[run->step_count - 1].output;
}

static inline gt_multiplication *product_of(gt_plan *plan)
{
    return first_of(&loop_of(plan)->body, GT_INSTRUCTION_MULTIPLICATION)->multiplication;
}

static inline gt_address behind_the_arena(const gt_plan *plan)
{
    return (gt_address){.base = GT_BASE_ARENA, .offset = plan->code.arena_bytes};
}

#endif
