/* The verifier of plans finds faults of products, of what they start at, and of what is packed for them. */
#include "planted_faults.h"

static void join_with_itself(gt_plan *plan)
{
    static const gt_multiplication *also[1];
    gt_multiplication *m = product_of(plan);
    also[0] = m;
    m->also = also;
    m->also_count = 1;
}

static void join_too_many(gt_plan *plan)
{
    product_of(plan)->also_count = GT_MOST_TOGETHER;
}

/* The product of the loop starts at x. */
static gt_multiplication *started(gt_plan *plan)
{
    gt_multiplication *m = product_of(plan);
    cr_assert(m->has_addend);
    return m;
}

static void start_behind(gt_plan *plan)
{
    started(plan)->addend.address.base = GT_BASE_ARENA;
    started(plan)->addend.address.offset = plan->code.arena_bytes;
}

static void start_at_other_size(gt_plan *plan)
{
    started(plan)->addend.shape = GT_SHAPE(4, 3);
}

static void start_at_part_of_column(gt_plan *plan)
{
    started(plan)->addend_leading = 2;
}

static void start_and_accumulate(gt_plan *plan)
{
    started(plan)->product.accumulate = true;
}

static void start_beside_output(gt_plan *plan)
{
    gt_multiplication *m = started(plan);
    m->addend.address = m->output.address;
    m->addend.address.offset += m->output.address.offset > 0 ? (size_t)0 - 8 : 8;
}

static void start_at_column_of_output(gt_plan *plan)
{
    gt_multiplication *m = started(plan);
    m->addend.address = m->output.address;
    m->addend.shape = GT_SHAPE(4, 1);
    m->addend_leading = 0;
}

static void start_at_other_type(gt_plan *plan)
{
    started(plan)->addend.dtype = GT_F32;
}

static void read_right_behind(gt_plan *plan)
{
    product_of(plan)->right.address.base = GT_BASE_ARENA;
    product_of(plan)->right.address.offset = plan->code.arena_bytes;
}

static void read_left_behind(gt_plan *plan)
{
    product_of(plan)->left.address.base = GT_BASE_ARENA;
    product_of(plan)->left.address.offset = plan->code.arena_bytes - 8;
}

static void write_over_right(gt_plan *plan)
{
    product_of(plan)->right.address = product_of(plan)->output.address;
}

static void write_over_left(gt_plan *plan)
{
    product_of(plan)->left.address = product_of(plan)->output.address;
    plan->code.arena_bytes += 128; /* the left operand is larger than the output */
}

/* The product with sums of its left operand's rows, somewhere behind all that is there: nothing is wrong with them. */
static gt_multiplication *summed(gt_plan *plan)
{
    gt_multiplication *m = product_of(plan);
    m->left_layout = GT_PRODUCT_PLAIN; /* what is there is as large at least */
    m->has_left_sums = true;
    m->left_sums = m->output;
    m->left_sums.shape = GT_SHAPE(4);
    m->left_sums.address = (gt_address){.base = GT_BASE_ARENA, .offset = plan->code.arena_bytes};
    plan->code.arena_bytes += 4 * sizeof(double);
    return m;
}

static void sum_behind(gt_plan *plan)
{
    summed(plan)->left_sums.address.offset += 8;
}

static void sum_other_count(gt_plan *plan)
{
    summed(plan)->left_sums.shape = GT_SHAPE(3);
}

static void sum_other_type(gt_plan *plan)
{
    summed(plan)->left_sums.dtype = GT_F32;
}

static void sum_packed(gt_plan *plan)
{
    summed(plan)->left_layout = GT_PRODUCT_TRANSPOSED;
}

static void sum_over_output(gt_plan *plan)
{
    gt_multiplication *m = summed(plan);
    m->left_sums.address = m->output.address;
}

static void sum_over_right(gt_plan *plan)
{
    gt_multiplication *m = summed(plan);
    m->right.address = m->left_sums.address;
    plan->code.arena_bytes += 64;
}

