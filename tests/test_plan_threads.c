/* Planned programs on several threads: the numbers of one thread, whatever is divided and how. */
#include "planned_threads.h"

static void check(const gt_cell *cell, recurrent_sizes sizes, recurrent_form form, gt_threads *threads, bool gradients)
{
    char what[120];
    snprintf(what, sizeof what, "%s, %s, m = %d, T = %d, %u threads", cell->name, gt_dtype_name(form.dtype),
             (int)sizes.m, (int)sizes.T, (unsigned)gt_threads_count(threads));
    planned *p = begin(cell, sizes, form, gradients);
    gt_workspace *one = gt_workspace_new(p->plan), *several = gt_workspace_new_dividing(p->plan, threads, 0),
                 *again = gt_workspace_new_dividing(p->plan, threads, 0);
    run(p, one);
    run(p, several);
    run(p, again);
    expect_close(p, one, several, what);
    expect_same(p, several, again, what);
    run(p, again);
    expect_same(p, several, again, what);
    gt_workspace_free(one);
    gt_workspace_free(several);
    gt_workspace_free(again);
    end(p);
}

/* Batches that the threads do not divide evenly, fewer examples than threads, one step, both directions. */
Test(plan_threads, give_the_numbers_of_one_thread)
{
    static const recurrent_sizes sizes[] = {{3, 5, 2, 7, 4},  {4, 4, 4, 4, 4},  {9, 33, 5, 2, 3},
                                            {2, 3, 2, 13, 1}, {5, 17, 3, 1, 5}, {16, 40, 20, 29, 6}};
    for (uint32_t count = 2; count <= 7; count += 5) {
        gt_threads *threads = pool(count);
        for (uint32_t c = 0; c < gt_cell_count(); c++)
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
                for (gt_dtype dtype = GT_F64; dtype <= GT_F32; dtype++) {
                    check(gt_cell_at(c), sizes[s], (recurrent_form){false, GT_FORWARD, dtype}, threads, true);
                    check(gt_cell_at(c), sizes[s], (recurrent_form){s % 2 == 0, GT_BACKWARD, dtype}, threads, true);
                }
        gt_threads_free(threads);
    }
}

Test(plan_threads, leave_small_programs_to_one_thread)
{
    gt_threads *threads = pool(2);
    planned *small =
        begin(gt_cell_find("lstm"), (recurrent_sizes){2, 3, 1, 2, 2}, (recurrent_form){.dtype = GT_F32}, true);
    planned *large =
        begin(gt_cell_find("lstm"), (recurrent_sizes){64, 64, 1, 16, 16}, (recurrent_form){.dtype = GT_F32}, true);
    gt_workspace *few = gt_workspace_new_on(small->plan, threads), *many = gt_workspace_new_on(large->plan, threads);
    cr_expect_eq(gt_workspace_threads(few), 1);
    cr_expect_eq(gt_workspace_threads(many), 2);
    run(small, few);
    run(large, many);
    gt_workspace *one = gt_workspace_new(large->plan);
    run(large, one);
    expect_close(large, one, many, "large");
    gt_workspace_free(one);
    gt_workspace_free(few);
    gt_workspace_free(many);
    end(small);
    end(large);
    gt_threads_free(threads);
}

static gt_parsed_cell *parse(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, GT_CELLS "/%s", name);
    file_bytes file = read_file(path);
    gt_parsed_cell *parsed = gt_cell_parse((const char *)file.bytes, file.size, NULL);
    free(file.bytes);
    cr_assert_not_null(gt_parsed_cell_get(parsed), "%s", path);
    return parsed;
}

