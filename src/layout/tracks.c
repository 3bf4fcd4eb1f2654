/*
 * What goes around runs in tracks: one along a gutter, and one in each of the two channels
 * between layers. Lines share a track where they stay apart.
 */
#include "base/memory.h"
#include "layout/inside.h"

#include <math.h>

#define APART 6.0 /* between two lines in one track */

/*
 * A line in the channel or gutter `where`; lines that come from one place share it. More than one
 * copy of the layout stands in a row.
 */
typedef struct run {
    uint32_t where, leader; /* leader: the first edge of those that come from one place */
    bool at_start;          /* of its edges */
    double start, end;
    uint32_t track;
} run;

typedef struct runs {
    run *list;
    bool *taken;      /* for each track, while one is looked for */
    uint32_t *leader; /* for each edge */
    uint32_t count;
    double pitch; /* from one copy to the next; 0: none */
} runs;

static bool overlap(const runs *all, const run *a, const run *b)
{
    for (int copy = -1; copy <= 1; copy++) {
        double shift = copy * all->pitch;
        if (a->start < b->end + shift + APART && b->start + shift < a->end + APART)
            return true;
    }
    return false;
}

/* The first track that none of the runs before `i` has where this one is. */
static uint32_t first_free(runs *all, uint32_t i)
{
    uint32_t track = 0;
    for (uint32_t k = 0; k <= i; k++)
        all->taken[k] = false;
    for (uint32_t k = 0; k < i; k++)
        if (all->list[k].where == all->list[i].where && overlap(all, &all->list[k], &all->list[i]))
            all->taken[all->list[k].track] = true;
    while (all->taken[track])
        track++;
    return track;
}

/* Short ones first: they run inside of longer ones. */
static void sort_by_length(runs *all)
{
    for (uint32_t i = 1; i < all->count; i++) {
        run moved = all->list[i];
        uint32_t k = i;
        for (; k > 0 && all->list[k - 1].end - all->list[k - 1].start > moved.end - moved.start; k--)
            all->list[k] = all->list[k - 1];
        all->list[k] = moved;
    }
}

/* The first free track for each; tracks[where] is how many there are. */
static void share_tracks(runs *all, uint32_t *tracks)
{
    sort_by_length(all);
    for (uint32_t i = 0; i < all->count; i++) {
        run *at = &all->list[i];
        at->track = first_free(all, i);
        if (at->track >= tracks[at->where])
            tracks[at->where] = at->track + 1;
    }
}

/* ---- lines that come from one place --------------------------------------------------------- */

static bool same_place(const gt_layout *layout, uint32_t i, uint32_t k)
{
    const gt_layout_edge *a = &layout->edges[i], *b = &layout->edges[k];
    const gt_layout_line *first = &layout->lines[i], *second = &layout->lines[k];
    return first->around && second->around && a->from == b->from && a->from_port == b->from_port &&
           first->from_late == second->from_late && a->shift == b->shift && first->left == second->left;
}

static void find_leaders(const gt_layout *layout, uint32_t *leader)
{
    for (uint32_t i = 0; i < layout->edge_count; i++) {
        leader[i] = i;
        for (uint32_t k = 0; k < i && leader[i] == i; k++)
            if (leader[k] == k && same_place(layout, i, k))
                leader[i] = k;
    }
}

/* A run of its own, or more of that of its leader. */
static void add_run(runs *all, uint32_t where, uint32_t line, bool at_start, double a, double b)
{
    run *last = all->list;
    while (last < all->list + all->count &&
           (last->where != where || last->leader != all->leader[line] || last->at_start != at_start))
        last++;
    if (last == all->list + all->count) {
        *last = (run){
            .where = where, .leader = all->leader[line], .at_start = at_start, .start = fmin(a, b), .end = fmax(a, b)};
        all->count++;
    }
    last->start = fmin(last->start, fmin(a, b));
    last->end = fmax(last->end, fmax(a, b));
}

static uint32_t track_of(const runs *all, uint32_t where, uint32_t line, bool at_start)
{
    for (uint32_t k = 0; k < all->count; k++)
        if (all->list[k].where == where && all->list[k].leader == all->leader[line] &&
            all->list[k].at_start == at_start)
            return all->list[k].track;
    return 0;
}