static void sum_over_left(gt_plan *plan)
{
    gt_multiplication *m = summed(plan);
    m->left.address = m->left_sums.address;
    plan->code.arena_bytes += 128;
}

static void sum_over_addend(gt_plan *plan)
{
    gt_multiplication *m = summed(plan);
    m->addend.address = m->left_sums.address;
    plan->code.arena_bytes += 64;
}

/* Only a part of the output, which begins where that does. */
static void start_at_part_of_output(gt_plan *plan)
{
    gt_multiplication *m = started(plan);
    m->addend.address = m->output.address;
    m->addend.shape = GT_SHAPE(4, 1);
}

static void join_what_is_not_there(gt_plan *plan)
{
    gt_block *body = &loop_of(plan)->body;
    product_of(plan)->also_count = body->count;
    cr_assert_lt(body->count, GT_MOST_TOGETHER);
}

static void write_into_input(gt_plan *plan)
{
    product_of(plan)->output.address = (gt_address){.base = GT_BASE_INPUT};
}

static void divide_product(gt_plan *plan)
{
    loop_of(plan)->batch = 2;
    product_of(plan)->columns_each = product_of(plan)->product.columns;
}

Test(plan_verify_products, finds_faults_of_products)
{
    static const planted_fault faults[] = {
        {join_with_itself, "a product is done together with one that does not follow"},
        {join_too_many, "a product is done together with more than there are"},
        {start_behind, "the addend of a product does not lie within its memory"},
        {start_at_other_size, "the addend of a product does not lie within its memory"},
        {start_at_part_of_column, "the addend of a product does not fit it"},
        {start_and_accumulate, "the addend of a product does not fit it"},
        {start_beside_output, "a product is written over a part of its addend"},
        {start_at_column_of_output, "a product is written over a part of its addend"},
        {start_at_other_type, "the addend of a product does not fit it"},
        {read_right_behind, "the right operand of a product does not lie within its memory"},
        {read_left_behind, "the left operand of a product does not lie within its memory"},
        {write_over_right, "a product is written over one of its operands"},
        {write_over_left, "a product is written over one of its operands"},
        {sum_behind, "the sums of rows of a product does not lie within its memory"},
        {sum_other_count, "the sums of rows of a product do not fit it"},
        {sum_other_type, "the sums of rows of a product do not fit it"},
        {sum_packed, "the sums of rows of a product do not fit it"},
        {sum_over_output, "the sums of rows of a product are written over what it reads or writes"},
        {sum_over_right, "the sums of rows of a product are written over what it reads or writes"},
        {sum_over_left, "the sums of rows of a product are written over what it reads or writes"},
        {sum_over_addend, "the sums of rows of a product are written over what it reads or writes"},
        {start_at_part_of_output, "the addend of a product does not fit it"},
        {join_what_is_not_there, "a product is done together with more than there are"},
        {write_into_input, "a product is written outside of the workspace"},
        {divide_product, "an instruction is divided into other batch than its loop"},
    };
    EXPECT_FAULTS(looping, faults);
}

/* What `summed` adds is right by itself, so that the faults above are those of what is then changed. */
Test(plan_verify_products, sums_of_rows_that_are_right_are_no_fault)
{
    gt_error error;
    gt_tape *tape = gt_tape_new(NULL);
    gt_plan *plan = looping(tape);
    summed(plan);
    cr_expect_eq(verify_plan(plan, &error), GT_OK, "%s", error.message);
    gt_plan_free(plan);
    gt_tape_free(tape);
}

/* ---- products that are done together ----------------------------------------------------------- */

/* Three products of one right operand, of which the last has another size. */
static gt_plan *multiplying(gt_tape *tape)
{
    gt_var x = gt_input(tape, "x", GT_SHAPE(6, 5)), outputs[3];
    for (int k = 0; k < 3; k++)
        outputs[k] = gt_matmul(gt_input(tape, "W", GT_SHAPE(k < 2 ? 4 : 3, 6)), x);
    return uncompiled_plan_of(outputs, 3);
}