/* A thread has enough to do at every step, or nothing: of seven, a few do these loops, with the bits of one. */
Test(plan_threads, take_part_where_there_is_enough_to_do)
{
    enum { THREADS = 7 };
    gt_threads *threads = pool(THREADS);
    gt_parsed_cell *parsed = parse("mingru.cell");
    planned *p =
        begin(gt_parsed_cell_get(parsed), (recurrent_sizes){3, 200, 1, 1, 64}, (recurrent_form){.dtype = GT_F32}, true);
    gt_workspace *one = gt_workspace_new(p->plan), *several = gt_workspace_new_on(p->plan, threads);
    cr_assert_eq(gt_workspace_threads(several), THREADS);
    uint32_t parts = gt_sharing_of(&p->plan->code.block, THREADS, GT_WORTH_DIVIDING).batch_parts;
    cr_expect(parts > 1 && parts < THREADS, "%u parts", (unsigned)parts);
    cr_expect_eq(gt_sharing_of(&p->plan->code.block, THREADS, 0).batch_parts, THREADS);
    cr_expect_eq(gt_sharing_of(&p->plan->code.block, 2, GT_WORTH_DIVIDING).batch_parts, 2);
    run(p, one);
    run(p, several);
    expect_same(p, one, several, "mingru");
    gt_workspace_free(one);
    gt_workspace_free(several);
    end(p);
    gt_parsed_cell_free(parsed);
    gt_threads_free(threads);
}

static uint32_t companions_of(const gt_plan *plan)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < plan->code.block.count; i++) {
        const gt_loop *loop = gt_loop_of(&plan->code.block.list[i]);
        count += loop != NULL && loop->leading + loop->following > 0;
    }
    return count;
}

/* The gradients of biases are sums of sums, of which each thread makes some. */
static void expect_same_but_sums(const planned *p, const gt_workspace *a, const gt_workspace *b, const char *what)
{
    for (uint32_t k = 0; k < p->output_count; k++)
        if (k < p->r.answer_count || gt_var_name(p->r.given[k - p->r.answer_count])[0] != 'b')
            expect_same_output(p, k, a, b, what);
    expect_close(p, a, b, what);
}

/* One example, whose loops one thread goes through: beside the products of all steps, with the bits of one thread. */
static void check_companions(const char *file, gt_direction direction, gt_threads *threads)
{
    gt_parsed_cell *parsed = parse(file);
    for (gt_dtype dtype = GT_F64; dtype <= GT_F32; dtype++) {
        planned *p = begin(gt_parsed_cell_get(parsed), (recurrent_sizes){48, 48, 1, 1, 700},
                           (recurrent_form){false, direction, dtype}, true);
        cr_assert_eq(companions_of(p->plan), 2, "%s: %u", file, (unsigned)companions_of(p->plan));
        gt_workspace *one = gt_workspace_new(p->plan), *parts = gt_workspace_new_on(p->plan, threads),
                     *steps = gt_workspace_new_dividing(p->plan, threads, 0);
        uint32_t pay = 0;
        const gt_sharing sharing = {.least_cost = GT_WORTH_DIVIDING};
        for (uint32_t i = 0; i < p->plan->code.block.count; i++) {
            const gt_instruction *loop = gt_companions_find(&p->plan->code.block, i);
            pay += loop != NULL && gt_companions_pay(loop, &sharing);
        }
        cr_assert_geq(pay, 1, "%s", file);
        run(p, one);
        run(p, parts);
        run(p, steps);
        expect_same_but_sums(p, one, parts, file);
        expect_same_but_sums(p, one, steps, file);
        gt_workspace_free(one);
        gt_workspace_free(parts);
        gt_workspace_free(steps);
        end(p);
    }
    gt_parsed_cell_free(parsed);
}

Test(plan_threads, do_products_beside_loops)
{
    static const char *const files[] = {"mingru.cell", "minlstm.cell", "gru.cell", "lstm.cell"};
    for (uint32_t count = 2; count <= 3; count++) {
        gt_threads *threads = pool(count);
        for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
            check_companions(files[k], GT_FORWARD, threads);
            check_companions(files[k], GT_BACKWARD, threads);
        }
        gt_threads_free(threads);
    }
}

/* ---- loops that mix their examples --------------------------------------------------------- */

/* States that are centred over the batch; over time, every example depends on every other. */
static void centred(gt_cell_step *s)
{
    gt_var a = gt_tanh(gt_add(gt_matmul(s->parameters[0], s->states[0]), s->inputs[0]));
    s->next_states[0] = gt_sub(a, gt_mean(a, 1));
}

