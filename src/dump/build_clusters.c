/* Clusters: bodies of scans, and time steps. */
#include "dump/build.h"

#include <stdio.h>

static bool add_cluster(gt_builder *b, gt_graph_cluster cluster, const char *title)
{
    cluster.title = gt_graph_text(b->graph, title);
    return cluster.title != NULL && gt_graph_add_cluster(b->graph, &cluster);
}

static bool add_scan_cluster(gt_builder *b, gt_collected_tape *tape)
{
    const gt_collection *c = b->c;
    if (tape->forward != GT_GRAPH_NONE && !c->options->everything) {
        tape->cluster = c->tapes[tape->forward].cluster;
        return true;
    }
    long long steps = (long long)gt_scan_steps(tape->scan);
    char title[96] = "step t = 1";
    if (steps > 1 && gt_scan_direction(tape->scan) == GT_FORWARD)
        snprintf(title, sizeof title, "step t = 1, …, %lld", steps);
    else if (steps > 1)
        snprintf(title, sizeof title, "step t = %lld, …, 1", steps);
    tape->cluster = (uint32_t)b->graph->cluster_count;
    return add_cluster(b,
                       (gt_graph_cluster){.kind = GT_GRAPH_SCAN, .step = -1, .steps = steps,
                                          .parent = c->tapes[tape->parent].cluster},
                       title);
}

/* The cluster of a step, which stands for it until nodes are made, in ascending order of steps. */
static bool add_step_clusters(gt_builder *b, const gt_collected_tape *tape, uint32_t place)
{
    const gt_collection *c = b->c;
    int64_t last = -1;
    for (;;) {
        int64_t step = INT64_MAX;
        for (size_t i = 0; i < c->entry_count; i++) {
            const gt_entry *entry = &c->entries[i];
            if (entry->reached && !entry->hidden && entry->tape == place && entry->step > last &&
                entry->step < step)
                step = entry->step;
        }
        if (step == INT64_MAX)
            return true;
        char title[32];
        snprintf(title, sizeof title, "t = %lld", (long long)step + 1);
        if (!add_cluster(b,
                         (gt_graph_cluster){.kind = GT_GRAPH_STEP, .step = (int32_t)step,
                                            .steps = 1, .parent = tape->cluster},
                         title))
            return false;
        last = step;
    }
}

bool gt_build_clusters(gt_builder *b)
{
    for (uint32_t t = 1; t < b->c->tape_count; t++)
        if (!add_scan_cluster(b, &b->c->tapes[t]))
            return false;
    for (uint32_t t = 0; t < b->c->tape_count; t++)
        if (!add_step_clusters(b, &b->c->tapes[t], t))
            return false;
    return true;
}
