/* The verifier of plans finds faults in the order of items, and values that share memory. */
#include "base/memory.h"
#include "plan/lower.h"
#include "plan/pipeline.h"
#include "plan/verify/verify.h"
#include "verified_program.h"

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

Test(plan_verify_order, finds_values_that_share_memory)
{
    cr_assert_eq(verify_memory(0, 5, 64, 3), GT_OK);
    cr_assert_eq(verify_memory(0, 5, 0, 6), GT_OK);
    cr_assert_eq(verify_memory(0, 5, 0, 5), GT_ERROR_TAPE);
    cr_assert_eq(verify_memory(64, 5, 1, 2), GT_ERROR_TAPE);
    cr_assert_eq(verify_memory(0, 5, 65, 6), GT_ERROR_TAPE);
}

/* Three of two levels, and one in the user's memory: the first fault is told. */
Test(plan_verify_order, levels_and_outputs_have_memory_of_their_own)
{
    gt_buffer buffers[] = {{.bytes = 64, .begin = 1, .end = 9},
                           {.bytes = 64, .begin = 2, .end = 9, .level = 1},
                           {.bytes = 64, .begin = 3, .end = 9, .output = 1},
                           {.bytes = 64, .begin = 4, .end = 9, .offset = 64}};
    gt_level level = {.bytes = 128}, *levels[] = {&level, &level};
    const gt_program program = {0};
    gt_lowering lowering = {
        .program = &program, .buffers = buffers, .buffer_count = 4, .levels = levels, .level_count = 2};
    gt_error error = {0};
    cr_expect_eq(gt_arena_verify(&lowering, &error), GT_OK, "%s", error.message);
    buffers[3].offset = 32; /* over the first one, and over another one that is before the first in the list */
    buffers[2] = buffers[3];
    cr_expect_eq(gt_arena_verify(&lowering, &error), GT_ERROR_TAPE);
    cr_expect_not_null(strstr(error.message, "two values that live at the same time share memory"));
}

/* ---- items --------------------------------------------------------------------------------- */

/* The order of a loop, which a fault may change. */
typedef struct ordered {
    const gt_level *level;
    gt_order order;
    gt_item *items;
    uint32_t *item_of, *position_of;
    uint8_t *kept, *wanted;
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
                 copy_of(pool, level->order->kept, nodes, 1),
                 copy_of(pool, level->wanted, nodes, 1)};
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

static void say_another_position(ordered *o)
{
    o->position_of[o->items[find_group(o)].nodes[0]]++;
}

/* Its nodes come one after the other only in a group. */
static void make_no_group(ordered *o)
{
    o->items[find_group(o)].kind = GT_ITEM_NODE;
}

static void start_at_what_comes_later(ordered *o)
{
    const gt_item *group = &o->items[find_group(o)];
    o->items[0].addend = group->nodes[group->count - 1];
}

static void change_shape(ordered *o)
{
    const gt_item *group = &o->items[find_group(o)];
    gt_tape *tape = o->level->tape;
    cr_assert_not(group->strips);
    gt_node *last = (gt_node *)(uintptr_t)gt_tape_node(tape, group->nodes[group->count - 1]);
    uint32_t other = 1;
    while (gt_tape_node(tape, other)->shape == last->shape)
        other++;
    last->shape = gt_tape_node(tape, other)->shape;
}

static void keep_nothing(ordered *o)
{
    memset(o->kept, 0, (size_t)o->level->count + 1);
}

/* What is stacked leaves the loop, if it is read by nothing in it. */
static void keep_only_what_is_read(ordered *o)
{
    const gt_uses *uses = o->level->uses;
    for (uint32_t node = 1; node <= o->level->count; node++)
        if (uses->leaves[node] != 0 && uses->first[node] == uses->first[node + 1])
            o->kept[node] = 0;
}

static void want_nothing(ordered *o)
{
    memset(o->wanted, 0, (size_t)o->level->count + 1);
}

Test(plan_verify_order, finds_faults_of_the_order)
{
    static const struct {
        void (*plant)(ordered *);
        const char *message;
    } faults[] = {
        {swap_items, "comes before what it reads"},         {swap_nodes, "comes before what it reads"},
        {make_no_group, "comes before what it reads"},      {lose_node, "is not in one item"},
        {name_another_item, "is not where the order says"}, {say_another_position, "is not where the order says"},
        {start_at_what_comes_later, "is no addend yet"},    {change_shape, "has another shape than its group"},
        {keep_nothing, "is not kept for who reads it"},     {keep_only_what_is_read, "is not kept, but leaves"},
        {want_nothing, "is in an item, and not wanted"},
    };
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
        level->wanted = o.wanted;
        cr_assert_eq(gt_order_verify(level, &o.order, &error), GT_OK, "%s", error.message);
        faults[i].plant(&o);
        cr_expect_eq(gt_order_verify(level, &o.order, &error), GT_ERROR_TAPE, "fault %zu is not found", i);
        cr_expect_not_null(strstr(error.message, faults[i].message), "fault %zu: expected: %s\nbut it said: %s", i,
                           faults[i].message, error.message);
        gt_pool_free(&lowering.scratch);
        gt_memory_free(lowering.levels);
        gt_program_free(&program);
        gt_tape_free(user);
    }
}
