/* The verifier of plans finds every kind of fault that is planted. */
#include "base/memory.h"
#include "plan/lower.h"
#include "plan/pipeline.h"
#include "plan/verify/verify.h"

#include "gradtape.h"

#include <criterion/criterion.h>
#include <string.h>

enum { STEPS = 3 };

/* A sum of two inputs, a scan with a state, a slice and an invariant, and its stack and final value. */
static gt_program record(gt_tape **user)
{
    gt_tape *tape = *user = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(4, 2, STEPS)), w = gt_input(tape, "w", GT_SHAPE(4, 4));
    gt_scan *scan = gt_scan_begin(tape, STEPS, GT_FORWARD);
    gt_var s = gt_scan_carry(scan, "s", gt_input(tape, "s0", GT_SHAPE(4, 2)));
    gt_var sum = gt_add(gt_matmul(w, s), gt_scan_input(scan, "x", x));
    gt_var next = gt_mul(gt_tanh(sum), gt_sigmoid(sum));
    gt_scan_next(scan, s, next);
    gt_scan_end(scan);
    const gt_var outputs[] = {gt_scan_stack(scan, next), gt_exp(gt_scan_final(scan, s)), gt_softmax(w)};
    gt_error error = {0};
    gt_program program;
    /* Runs go op by op here; test_plan_spans.c is about compiled ones. */
    const gt_plan_options options = {.skip = (const char *const[]){"compile-runs", NULL}};
    cr_assert_eq(gt_pipeline_run(outputs, 3, &options, &program, &error), GT_OK, "%s", error.message);
    return program;
}

/* ---- programs ------------------------------------------------------------------------------ */

static gt_node *find(gt_tape *tape, const char *op)
{
    for (size_t i = 0; i < tape->node_count; i++)
        if (strcmp(tape->nodes[i].op->name, op) == 0)
            return &tape->nodes[i];
    cr_assert_fail("there is no %s", op);
    return NULL;
}

static gt_tape *body_of(gt_program *p)
{
    return p->tape->scans[0]->body;
}

static void read_later(gt_program *p)
{
    p->tape->edges[find(p->tape, "exp")->first_input] = (uint32_t)p->tape->node_count;
}

static void read_nothing(gt_program *p)
{
    p->tape->edges[find(p->tape, "exp")->first_input] = 0;
}

static void read_whole_scan(gt_program *p)
{
    p->tape->edges[find(p->tape, "exp")->first_input] = p->tape->scans[0]->node;
}

static void change_shape(gt_program *p)
{
    find(p->tape, "exp")->shape = find(p->tape, "softmax")->shape;
}

static void change_type(gt_program *p)
{
    find(p->tape, "softmax")->dtype = GT_F32;
}

static void change_operand_inside(gt_program *p)
{
    gt_node *product = find(body_of(p), "matmul");
    body_of(p)->edges[product->first_input] = body_of(p)->edges[product->first_input + 1];
}

static void change_attribute(gt_program *p)
{
    p->tape->attributes[find(p->tape, "final")->first_attribute] = 7;
}

static void change_next_value(gt_program *p)
{
    p->tape->scans[0]->carries[0].after = p->tape->scans[0]->invariants[0].inside;
}

static void change_initial_value(gt_program *p)
{
    p->tape->scans[0]->carries[0].initial = p->tape->scans[0]->inputs[0].outside;
}

static void change_sequence(gt_program *p)
{
    p->tape->scans[0]->inputs[0].outside = p->tape->scans[0]->invariants[0].outside;
}

static void change_steps(gt_program *p)
{
    p->tape->scans[0]->steps++;
}

static void forget_invariant(gt_program *p)
{
    p->tape->scans[0]->invariant_count--;
}

static void forget_part(gt_program *p)
{
    p->tape->scans[0]->part_count = 0;
}

static void lose_output(gt_program *p)
{
    p->outputs[0].index = 1000;
}

static void lose_input(gt_program *p)
{
    p->inputs[0] = GT_NONE;
}

static void take_other_input(gt_program *p)
{
    p->inputs[0] = p->outputs[1];
}

static gt_scan *scan_of(gt_program *p)
{
    return p->tape->scans[0];
}