/* A product over the batch, whose size is that of the state: the shapes alone would let it be divided. */
static void mixing(gt_cell_step *s)
{
    s->next_states[0] = gt_tanh(gt_add(gt_matmul(s->states[0], s->parameters[0]), s->inputs[0]));
}

/* The transposed state in the product: rows become columns. */
static void turning(gt_cell_step *s)
{
    s->next_states[0] = gt_tanh(gt_add(gt_transpose(s->states[0]), gt_mul(s->parameters[0], s->inputs[0])));
}

/* Slices and concatenations along the batch. */
static void rotating(gt_cell_step *s)
{
    int64_t m = gt_var_shape(s->states[0]).size[1];
    gt_var first = gt_slice(s->states[0], 1, 0, 1), rest = gt_slice(s->states[0], 1, 1, m);
    gt_var turned = gt_concat((gt_var[]){rest, first}, 2, 1);
    s->next_states[0] = gt_tanh(gt_add(gt_matmul(s->parameters[0], turned), s->inputs[0]));
}

/* A part that is the same for all examples, and depends on all of an input: it is done as a whole by each thread. */
static void common(gt_cell_step *s)
{
    gt_var x = s->inputs[0];
    gt_var all = gt_matmul(s->parameters[0], gt_mean(gt_exp(x), 1));
    s->next_states[0] = gt_tanh(gt_add(gt_mul(s->states[0], x), gt_sigmoid(all)));
}

/* Layer normalisation: over the rows of each example. */
static void normalised(gt_cell_step *s)
{
    gt_var a = gt_add(gt_matmul(s->parameters[0], s->states[0]), s->inputs[0]);
    gt_var centre = gt_sub(a, gt_mean(a, 0));
    gt_var size = gt_sqrt(gt_add(gt_mean(gt_mul(centre, centre), 0), gt_constant(a.tape, 1e-3)));
    s->next_states[0] = gt_softmax(gt_div(centre, size));
}

static const gt_cell_array row = {.name = "x", .rows = "n_a"}, state = {.name = "a", .rows = "n_a"};
static const gt_cell_array square[] = {{.name = "W", .rows = "n_a", .columns = "n_a"}};

/* A cell all of whose loops divide their examples, or none of them. */
static void check_step(void (*step)(gt_cell_step *), recurrent_sizes sizes, uint32_t count, bool gradients,
                       bool divided)
{
    const gt_cell cell = {.name = "cell",
                          .step = step,
                          .inputs = &row,
                          .input_count = 1,
                          .states = &state,
                          .state_count = 1,
                          .parameters = square,
                          .parameter_count = 1};
    gt_threads *threads = pool(count);
    for (gt_dtype dtype = GT_F64; dtype <= GT_F32; dtype++)
        check(&cell, sizes, (recurrent_form){.dtype = dtype}, threads, gradients);
    gt_threads_free(threads);
    planned *p = begin(&cell, sizes, (recurrent_form){.dtype = GT_F32}, gradients);
    cr_expect_eq(loops_of(p->plan, divided ? sizes.m : 0), gradients ? 2 : 1);
    end(p);
}

Test(plan_threads, do_not_divide_what_mixes_examples)
{
    check_step(centred, (recurrent_sizes){6, 6, 1, 8, 5}, 3, true, false);
    check_step(centred, (recurrent_sizes){8, 8, 1, 8, 5}, 2, true, false);
    check_step(mixing, (recurrent_sizes){8, 8, 1, 8, 5}, 4, true, false);
    check_step(turning, (recurrent_sizes){8, 8, 1, 8, 5}, 4, true, false);
    check_step(rotating, (recurrent_sizes){5, 5, 1, 7, 5}, 3, true, false);
    check_step(rotating, (recurrent_sizes){7, 7, 1, 7, 5}, 2, true, false);
    /* What is common to all examples is stacked for the backward pass, where their sum is needed. */
    check_step(common, (recurrent_sizes){6, 6, 1, 8, 5}, 3, true, false);
}