/* ---- gutters ------------------------------------------------------------------------------- */

static bool uses_gutter(const gt_layout *layout, uint32_t i)
{
    const gt_layout_line *line = &layout->lines[i];
    return line->around && (line->from_channel != line->to_channel || layout->edges[i].shift != 0);
}

static void find_gutter_tracks(gt_layout *layout, runs *all)
{
    uint32_t tracks[2] = {0, 0};
    all->count = 0;
    all->pitch = 0;
    for (uint32_t i = 0; i < layout->edge_count; i++) {
        const gt_layout_line *line = &layout->lines[i];
        /* Channels are far apart, as numbers: lines that meet in one need two tracks. */
        if (uses_gutter(layout, i))
            add_run(all, line->left ? 0 : 1, i, true, 100.0 * line->from_channel, 100.0 * line->to_channel);
    }
    share_tracks(all, tracks);
    for (uint32_t i = 0; i < layout->edge_count; i++)
        layout->lines[i].gutter_track = track_of(all, layout->lines[i].left ? 0 : 1, i, true);
    layout->left_tracks = tracks[0];
    layout->right_tracks = tracks[1];
}

double gt_layout_gutter(const gt_layout *layout, uint32_t tracks)
{
    return tracks == 0 ? 0 : 10 + tracks * layout->spacing.track;
}

/* ---- channels ------------------------------------------------------------------------------ */

static void add_runs(const gt_layout *layout, runs *all, uint32_t i)
{
    const gt_layout_line *line = &layout->lines[i];
    const gt_layout_edge *edge = &layout->edges[i];
    double from = layout->slots[edge->from].place + line->from_port, to = layout->slots[edge->to].place + line->to_port;
    double before = -gt_layout_gutter(layout, layout->left_tracks);
    double after = layout->inner_across + gt_layout_gutter(layout, layout->right_tracks);
    if (!uses_gutter(layout, i)) {
        add_run(all, line->from_channel, i, true, from, to);
        return;
    }
    if (edge->shift == 0) {
        add_run(all, line->from_channel, i, true, from, line->left ? before : after);
        add_run(all, line->to_channel, i, false, to, line->left ? before : after);
    } else if (edge->shift > 0) {
        add_run(all, line->from_channel, i, true, from, edge->shift > 1 ? from + all->pitch : after);
        add_run(all, line->to_channel, i, false, before - (after - layout->inner_across), to);
    } else {
        add_run(all, line->from_channel, i, true, edge->shift < -1 ? from - all->pitch : from,
                before - (after - layout->inner_across));
        add_run(all, line->to_channel, i, false, to, after);
    }
}

static void find_channel_tracks(gt_layout *layout, runs *all)
{
    all->count = 0;
    all->pitch = layout->inner_across + gt_layout_gutter(layout, layout->left_tracks) +
                 gt_layout_gutter(layout, layout->right_tracks);
    for (uint32_t i = 0; i < layout->edge_count; i++)
        if (layout->lines[i].around)
            add_runs(layout, all, i);
    share_tracks(all, layout->channel_tracks);
    for (uint32_t i = 0; i < layout->edge_count; i++) {
        gt_layout_line *line = &layout->lines[i];
        line->from_track = track_of(all, line->from_channel, i, true);
        line->to_track = track_of(all, line->to_channel, i, false);
    }
}

bool gt_layout_find_tracks(gt_layout *layout)
{
    uint64_t most = 2 * (uint64_t)layout->edge_count;
    runs all = {.list = gt_memory_new(most, sizeof *all.list),
                .taken = gt_memory_new(most + 1, sizeof *all.taken),
                .leader = gt_memory_new(layout->edge_count, sizeof *all.leader)};
    bool done = all.list != NULL && all.taken != NULL && all.leader != NULL;
    if (done) {
        find_leaders(layout, all.leader);
        find_gutter_tracks(layout, &all);
        find_channel_tracks(layout, &all);
    }
    gt_memory_free(all.list);
    gt_memory_free(all.taken);
    gt_memory_free(all.leader);
    return done;
}