static void take_part_of_no_scan(gt_program *p)
{
    p->tape->edges[find(p->tape, "final")->first_input] = find(p->tape, "softmax")->first_input;
}

static void stack_nothing(gt_program *p)
{
    p->tape->attributes[find(p->tape, "stack")->first_attribute] = 0;
}

static void stack_what_is_not_there(gt_program *p)
{
    p->tape->attributes[find(p->tape, "stack")->first_attribute] = (int64_t)body_of(p)->node_count + 1;
}

static void change_initial_shape(gt_program *p)
{
    uint32_t index = scan_of(p)->invariants[0].outside;
    p->tape->edges[gt_tape_node(p->tape, scan_of(p)->node)->first_input] = index;
    scan_of(p)->carries[0].initial = index;
}

static void swap_state_and_slice(gt_program *p)
{
    scan_of(p)->carries[0].before = (uint32_t)body_of(p)->node_count;
}

static void slice_what_is_computed(gt_program *p)
{
    scan_of(p)->inputs[0].inside = (uint32_t)body_of(p)->node_count;
}

static void keep_what_is_computed(gt_program *p)
{
    scan_of(p)->invariants[0].inside = (uint32_t)body_of(p)->node_count;
}

static void change_invariant(gt_program *p)
{
    scan_of(p)->invariants[0].outside = scan_of(p)->inputs[0].outside;
}

static void take_other_scan(gt_program *p)
{
    p->tape->attributes[gt_tape_node(p->tape, scan_of(p)->node)->first_attribute] = 1;
}

static void move_scan(gt_program *p)
{
    scan_of(p)->node++;
}

static void move_body(gt_program *p)
{
    scan_of(p)->outer = body_of(p);
}

static void forget_steps(gt_program *p)
{
    scan_of(p)->steps = 0;
}

static void put_out_a_tuple(gt_program *p)
{
    p->outputs[0] = gt_tape_at(p->tape, scan_of(p)->node);
}

static void put_out_of_another_tape(gt_program *p)
{
    p->outputs[0].tape = body_of(p);
}

Test(plan_verify, finds_faults_of_programs)
{
    static void (*const faults[])(gt_program *) = {
        read_later,
        read_nothing,
        read_whole_scan,
        change_shape,
        change_type,
        change_operand_inside,
        change_attribute,
        change_next_value,
        change_initial_value,
        change_sequence,
        change_steps,
        forget_invariant,
        forget_part,
        lose_output,
        lose_input,
        take_other_input,
        take_part_of_no_scan,
        stack_nothing,
        stack_what_is_not_there,
        change_initial_shape,
        swap_state_and_slice,
        slice_what_is_computed,
        keep_what_is_computed,
        change_invariant,
        take_other_scan,
        move_scan,
        move_body,
        forget_steps,
        put_out_a_tuple,
        put_out_of_another_tape,
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        gt_tape *user;
        gt_error error = {0};
        gt_program program = record(&user);
        cr_assert_eq(gt_program_verify(&program, &error), GT_OK, "%s", error.message);
        gt_scan *scan = scan_of(&program), kept = *scan;
        faults[i](&program);
        cr_expect_eq(gt_program_verify(&program, &error), GT_ERROR_TAPE, "fault %zu is not found", i);
        cr_assert(error.message[0] != '\0');
        scan->outer = kept.outer;
        gt_program_free(&program);
        gt_tape_free(user);
    }
}

/* ---- code ---------------------------------------------------------------------------------- */

typedef struct lowered {
    gt_code code;
    gt_operand outputs[3];
} lowered;

/* The first instruction of the block, or of the loop in it, that is a loop, a run or a kernel. */
static gt_instruction *pick(gt_block *block, gt_instruction_kind kind)
{
    for (uint32_t i = 0; i < block->count; i++) {
        gt_instruction *instruction = &block->list[i];
        if (instruction->kind == kind)
            return instruction;
    }
    cr_assert_fail("there is no such instruction");
    return NULL;
}

static gt_loop *loop_of(lowered *l)
{
    return pick(&l->code.block, GT_INSTRUCTION_LOOP)->loop;
}

static gt_group *run_of(lowered *l)
{
    return pick(&loop_of(l)->body, GT_INSTRUCTION_GROUP)->group;
}

