/* Planned programs on several threads: the numbers of one thread, whatever is divided and how. */
#include "base/entry.h"
#include "exec/run_threads.h"
#include "plan/plan.h"
#include "recurrent.h"

#include "files.h"

#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>

enum { MOST = 2 * MAX_ARRAYS };

/* A sequence with its gradients, planned, and numbers for what it is given. */
typedef struct planned {
    recurrent r;
    gt_var outputs[MOST], inputs[MOST];
    void *data[MOST];
    uint32_t output_count, input_count;
    gt_plan *plan;
} planned;

static planned *begin(const gt_cell *cell, recurrent_sizes sizes, recurrent_form form, bool gradients)
{
    planned *p = calloc(1, sizeof *p);
    cr_assert_not_null(p);
    p->r = recurrent_record(cell, sizes, form);
    for (uint32_t i = 0; i < p->r.answer_count; i++) {
        p->outputs[p->output_count++] = p->r.answers[i];
        p->inputs[p->input_count++] = p->r.cotangents[i];
    }
    for (uint32_t i = 0; i < p->r.given_count; i++) {
        if (gradients)
            p->outputs[p->output_count++] = p->r.gradients[i];
        p->inputs[p->input_count++] = p->r.given[i];
    }
    for (uint32_t i = 0; i < p->input_count; i++)
        p->data[i] = random_numbers(gt_var_name(p->inputs[i]), 5, count_of(p->inputs[i]), form.dtype);
    gt_error error = {0};
    p->plan = gt_plan_new(p->outputs, p->output_count, NULL, &error);
    cr_assert_not_null(p->plan, "%s", error.message);
    return p;
}

static void end(planned *p)
{
    gt_plan_free(p->plan);
    for (uint32_t i = 0; i < p->input_count; i++)
        free(p->data[i]);
    recurrent_free(&p->r);
    free(p);
}

static void run(const planned *p, gt_workspace *work)
{
    cr_assert_not_null(work);
    for (uint32_t i = 0; i < p->input_count; i++)
        cr_assert_eq(gt_workspace_bind(work, p->inputs[i], p->data[i]), GT_OK);
    cr_assert_eq(gt_workspace_run(work), GT_OK, "%s", gt_workspace_message(work));
}

static void expect_close(const planned *p, const gt_workspace *a, const gt_workspace *b, const char *what)
{
    for (uint32_t k = 0; k < p->output_count; k++) {
        gt_dtype dtype = gt_var_dtype(p->outputs[k]);
        const void *x = gt_workspace_value(a, k), *y = gt_workspace_value(b, k);
        double largest = 0, worst = 0;
        for (size_t i = 0; i < count_of(p->outputs[k]); i++) {
            double difference = fabs(gt_entry_at(x, dtype, i) - gt_entry_at(y, dtype, i));
            worst = difference <= worst ? worst : difference; /* keeps a NaN */
            largest = fmax(largest, fabs(gt_entry_at(x, dtype, i)));
        }
        cr_assert(worst <= (dtype == GT_F32 ? 1e-6 : 1e-14) * largest, "%s: output %u differs by %g of %g", what,
                  (unsigned)k, worst, largest);
    }
}

static void expect_same_output(const planned *p, uint32_t k, const gt_workspace *a, const gt_workspace *b,
                               const char *what)
{
    cr_assert_eq(memcmp(gt_workspace_value(a, k), gt_workspace_value(b, k),
                        count_of(p->outputs[k]) * gt_dtype_size(gt_var_dtype(p->outputs[k]))),
                 0, "%s: output %u differs from run to run, or with the number of threads", what, (unsigned)k);
}

static void expect_same(const planned *p, const gt_workspace *a, const gt_workspace *b, const char *what)
{
    for (uint32_t k = 0; k < p->output_count; k++)
        expect_same_output(p, k, a, b, what);
}

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

