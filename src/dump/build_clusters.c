/* Clusters: bodies of scans, and time steps. */
#include "base/memory.h"
#include "dump/build.h"

#include <stdio.h>
#include <stdlib.h>

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
    return add_cluster(
        b,
        (gt_graph_cluster){.kind = GT_GRAPH_SCAN, .step = -1, .steps = steps, .parent = c->tapes[tape->parent].cluster},
        title);
}

static int compare_steps(const void *a, const void *b)
{
    int32_t first = *(const int32_t *)a, second = *(const int32_t *)b;
    return (first > second) - (first < second);
}

/* The steps of the tape's shown nodes, ascending, with repetitions; NULL on no memory. */
static int32_t *list_steps(const gt_collection *c, uint32_t place, size_t *count)
{
    int32_t *steps = gt_memory_new(c->entry_count, sizeof *steps);
    *count = 0;
    for (size_t i = 0; steps != NULL && i < c->entry_count; i++) {
        const gt_entry *entry = &c->entries[i];
        bool shown = entry->reached && !entry->hidden && entry->tape == place && entry->step >= 0;
        /* Nodes of one step mostly follow one another. */
        if (shown && (*count == 0 || steps[*count - 1] != entry->step))
            steps[(*count)++] = entry->step;
    }
    if (steps != NULL)
        qsort(steps, *count, sizeof *steps, compare_steps);
    return steps;
}

/* Clusters in ascending order of steps. */
static bool add_step_clusters(gt_builder *b, const gt_collected_tape *tape, uint32_t place)
{
    size_t count;
    int32_t *steps = list_steps(b->c, place, &count);
    bool done = steps != NULL;
    for (size_t i = 0; done && i < count; i++) {
        if (i > 0 && steps[i] == steps[i - 1])
            continue;
        char title[32];
        snprintf(title, sizeof title, "t = %lld", (long long)steps[i] + 1);
        done = add_cluster(
            b, (gt_graph_cluster){.kind = GT_GRAPH_STEP, .step = steps[i], .steps = 1, .parent = tape->cluster}, title);
    }
    gt_memory_free(steps);
    return done;
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