static gt_group_step *written(lowered *l)
{
    gt_group *run = run_of(l);
    return &run->steps[run->step_count - 1];
}

static void shrink_arena(lowered *l)
{
    l->code.arena_bytes = 64;
}

static void write_behind(lowered *l)
{
    written(l)->output.address.offset = l->code.arena_bytes;
}

static void write_further_each_step(lowered *l)
{
    written(l)->output.address.step[0] = l->code.arena_bytes / 2;
}

static void step_with_no_loop(lowered *l)
{
    written(l)->output.address.step[1] = 8;
}

static void write_to_input(lowered *l)
{
    written(l)->output.address.base = GT_BASE_INPUT;
    written(l)->output.address.offset = 0;
}

static void read_later_register(lowered *l)
{
    run_of(l)->steps[0].inputs[0] = run_of(l)->source_count;
}

static void grow_tiles(lowered *l)
{
    run_of(l)->tile_rows = GT_TILE_BYTES;
}

static void lose_tiles(lowered *l)
{
    l->code.most_tiles = 1;
}

static void write_over_tile(lowered *l)
{
    gt_group *run = run_of(l);
    cr_assert(!run->steps[0].written && !run->steps[1].written);
    run->steps[1].tile = run->steps[0].tile;
}

static gt_instruction *product_of(lowered *l)
{
    gt_block *body = &loop_of(l)->body;
    for (uint32_t i = 0; i < body->count; i++)
        if (body->list[i].kind == GT_INSTRUCTION_MULTIPLICATION)
            return &body->list[i];
    cr_assert_fail("there is no product");
    return NULL;
}

static void join_with_itself(lowered *l)
{
    static const gt_multiplication *also[1];
    gt_multiplication *m = product_of(l)->multiplication;
    also[0] = m;
    m->also = also;
    m->also_count = 1;
}

static void join_too_many(lowered *l)
{
    product_of(l)->multiplication->also_count = GT_MOST_TOGETHER;
}

/* The product of the loop starts at x. */
static gt_multiplication *started(lowered *l)
{
    gt_multiplication *m = product_of(l)->multiplication;
    cr_assert(m->has_addend);
    return m;
}

static void start_behind(lowered *l)
{
    started(l)->addend.address.base = GT_BASE_ARENA;
    started(l)->addend.address.offset = l->code.arena_bytes;
}

static void start_at_other_size(lowered *l)
{
    started(l)->addend.shape = GT_SHAPE(4, 3);
}

static void start_at_part_of_column(lowered *l)
{
    started(l)->addend_leading = 2;
}

static void start_and_accumulate(lowered *l)
{
    started(l)->product.accumulate = true;
}

static void start_beside_output(lowered *l)
{
    gt_multiplication *m = started(l);
    m->addend.address = m->output.address;
    m->addend.address.offset += m->output.address.offset > 0 ? (size_t)0 - 8 : 8;
}

static void start_at_column_of_output(lowered *l)
{
    gt_multiplication *m = started(l);
    m->addend.address = m->output.address;
    m->addend.shape = GT_SHAPE(4, 1);
    m->addend_leading = 0;
}

static void start_at_other_type(lowered *l)
{
    started(l)->addend.dtype = GT_F32;
}

static void read_right_behind(lowered *l)
{
    product_of(l)->multiplication->right.address.base = GT_BASE_ARENA;
    product_of(l)->multiplication->right.address.offset = l->code.arena_bytes;
}

static void read_left_behind(lowered *l)
{
    product_of(l)->multiplication->left.address.base = GT_BASE_ARENA;
    product_of(l)->multiplication->left.address.offset = l->code.arena_bytes - 8;
}

static void write_over_right(lowered *l)
{
    product_of(l)->multiplication->right.address = product_of(l)->multiplication->output.address;
}

static void write_over_left(lowered *l)
{
    product_of(l)->multiplication->left.address = product_of(l)->multiplication->output.address;
    l->code.arena_bytes += 128; /* the left operand is larger than the output */
}