Test(plan_threads, divide_what_treats_examples_by_themselves)
{
    check_step(common, (recurrent_sizes){6, 6, 1, 8, 5}, 3, false, true);
    check_step(common, (recurrent_sizes){7, 7, 1, 7, 5}, 3, false, true);
    check_step(normalised, (recurrent_sizes){6, 6, 1, 9, 5}, 4, true, true);
    check_step(normalised, (recurrent_sizes){9, 9, 1, 9, 5}, 2, true, true);
}

/* Every loop of a cell, forward and backward. */
static void expect_divided(const gt_cell *cell)
{
    planned *p = begin(cell, (recurrent_sizes){3, 5, 2, 6, 4}, (recurrent_form){.dtype = GT_F32}, true);
    cr_expect_geq(loops_of(p->plan, 6), 1, "%s", cell->name);
    cr_expect_eq(loops_of(p->plan, 0), 0, "%s: %u loops are not divided", cell->name, (unsigned)loops_of(p->plan, 0));
    end(p);
}

Test(plan_threads, divide_all_cells_of_the_library)
{
    for (uint32_t c = 0; c < gt_cell_count(); c++)
        expect_divided(gt_cell_at(c));
}

static void with_each_file(void (*look)(const gt_cell *, void *), void *context)
{
    DIR *cells = opendir(GT_CELLS);
    cr_assert_not_null(cells);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(cells)) != NULL;) {
        const char *end_of_name = strrchr(entry->d_name, '.');
        if (end_of_name == NULL || strcmp(end_of_name, ".cell") != 0)
            continue;
        gt_parsed_cell *parsed = parse(entry->d_name);
        look(gt_parsed_cell_get(parsed), context);
        gt_parsed_cell_free(parsed);
        count++;
    }
    cr_assert_gt(count, 10);
    closedir(cells);
}

/*
 * The squarings of a matrix exponential are a loop without examples. A column of factors that two states are
 * multiplied by gets the sum of two sums over the examples at each step, which nothing divides yet.
 */
static bool has_whole_loops(const gt_cell *cell)
{
    static const char *const names[] = {"exprnn", "lmu", "lru", "s5"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(cell->name, names[i]) == 0)
            return true;
    return false;
}

static void look_divided(const gt_cell *cell, void *threads)
{
    if (!has_whole_loops(cell))
        expect_divided(cell);
    check(cell, (recurrent_sizes){4, 7, 3, 5, 6}, (recurrent_form){.dtype = GT_F64}, threads, true);
}

/* Those with matrix memories, too: of each example a piece is several columns of a matrix. */
Test(plan_threads, divide_all_cells_of_the_zoo)
{
    gt_threads *threads = pool(3);
    with_each_file(look_divided, threads);
    gt_threads_free(threads);
}

/* ---- the same bits ---------------------------------------------------------------------------- */

/*
 * Of several examples, the gradient of a gain or a bias may be summed over the columns of each thread, and then over
 * threads (plan/code/fold.c): it is the same but for rounding.
 */
static bool may_be_folded(const planned *p, uint32_t output)
{
    return output >= p->r.answer_count && gt_var_role(p->r.given[output - p->r.answer_count]) == GT_ROLE_PARAMETER;
}

static void compare_bits(const planned *p, int64_t m, const gt_workspace *one, const gt_workspace *several,
                         const char *name)
{
    for (uint32_t k = 0; k < p->output_count; k++)
        if (m == 1 || !may_be_folded(p, k))
            expect_same_output(p, k, one, several, name);
    expect_close(p, one, several, name);
}

/* Not to rounding: whoever computes an entry does it by the same instructions. */
static void look_alike(const gt_cell *cell, void *pools)
{
    for (int64_t m = 1; m <= 8; m += 7)
        for (gt_dtype dtype = GT_F64; dtype <= GT_F32; dtype++) {
            planned *p = begin(cell, (recurrent_sizes){4, 150, 3, m, 3}, (recurrent_form){.dtype = dtype}, true);
            gt_workspace *one = gt_workspace_new(p->plan);
            run(p, one);
            for (gt_threads **threads = pools; *threads != NULL; threads++) {
                gt_workspace *several = gt_workspace_new_dividing(p->plan, *threads, 0);
                run(p, several);
                compare_bits(p, m, one, several, cell->name);
                gt_workspace_free(several);
            }
            gt_workspace_free(one);
            end(p);
        }
}

