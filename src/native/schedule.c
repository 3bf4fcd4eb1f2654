#include "native/schedule.h"

#include "base/memory.h"

/* Longer bodies stay as they are: the choice at each place is among all instructions. */
enum { MOST_SCHEDULED = 400, WIDTH = 2 };

typedef struct schedule {
    const gt_compiled_loop *loop;
    const gt_lanes *lanes;
    uint32_t *height; /* of each instruction: cycles from its beginning to the end of all that needs it */
    uint32_t *done;   /* the cycle at which its result is there; 0: not yet placed */
    uint32_t *left;   /* instructions that are still to read it */
    uint32_t live;    /* values in registers */
} schedule;

/* Cycles from the operands to the result, about: Zen 4, and Intel's are close to it (uops.info). */
static uint32_t latency(gt_lane_kind kind)
{
    switch (kind) {
    case GT_LANE_INPUT:
    case GT_LANE_CONSTANT:
        return 0;
    case GT_LANE_AND:
    case GT_LANE_OR:
    case GT_LANE_XOR:
    case GT_LANE_ADD_BITS:
    case GT_LANE_SHIFT_LEFT:
    case GT_LANE_SHIFT_RIGHT:
        return 1;
    case GT_LANE_DIV:
    case GT_LANE_SQRT:
        return 14;
    case GT_LANE_SELECT:
        return 6;
    default:
        return 4;
    }
}

static bool has_effect(gt_lane_kind kind)
{
    return kind == GT_LANE_OUTPUT || kind == GT_LANE_SUM;
}

/* What needs no instruction of its own. */
static bool is_free(gt_lane_kind kind)
{
    return kind == GT_LANE_INPUT || kind == GT_LANE_CONSTANT;
}

/* Before anything is placed; of the last instructions first. */
static bool is_needed(const schedule *s, uint32_t n)
{
    return s->left[n] > 0 || has_effect(s->lanes->list[n].kind);
}

/* Who waits how long for what, and how often each value is read. */
static void measure(schedule *s)
{
    for (uint32_t n = s->lanes->count; n-- > 1;) {
        const gt_lane_instruction *i = &s->lanes->list[n];
        if (!is_needed(s, n))
            continue; /* nor does it read anything */
        s->height[n] += latency(i->kind);
        for (int k = 0; k < 4; k++) {
            gt_lane operand = i->operands[k];
            if (operand == 0)
                continue;
            if (s->height[operand] < s->height[n])
                s->height[operand] = s->height[n];
            s->left[operand]++;
        }
    }
}

/* An entry that the output writes over must have been read by all that read it before. */
static bool may_write(const schedule *s, uint32_t output)
{
    const gt_loop_slot *slot = &s->loop->slots[s->lanes->list[output].slot];
    for (uint32_t n = 1; n < output && slot->is_over; n++) {
        const gt_lane_instruction *i = &s->lanes->list[n];
        bool same = i->kind == GT_LANE_INPUT && i->slot == slot->over;
        if (same && s->left[n] > (s->lanes->list[output].operands[0] == n))
            return false;
    }
    return true;
}

/* The cycle from which on the instruction can begin; UINT32_MAX: not before others are placed. */
static uint32_t ready_at(const schedule *s, uint32_t n)
{
    const gt_lane_instruction *i = &s->lanes->list[n];
    uint32_t at = 1;
    for (int k = 0; k < 4; k++) {
        if (i->operands[k] == 0)
            continue;
        if (s->done[i->operands[k]] == 0)
            return UINT32_MAX;
        at = s->done[i->operands[k]] > at ? s->done[i->operands[k]] : at;
    }
    return i->kind == GT_LANE_OUTPUT && !may_write(s, n) ? UINT32_MAX : at;
}

/*
 * What is placed next: of what can begin at this cycle that which most waits for; nothing new while many
 * values are live, but what is nearest to the end in the order that was recorded.
 */
static uint32_t choose(const schedule *s, uint32_t cycle, uint32_t most_live)
{
    uint32_t best = 0, soonest = UINT32_MAX, first = 0;
    for (uint32_t n = 1; n < s->lanes->count; n++) {
        if (s->done[n] != 0)
            continue;
        uint32_t at = ready_at(s, n);
        if (at == UINT32_MAX)
            continue;
        if (has_effect(s->lanes->list[n].kind) && at <= cycle)
            return n;
        if (first == 0)
            first = n;
        bool now = at <= cycle;
        if (best == 0 || (now ? soonest > cycle || s->height[n] > s->height[best] : at < soonest)) {
            best = n;
            soonest = now ? cycle : at;
        }
    }
    return s->live >= most_live ? first : best;
}

static void place(schedule *s, uint32_t n, uint32_t cycle)
{
    const gt_lane_instruction *i = &s->lanes->list[n];
    uint32_t at = ready_at(s, n);
    s->done[n] = (at > cycle ? at : cycle) + latency(i->kind);
    s->live += !has_effect(i->kind);
    for (int k = 0; k < 4; k++)
        if (i->operands[k] != 0 && --s->left[i->operands[k]] == 0 && !is_free(s->lanes->list[i->operands[k]].kind))
            s->live--;
}

static bool put(const schedule *s, uint32_t n, gt_lane *renamed, gt_lanes *scheduled)
{
    gt_lane_instruction i = s->lanes->list[n];
    for (int k = 0; k < 4; k++)
        i.operands[k] = renamed[i.operands[k]];
    renamed[n] = gt_lanes_append(scheduled, i);
    return !scheduled->failed;
}

static bool order(schedule *s, uint32_t most_live, gt_lane *renamed, gt_lanes *scheduled)
{
    uint32_t waiting = 0, cycle = 1, placed = 0;
    for (uint32_t n = 1; n < s->lanes->count; n++) {
        bool needed = is_needed(s, n);
        s->done[n] = !needed || is_free(s->lanes->list[n].kind);
        if (needed && is_free(s->lanes->list[n].kind) && !put(s, n, renamed, scheduled))
            return false;
        waiting += s->done[n] == 0;
    }
    for (; waiting > 0; waiting--) {
        uint32_t n = choose(s, cycle, most_live), at = ready_at(s, n);
        if (at > cycle) {
            cycle = at;
            placed = 0;
        }
        place(s, n, cycle);
        if (!put(s, n, renamed, scheduled))
            return false;
        if (++placed == WIDTH) {
            cycle++;
            placed = 0;
        }
    }
    return true;
}

bool gt_schedule_loop(const gt_compiled_loop *loop, uint32_t live, gt_lanes *scheduled)
{
    schedule s = {.loop = loop, .lanes = loop->lanes};
    uint32_t count = loop->lanes->count;
    gt_lanes_init(scheduled, loop->lanes->dtype);
    s.height = gt_memory_new(count, sizeof *s.height);
    s.done = gt_memory_new(count, sizeof *s.done);
    s.left = gt_memory_new(count, sizeof *s.left);
    gt_lane *renamed = gt_memory_new(count, sizeof *renamed);
    bool made = s.height != NULL && s.done != NULL && s.left != NULL && renamed != NULL;
    if (made && count <= MOST_SCHEDULED) {
        measure(&s);
        made = order(&s, live, renamed, scheduled);
    } else {
        for (uint32_t n = 1; n < count && made; n++)
            made = gt_lanes_append(scheduled, loop->lanes->list[n]) != 0;
    }
    gt_memory_free(s.height);
    gt_memory_free(s.done);
    gt_memory_free(s.left);
    gt_memory_free(renamed);
    return made;
}