/* The product with sums of its left operand's rows, somewhere behind all that is there: nothing is wrong with them. */
static gt_multiplication *summed(lowered *l)
{
    gt_multiplication *m = product_of(l)->multiplication;
    m->left_layout = GT_PRODUCT_PLAIN; /* what is there is as large at least */
    m->has_left_sums = true;
    m->left_sums = m->output;
    m->left_sums.shape = GT_SHAPE(4);
    m->left_sums.address = (gt_address){.base = GT_BASE_ARENA, .offset = l->code.arena_bytes};
    l->code.arena_bytes += 4 * sizeof(double);
    return m;
}

static void sum_behind(lowered *l)
{
    summed(l)->left_sums.address.offset += 8;
}

static void sum_other_count(lowered *l)
{
    summed(l)->left_sums.shape = GT_SHAPE(3);
}

static void sum_other_type(lowered *l)
{
    summed(l)->left_sums.dtype = GT_F32;
}

static void sum_packed(lowered *l)
{
    summed(l)->left_layout = GT_PRODUCT_TRANSPOSED;
}

static void sum_over_output(lowered *l)
{
    gt_multiplication *m = summed(l);
    m->left_sums.address = m->output.address;
}

static void sum_over_right(lowered *l)
{
    gt_multiplication *m = summed(l);
    m->right.address = m->left_sums.address;
    l->code.arena_bytes += 64;
}

static void sum_over_left(lowered *l)
{
    gt_multiplication *m = summed(l);
    m->left.address = m->left_sums.address;
    l->code.arena_bytes += 128;
}

static void sum_over_addend(lowered *l)
{
    gt_multiplication *m = summed(l);
    m->addend.address = m->left_sums.address;
    l->code.arena_bytes += 64;
}

static void lack_registers(lowered *l)
{
    l->code.most_registers = run_of(l)->source_count;
}

static void lack_tile(lowered *l)
{
    cr_assert(!run_of(l)->steps[0].written);
    run_of(l)->steps[0].tile = l->code.most_tiles;
}

static void tile_of_nothing(lowered *l)
{
    run_of(l)->tile_columns = 0;
}

static void write_beside_operand(lowered *l)
{
    gt_source *source = &run_of(l)->sources[0];
    source->operand.address = written(l)->output.address;
    source->operand.address.offset += source->operand.address.offset > 0 ? (size_t)0 - 8 : 8;
}

static void read_operand_behind(lowered *l)
{
    run_of(l)->sources[0].operand.address = (gt_address){.base = GT_BASE_ARENA, .offset = l->code.arena_bytes};
}

static void add_to_one_column(lowered *l)
{
    run_of(l)->sources[0].folds = true;
}

static void add_results_to_one_column(lowered *l)
{
    written(l)->folds = true;
}

static void overlap_operands(lowered *l)
{
    gt_kernel_call *kernel = pick(&l->code.block, GT_INSTRUCTION_KERNEL)->kernel;
    kernel->operands[0] = kernel->operands[kernel->input_count];
}

static gt_kernel_call *kernel_of(lowered *l)
{
    return pick(&l->code.block, GT_INSTRUCTION_KERNEL)->kernel;
}

static void lack_operands(lowered *l)
{
    l->code.most_operands = 0;
}

static void do_nothing(lowered *l)
{
    pick(&l->code.block, GT_INSTRUCTION_KERNEL)->kernel = NULL;
}

static void do_something_unknown(lowered *l)
{
    l->code.block.list[0].kind = (gt_instruction_kind)99;
}

static void divide_kernel_by_no_axis(lowered *l)
{
    static const int8_t axes[] = {GT_MAX_RANK, GT_MAX_RANK, GT_MAX_RANK, GT_MAX_RANK};
    kernel_of(l)->batch_axes = axes;
    kernel_of(l)->batch = loop_of(l)->batch;
}

static void divide_run(lowered *l)
{
    loop_of(l)->batch = 2;
    run_of(l)->columns_each = run_of(l)->columns;
}

static void divide_product(lowered *l)
{
    loop_of(l)->batch = 2;
    product_of(l)->multiplication->columns_each = product_of(l)->multiplication->product.columns;
}

static void point_at_no_state(lowered *l)
{
    loop_of(l)->carried[0].old_pointer = l->code.pointer_count;
}