Test(plan_threads, give_the_bits_of_one_thread)
{
    gt_threads *pools[] = {pool(2), pool(3), pool(5), NULL};
    with_each_file(look_alike, pools);
    for (uint32_t c = 0; c < gt_cell_count(); c++)
        look_alike(gt_cell_at(c), pools);
    for (int i = 0; pools[i] != NULL; i++)
        gt_threads_free(pools[i]);
}

/* ---- one example ----------------------------------------------------------------------------- */

static void expect_pieces(const char *name, int64_t pieces)
{
    gt_parsed_cell *parsed = parse(name);
    planned *p =
        begin(gt_parsed_cell_get(parsed), (recurrent_sizes){3, 150, 2, 1, 4}, (recurrent_form){.dtype = GT_F32}, true);
    cr_expect_geq(loops_of(p->plan, pieces), 2, "%s", name);
    cr_expect_eq(loops_of(p->plan, 0), 0, "%s: %u loops are not divided", name, (unsigned)loops_of(p->plan, 0));
    end(p);
    gt_parsed_cell_free(parsed);
}

/* Rows where all is entry by entry; the two heads of matrix memories. */
Test(plan_threads, divide_one_example_by_rows_and_by_heads)
{
    static const char *const by_rows[] = {"mingru.cell", "minlstm.cell", "sru.cell", "indrnn.cell"};
    static const char *const by_heads[] = {"gla.cell", "mlstm.cell", "gated_deltanet.cell"};
    for (size_t i = 0; i < sizeof by_rows / sizeof *by_rows; i++)
        expect_pieces(by_rows[i], 150);
    for (size_t i = 0; i < sizeof by_heads / sizeof *by_heads; i++)
        expect_pieces(by_heads[i], 2);
}

/* ---- loops without states ------------------------------------------------------------------ */

/* Dropout, whose mask depends on where an entry stands: every step by itself, and its gradient. */
Test(plan_threads, divide_loops_without_states_by_steps)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(5, 7, 11)), keys = gt_input_i32(tape, "keys", GT_SHAPE(1, 11));
    gt_scan *scan = gt_scan_begin(tape, 11, GT_FORWARD);
    gt_var dropped = gt_dropout(gt_exp(gt_scan_input(scan, "x", x)), gt_scan_input(scan, "key", keys), 0.4, 0);
    gt_scan_end(scan);
    gt_var outputs[2] = {gt_scan_stack(scan, dropped), GT_NONE};
    gt_var squares = gt_mul(outputs[0], outputs[0]);
    gt_grad(&squares, NULL, 1, &x, 1, &outputs[1]);
    cr_assert_eq(gt_tape_status(tape), GT_OK, "%s", gt_tape_message(tape));
    gt_plan *plan = gt_plan_new(outputs, 2, NULL, NULL);
    double numbers[5 * 7 * 11];
    int32_t key[11];
    for (int i = 0; i < 5 * 7 * 11; i++)
        numbers[i] = 0.01 * (i % 37);
    for (int i = 0; i < 11; i++)
        key[i] = 77 * i;
    cr_assert_geq(loops_of(plan, 0), 1, "the mask keeps the loop from being divided by examples");
    for (uint32_t count = 2; count <= 13; count += 11) {
        gt_threads *threads = pool(count);
        gt_workspace *works[2] = {gt_workspace_new(plan), gt_workspace_new_dividing(plan, threads, 0)};
        for (int i = 0; i < 2; i++) {
            gt_workspace_bind(works[i], x, numbers);
            gt_workspace_bind(works[i], keys, key);
            cr_assert_eq(gt_workspace_run(works[i]), GT_OK);
        }
        for (uint32_t k = 0; k < 2; k++)
            cr_assert_eq(memcmp(gt_workspace_value(works[0], k), gt_workspace_value(works[1], k), sizeof numbers), 0);
        gt_workspace_free(works[0]);
        gt_workspace_free(works[1]);
        gt_threads_free(threads);
    }
    gt_plan_free(plan);
    gt_tape_free(tape);
}
