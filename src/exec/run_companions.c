/*
 * A loop and the products that go with it, a part of its steps at a time.
 *
 * The loop is done by one thread, in order. All threads do products: parts of those in front of the loop, which
 * it waits for, and of those behind it, which wait for it. So a loop that nobody can divide runs beside
 * products that everybody can. Every part of a product is done as a whole by one thread, so that the
 * numbers do not depend on who does it.
 */
#include "exec/run_threads.h"

#include "base/divisor.h"
#include "exec/cost.h"

#include <stdatomic.h>

/*
 * About so many columns are a part: as many as a block of a product has, but less where there are few. EVEN: a
 * multiple of the width of every tile.
 */
enum { MOST_PARTS = 128, FEW_PARTS = 16, LEAST_COLUMNS = 96, PART_COLUMNS = 528, EVEN_COLUMNS = 24 };

typedef struct progress {
    gt_machine *machines;
    const gt_instruction *at; /* the loop */
    int64_t part;             /* steps of one */
    uint32_t parts;
    atomic_uint leading, following; /* parts that somebody does or has done */
    atomic_uint done;               /* parts of the loop */
    atomic_bool ready[MOST_PARTS];  /* of the products in front of it */
    atomic_bool ends;               /* an error, or an interruption */
} progress;

/* ---- parts ------------------------------------------------------------------------------------ */

static int64_t columns_of_step(const gt_instruction *product, const gt_loop *loop)
{
    return product->multiplication->product.columns / loop->steps;
}

static int64_t first_step(const progress *p, uint32_t part)
{
    int64_t step = p->part * part;
    return step < p->at->loop->steps ? step : p->at->loop->steps;
}

/* That part of the products from `first` on, in their order. */
static void multiply(gt_machine *machine, const progress *p, const gt_instruction *first, uint32_t count, uint32_t part)
{
    const gt_loop *loop = p->at->loop;
    int64_t from = first_step(p, part), to = first_step(p, part + 1);
    int64_t begin = loop->backward ? loop->steps - to : from, end = loop->backward ? loop->steps - from : to;
    for (uint32_t i = 0; i < count; i += gt_machine_takes(&first[i])) {
        int64_t columns = columns_of_step(&first[i], loop);
        gt_machine_multiply_columns(machine, first[i].multiplication, begin * columns, end * columns);
    }
}

/* False if there is none any more. */
static bool lead(gt_machine *machine, progress *p)
{
    uint32_t part = atomic_fetch_add(&p->leading, 1);
    if (part >= p->parts)
        return false;
    uint32_t count = p->at->loop->leading;
    multiply(machine, p, p->at - count, count, part);
    atomic_store_explicit(&p->ready[part], true, memory_order_release);
    return true;
}

static bool follow(gt_machine *machine, progress *p)
{
    uint32_t part = atomic_fetch_add(&p->following, 1);
    if (part >= p->parts)
        return false;
    for (int looks = 0; atomic_load_explicit(&p->done, memory_order_acquire) <= part; looks++) {
        if (atomic_load_explicit(&p->ends, memory_order_acquire))
            return false;
        gt_threads_pause(looks);
    }
    multiply(machine, p, p->at + 1, p->at->loop->following, part);
    return true;
}

/* ---- what each thread does ---------------------------------------------------------------------- */

static void await_products(gt_machine *machine, progress *p, uint32_t part)
{
    for (int looks = 0; !atomic_load_explicit(&p->ready[part], memory_order_acquire); looks++)
        if (!lead(machine, p))
            gt_threads_pause(looks);
}

static gt_status run_loop(gt_machine *machine, progress *p)
{
    const gt_loop *loop = p->at->loop;
    gt_status status = GT_OK;
    gt_machine_begin_loop(machine, loop);
    for (uint32_t part = 0; part < p->parts && status == GT_OK; part++) {
        if (loop->leading > 0)
            await_products(machine, p, part);
        status = gt_machine_run_steps(machine, loop, first_step(p, part), first_step(p, part + 1));
        if (status == GT_OK)
            atomic_store_explicit(&p->done, part + 1, memory_order_release);
    }
    if (status == GT_OK)
        gt_machine_end_loop(machine, loop);
    else
        atomic_store_explicit(&p->ends, true, memory_order_release);
    return status;
}

static void run_share(void *context, uint32_t thread, uint32_t count)
{
    progress *p = context;
    gt_machine *machine = &p->machines[thread];
    bool more = p->at->loop->leading > 0;
    (void)count;
    machine->status = thread == 0 ? run_loop(machine, p) : GT_OK;
    while (thread > 0 && more && !atomic_load_explicit(&p->ends, memory_order_acquire))
        more = lead(machine, p);
    more = p->at->loop->following > 0;
    while (more && !atomic_load_explicit(&p->ends, memory_order_acquire))
        more = follow(machine, p);
}

/* ---- the whole ------------------------------------------------------------------------------------ */

const gt_instruction *gt_companions_find(const gt_block *block, uint32_t i)
{
    uint32_t at = i;
    while (at < block->count && block->list[at].kind == GT_INSTRUCTION_MULTIPLICATION)
        at++;
    const gt_loop *loop = at < block->count ? gt_loop_of(&block->list[at]) : NULL;
    bool here = loop != NULL && loop->leading + loop->following > 0 && loop->leading == at - i;
    return here ? &block->list[at] : NULL;
}

static int64_t between(int64_t least, int64_t x, int64_t most)
{
    return x < least ? least : x > most ? most : x;
}

/* So that all parts but the last are of whole tiles. */
static int64_t steps_of_part(const gt_instruction *at, bool finest)
{
    const gt_loop *loop = at->loop;
    int64_t least = (loop->steps + MOST_PARTS - 1) / MOST_PARTS;
    if (finest)
        return least;
    int64_t each = columns_of_step(loop->leading > 0 ? at - loop->leading : at + 1, loop);
    int64_t even = EVEN_COLUMNS / gt_common_divisor(EVEN_COLUMNS, each);
    int64_t columns = between(LEAST_COLUMNS, loop->steps * each / FEW_PARTS, PART_COLUMNS);
    int64_t steps = columns / each > least ? columns / each : least;
    return (steps + even - 1) / even * even;
}

static double cost_of_products(const gt_instruction *at)
{
    double cost = 0;
    for (const gt_instruction *i = at - at->loop->leading; i <= at + at->loop->following; i++)
        cost += i != at ? gt_cost_of_instruction(i) : 0;
    return cost;
}

bool gt_companions_pay(const gt_instruction *at, const gt_sharing *sharing)
{
    bool finest = sharing->least_cost <= 0;
    return finest ? at->loop->steps > 1
                  : at->loop->steps > steps_of_part(at, false) && cost_of_products(at) >= 4 * sharing->least_cost;
}

bool gt_companions_hide(const gt_instruction *at, uint32_t count)
{
    return gt_cost_of_instruction(at) <= cost_of_products(at) * (count - 1);
}

gt_status gt_companions_run(gt_machine *machines, gt_threads *threads, const gt_instruction *at,
                            const gt_sharing *sharing)
{
    progress p = {.machines = machines, .at = at, .part = steps_of_part(at, sharing->least_cost <= 0)};
    p.parts = (uint32_t)((at->loop->steps + p.part - 1) / p.part);
    if (gt_machine_stops(&machines[0]))
        return GT_ERROR_INTERRUPTED;
    machines[0].region = machines[0].arena + at->loop->region;
    gt_threads_run(threads, run_share, &p);
    return machines[0].status;
}