static void point_at_no_next_state(lowered *l)
{
    loop_of(l)->carried[0].new_pointer = l->code.pointer_count;
}

static void read_next_state_behind(lowered *l)
{
    loop_of(l)->carried[0].after.address = (gt_address){.base = GT_BASE_ARENA, .offset = l->code.arena_bytes};
}

static void begin_state_behind(lowered *l)
{
    loop_of(l)->carried[0].initial.address = (gt_address){.base = GT_BASE_ARENA, .offset = l->code.arena_bytes};
}

static void begin_larger_state(lowered *l)
{
    loop_of(l)->carried[0].initial.shape = GT_SHAPE(4, 1);
}

static void lose_state(lowered *l)
{
    loop_of(l)->carried_count = 0;
}

static void lose_input_of_code(lowered *l)
{
    pick(&l->code.block, GT_INSTRUCTION_KERNEL)->kernel->operands[0].address.index = 1000;
}

static void lose_output_of_code(lowered *l)
{
    l->outputs[0].address.offset = l->code.arena_bytes - 8;
}

Test(plan_verify, finds_faults_of_code)
{
    static void (*const faults[])(lowered *) = {
        shrink_arena,
        write_behind,
        write_further_each_step,
        step_with_no_loop,
        write_to_input,
        read_later_register,
        grow_tiles,
        lose_tiles,
        write_over_tile,
        overlap_operands,
        join_with_itself,
        join_too_many,
        lose_state,
        lose_input_of_code,
        lose_output_of_code,
        start_behind,
        start_at_other_size,
        start_at_part_of_column,
        start_and_accumulate,
        start_beside_output,
        start_at_column_of_output,
        start_at_other_type,
        read_right_behind,
        read_left_behind,
        write_over_right,
        write_over_left,
        sum_behind,
        sum_other_count,
        sum_other_type,
        sum_packed,
        sum_over_output,
        sum_over_right,
        sum_over_left,
        sum_over_addend,
        lack_registers,
        lack_tile,
        tile_of_nothing,
        write_beside_operand,
        read_operand_behind,
        add_to_one_column,
        add_results_to_one_column,
        lack_operands,
        do_nothing,
        do_something_unknown,
        divide_kernel_by_no_axis,
        divide_run,
        divide_product,
        point_at_no_state,
        point_at_no_next_state,
        read_next_state_behind,
        begin_state_behind,
        begin_larger_state,
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        gt_tape *user;
        gt_error error = {0};
        gt_pool pool = {0};
        lowered l;
        gt_program program = record(&user);
        cr_assert_eq(gt_lower(&program, &pool, &l.code, l.outputs, &error), GT_OK, "%s", error.message);
        cr_assert_eq(gt_code_verify(&l.code, &program, l.outputs, &error), GT_OK, "%s", error.message);
        faults[i](&l);
        cr_assert_eq(gt_code_verify(&l.code, &program, l.outputs, &error), GT_ERROR_TAPE, "fault %zu is not found", i);
        gt_pool_free(&pool);
        gt_program_free(&program);
        gt_tape_free(user);
    }
}

/* What `summed` adds is right by itself, so that the faults above are those of what is then changed. */
Test(plan_verify, sums_of_rows_that_are_right_are_no_fault)
{
    gt_tape *user;
    gt_error error = {0};
    gt_pool pool = {0};
    lowered l;
    gt_program program = record(&user);
    cr_assert_eq(gt_lower(&program, &pool, &l.code, l.outputs, &error), GT_OK, "%s", error.message);
    summed(&l);
    cr_expect_eq(gt_code_verify(&l.code, &program, l.outputs, &error), GT_OK, "%s", error.message);
    gt_pool_free(&pool);
    gt_program_free(&program);
    gt_tape_free(user);
}

/* ---- memory -------------------------------------------------------------------------------- */

static gt_status verify_memory(size_t first_offset, uint32_t first_end, size_t second_offset, uint32_t second_begin)
{
    gt_buffer buffers[] = {{.bytes = 64, .offset = first_offset, .begin = 1, .end = first_end},
                           {.bytes = 64, .offset = second_offset, .begin = second_begin, .end = 9}};
    gt_level level = {.bytes = 128}, *levels[] = {&level};
    const gt_program program = {0};
    gt_lowering lowering = {
        .program = &program, .buffers = buffers, .buffer_count = 2, .levels = levels, .level_count = 1};
    return gt_arena_verify(&lowering, NULL);
}