static gt_multiplication *product_at(gt_plan *plan, uint32_t number)
{
    for (uint32_t i = 0; i < plan->code.block.count; i++) {
        gt_multiplication *m = gt_multiplication_of(&plan->code.block.list[i]);
        if (m != NULL && number-- == 0)
            return m;
    }
    cr_assert_fail("there are not so many products");
    return NULL;
}

/* The second is done together with the third. */
static void join_next(gt_plan *plan)
{
    static const gt_multiplication *also[1];
    for (uint32_t k = 0; k < 3; k++) {
        product_at(plan, k)->also_count = 0;
        product_at(plan, k)->compiled = NULL;
    }
    also[0] = product_at(plan, 2);
    product_at(plan, 1)->also = also;
    product_at(plan, 1)->also_count = 1;
}

static void join_other_size(gt_plan *plan)
{
    join_next(plan);
}

static void add_to_other_output(gt_plan *plan)
{
    join_next(plan);
    product_at(plan, 1)->added = true;
}

static void join_what_joins(gt_plan *plan)
{
    join_next(plan);
    product_at(plan, 2)->also_count = 1;
}

Test(plan_verify_products, finds_faults_of_products_that_are_done_together)
{
    static const planted_fault faults[] = {
        {join_other_size, "a product is done together with one that does not fit"},
        {add_to_other_output, "a product is done together with one that does not fit"},
        {join_what_joins, "a product is done together with one that does not follow"},
    };
    EXPECT_FAULTS(multiplying, faults);
}

/* ---- packed operands ---------------------------------------------------------------------------- */

/* The product of a loop, with its left operand packed before that, behind all that is there. */
static gt_plan *packing(gt_tape *tape)
{
    static gt_instruction list[16];
    static gt_packing packing;
    gt_plan *plan = looping(tape);
    const gt_multiplication *m = product_of(plan);
    size_t bytes = gt_product_left_size(m->product.kernels, m->product.rows, m->product.inner);
    packing = (gt_packing){.kernels = m->product.kernels,
                           .rows = m->product.rows,
                           .inner = m->product.inner,
                           .leading = m->product.rows,
                           .to = {.base = GT_BASE_ARENA, .offset = plan->code.arena_bytes}};
    packing.from = m->output;
    packing.from.address = (gt_address){.base = GT_BASE_INPUT};
    packing.from.shape = GT_SHAPE(2, 2);
    plan->code.arena_bytes += bytes;
    cr_assert_lt(plan->code.block.count, 16);
    list[0] = (gt_instruction){.kind = GT_INSTRUCTION_PACKING, .packing = &packing};
    memcpy(list + 1, plan->code.block.list, plan->code.block.count * sizeof *list);
    plan->code.block.list = list;
    plan->code.block.count++;
    plan->code.turn++;
    return plan;
}

static gt_packing *packing_of(gt_plan *plan)
{
    return first_of(&plan->code.block, GT_INSTRUCTION_PACKING)->packing;
}

static void pack_what_is_behind(gt_plan *plan)
{
    packing_of(plan)->from.address = behind_the_arena(plan);
}

static void pack_to_the_end(gt_plan *plan)
{
    packing_of(plan)->to = behind_the_arena(plan);
}

static void pack_into_state(gt_plan *plan)
{
    plan->program.inputs[0] = plan->program.inputs[1]; /* W, which is as large as it is packed, or larger */
    packing_of(plan)->to = (gt_address){.base = GT_BASE_INPUT};
    packing_of(plan)->rows = packing_of(plan)->inner = 1;
}

Test(plan_verify_products, finds_faults_of_packing)
{
    static const planted_fault faults[] = {
        {pack_what_is_behind, "what is packed does not lie within its memory"},
        {pack_to_the_end, "a packed operand does not lie within its memory"},
        {pack_into_state, "a packed operand is written outside of the workspace"},
    };
    EXPECT_FAULTS(packing, faults);
}