static gt_threads *pool(uint32_t count)
{
    gt_error error = {0};
    gt_threads *threads = gt_threads_new(count, &error);
    cr_assert_not_null(threads, "%s", error.message);
    cr_assert_eq(gt_threads_count(threads), count);
    return threads;
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
        begin(gt_parsed_cell_get(parsed), (recurrent_sizes){3, 600, 1, 1, 64}, (recurrent_form){.dtype = GT_F32}, true);
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

/* How many outermost loops divide so many examples. */
static uint32_t loops_of(const gt_plan *plan, int64_t examples)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < plan->code.block.count; i++)
        count +=
            gt_loop_of(&plan->code.block.list[i]) != NULL && gt_loop_of(&plan->code.block.list[i])->batch == examples;
    return count;
}

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

/* ---- errors -------------------------------------------------------------------------------- */

/* Embeddings looked up step by step: the table changes with the state, so that the loop must do it. */
typedef struct lookup {
    gt_tape *tape;
    gt_var table, index, a0, out;
    gt_plan *plan;
    double numbers[6 * 5], initial[6 * 9];
    int32_t indices[9 * 4];
} lookup;

static void lookup_begin(lookup *l)
{
    *l = (lookup){.tape = gt_tape_new(NULL)};
    l->table = gt_parameter(l->tape, "table", GT_SHAPE(6, 5));
    l->index = gt_input_i32(l->tape, "index", GT_SHAPE(9, 4));
    l->a0 = gt_state(l->tape, "a0", GT_SHAPE(6, 9));
    gt_scan *scan = gt_scan_begin(l->tape, 4, GT_FORWARD);
    gt_var i = gt_scan_input(scan, "i", l->index), a = gt_scan_carry(scan, "a", l->a0);
    gt_var next = gt_mul(gt_tanh(a), gt_gather(l->table, i));
    gt_scan_next(scan, a, next);
    gt_scan_end(scan);
    l->out = gt_scan_stack(scan, next);
    gt_error error = {0};
    l->plan = gt_plan_new(&l->out, 1, NULL, &error);
    cr_assert_not_null(l->plan, "%s", error.message);
    for (size_t k = 0; k < sizeof l->numbers / sizeof *l->numbers; k++)
        l->numbers[k] = 0.3 * (double)(k % 7);
    for (size_t k = 0; k < sizeof l->initial / sizeof *l->initial; k++)
        l->initial[k] = 0.2 * (double)(k % 5);
    for (size_t k = 0; k < sizeof l->indices / sizeof *l->indices; k++)
        l->indices[k] = (int32_t)(k % 5);
}

static gt_status lookup_run(const lookup *l, gt_workspace *work)
{
    cr_assert_not_null(work);
    gt_workspace_bind(work, l->table, l->numbers);
    gt_workspace_bind(work, l->index, l->indices);
    gt_workspace_bind(work, l->a0, l->initial);
    return gt_workspace_run(work);
}

Test(plan_threads, report_an_error_once_and_as_one_thread_does)
{
    lookup l;
    lookup_begin(&l);
    gt_threads *threads = pool(3);
    cr_assert_eq(loops_of(l.plan, 9), 1);
    gt_workspace *one = gt_workspace_new(l.plan), *several = gt_workspace_new_dividing(l.plan, threads, 0);
    for (int round = 0; round < 2; round++) {
        l.indices[2 * 9 + 7] = 5 + round;
        l.indices[3 * 9 + 1] = -1; /* later, on another thread */
        cr_assert_eq(lookup_run(&l, one), GT_ERROR_VALUE);
        cr_assert_eq(lookup_run(&l, several), GT_ERROR_VALUE);
        cr_assert_str_eq(gt_workspace_message(several), gt_workspace_message(one));
        cr_assert_null(gt_workspace_value(several, 0));
        l.indices[2 * 9 + 7] = l.indices[3 * 9 + 1] = 4;
        cr_assert_eq(lookup_run(&l, one), GT_OK);
        cr_assert_eq(lookup_run(&l, several), GT_OK);
        cr_assert_str_empty(gt_workspace_message(several));
        cr_assert_eq(memcmp(gt_workspace_value(one, 0), gt_workspace_value(several, 0), 6 * 9 * 4 * sizeof(double)), 0);
    }
    gt_workspace_free(one);
    gt_workspace_free(several);
    gt_plan_free(l.plan);
    gt_tape_free(l.tape);
    gt_threads_free(threads);
}

/* ---- pools --------------------------------------------------------------------------------- */