Test(plan_verify, finds_values_that_share_memory)
{
    cr_assert_eq(verify_memory(0, 5, 64, 3), GT_OK);
    cr_assert_eq(verify_memory(0, 5, 0, 6), GT_OK);
    cr_assert_eq(verify_memory(0, 5, 0, 5), GT_ERROR_TAPE);
    cr_assert_eq(verify_memory(64, 5, 1, 2), GT_ERROR_TAPE);
    cr_assert_eq(verify_memory(0, 5, 65, 6), GT_ERROR_TAPE);
}

/* ---- items --------------------------------------------------------------------------------- */

/* The order of a loop, which a fault may change. */
typedef struct ordered {
    const gt_level *level;
    gt_order order;
    gt_item *items;
    uint32_t *item_of, *position_of;
    uint8_t *kept;
} ordered;

static void *copy_of(gt_pool *pool, const void *from, size_t count, size_t size)
{
    void *to = gt_pool_new(pool, count, size);
    memcpy(to, from, count * size);
    return to;
}

static ordered open_order(gt_pool *pool, const gt_level *level)
{
    size_t nodes = (size_t)level->count + 1;
    ordered o = {level,
                 *level->order,
                 copy_of(pool, level->order->items, level->order->item_count, sizeof *o.items),
                 copy_of(pool, level->order->item_of, nodes, sizeof *o.item_of),
                 copy_of(pool, level->order->position_of, nodes, sizeof *o.position_of),
                 copy_of(pool, level->order->kept, nodes, 1)};
    o.order.items = o.items;
    o.order.item_of = o.item_of;
    o.order.position_of = o.position_of;
    o.order.kept = o.kept;
    return o;
}

static uint32_t find_group(const ordered *o)
{
    uint32_t number = 0;
    while (o->items[number].kind != GT_ITEM_GROUP || o->items[number].count < 2)
        number++;
    return number;
}

static void swap_items(ordered *o)
{
    uint32_t last = find_group(o);
    const gt_item first = o->items[0];
    o->items[0] = o->items[last];
    o->items[last] = first;
    for (uint32_t n = 0; n < o->items[0].count; n++)
        o->item_of[o->items[0].nodes[n]] = 0;
    for (uint32_t n = 0; n < first.count; n++)
        o->item_of[first.nodes[n]] = last;
}

static void swap_nodes(ordered *o)
{
    gt_item *group = &o->items[find_group(o)];
    uint32_t first = group->nodes[0], last = group->nodes[group->count - 1];
    group->nodes[0] = last;
    group->nodes[group->count - 1] = first;
    o->position_of[last] = 0;
    o->position_of[first] = group->count - 1;
}

static void lose_node(ordered *o)
{
    o->items[find_group(o)].count--;
}

static void name_another_item(ordered *o)
{
    o->item_of[o->items[find_group(o)].nodes[0]]++;
}

static void keep_nothing(ordered *o)
{
    memset(o->kept, 0, (size_t)o->level->count + 1);
}

Test(plan_verify, finds_faults_of_the_order)
{
    static void (*const faults[])(ordered *) = {swap_items, swap_nodes, lose_node, name_another_item, keep_nothing};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        gt_tape *user;
        gt_program program = record(&user);
        gt_code code = {0};
        gt_lowering lowering = {.code = &code, .program = &program};
        gt_error error = {0};
        cr_assert(gt_level_find_all(&lowering, &error));
        gt_level *level = lowering.levels[lowering.level_count - 1];
        level->order = gt_order_find(&lowering, level);
        ordered o = open_order(&lowering.scratch, level);
        cr_assert_eq(gt_order_verify(level, &o.order, &error), GT_OK, "%s", error.message);
        faults[i](&o);
        cr_assert_eq(gt_order_verify(level, &o.order, &error), GT_ERROR_TAPE, "fault %zu is not found", i);
        gt_pool_free(&lowering.scratch);
        gt_memory_free(lowering.levels);
        gt_program_free(&program);
        gt_tape_free(user);
    }
}