typedef struct user {
    const planned *p;
    gt_workspace *work;
} user;

static void *run_often(void *context)
{
    user *u = context;
    for (int i = 0; i < 20; i++)
        run(u->p, u->work);
    return NULL;
}

/* Several threads of the user, each with a workspace, on one pool. */
Test(plan_threads, may_be_shared)
{
    enum { USERS = 3 };
    gt_threads *threads = pool(3);
    planned *p = begin(gt_cell_find("gru"), (recurrent_sizes){4, 9, 2, 7, 5}, (recurrent_form){.dtype = GT_F32}, true);
    user users[USERS];
    pthread_t handles[USERS];
    gt_workspace *one = gt_workspace_new(p->plan);
    run(p, one);
    for (int i = 0; i < USERS; i++) {
        users[i] = (user){p, gt_workspace_new_dividing(p->plan, threads, 0)};
        cr_assert_eq(pthread_create(&handles[i], NULL, run_often, &users[i]), 0);
    }
    for (int i = 0; i < USERS; i++) {
        pthread_join(handles[i], NULL);
        expect_close(p, one, users[i].work, "shared");
        gt_workspace_free(users[i].work);
    }
    gt_workspace_free(one);
    end(p);
    gt_threads_free(threads);
}

Test(plan_threads, come_in_pools)
{
    gt_error error = {0};
    cr_assert_geq(gt_threads_available(), 1);
    cr_assert_eq(gt_threads_count(NULL), 1);
    gt_threads *all = gt_threads_new(0, &error);
    cr_assert_not_null(all, "%s", error.message);
    cr_assert_eq(gt_threads_count(all), gt_threads_available());
    gt_threads_free(all);
    gt_threads_free(pool(1));
    gt_threads_free(pool(20));
    cr_assert_null(gt_threads_new(GT_MOST_THREADS + 1, &error));
    cr_assert_eq(error.status, GT_ERROR_ARGUMENT);
    gt_threads_free(NULL);
    cr_assert_null(gt_workspace_new_on(NULL, NULL));
    cr_assert_eq(gt_workspace_threads(NULL), 1);
}

/* ---- ending a run early ---------------------------------------------------------------------- */

/* Says yes when it is asked for the last time. */
static bool stop_after(void *context)
{
    int *left = context;
    return --*left < 0;
}

static void check_stops(gt_threads *threads)
{
    planned *p =
        begin(gt_cell_find("lstm"), (recurrent_sizes){4, 9, 2, 7, 12}, (recurrent_form){.dtype = GT_F64}, true);
    gt_workspace *whole = gt_workspace_new_dividing(p->plan, threads, 0),
                 *work = gt_workspace_new_dividing(p->plan, threads, 0);
    run(p, whole);
    run(p, work); /* binds everything */
    int asked = 1 << 20, all;
    gt_workspace_on_interrupt(work, stop_after, &asked);
    cr_assert_eq(gt_workspace_run(work), GT_OK);
    all = (1 << 20) - asked;
    cr_assert_gt(all, 12, "asked %d times in 12 steps forward and backward", all);
    for (int left = 0; left < all; left++) {
        asked = left;
        cr_assert_eq(gt_workspace_run(work), GT_ERROR_INTERRUPTED, "after %d questions", left);
        cr_expect_eq(asked, -1, "asked again after a yes");
        cr_expect_str_eq(gt_workspace_message(work), "interrupted");
        cr_expect_null(gt_workspace_value(work, 0));
    }
    asked = all;
    cr_assert_eq(gt_workspace_run(work), GT_OK);
    expect_same(p, whole, work, "after interruptions");
    gt_workspace_on_interrupt(work, NULL, NULL);
    cr_assert_eq(gt_workspace_run(work), GT_OK);
    cr_expect_eq(asked, 0, "asked when nobody was to be");
    gt_workspace_free(whole);
    gt_workspace_free(work);
    end(p);
}

Test(plan_threads, end_when_they_are_asked_to)
{
    gt_threads *threads = pool(3);
    check_stops(NULL);
    check_stops(threads);
    gt_threads_free(threads);
    gt_workspace_on_interrupt(NULL, stop_after, NULL);
}
