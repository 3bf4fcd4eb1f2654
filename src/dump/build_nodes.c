/* Nodes, in the order of the entries that are shown. */
#include "base/memory.h"
#include "dump/build.h"
#include "dump/describe_node.h"

static gt_graph_kind kind_of(gt_var v)
{
    switch (gt_var_role(v)) {
    case GT_ROLE_INPUT:
        return GT_GRAPH_INPUT;
    case GT_ROLE_PARAMETER:
        return GT_GRAPH_PARAMETER;
    case GT_ROLE_STATE:
        return GT_GRAPH_STATE;
    case GT_ROLE_NONE:
        break;
    }
    return gt_var_op(v)->op_class == GT_CLASS_LEAF ? GT_GRAPH_CONSTANT : GT_GRAPH_OP;
}

/* Steps ascend in the list, and entries of one step mostly follow one another. */
static uint32_t cluster_of(const gt_builder *b, const gt_entry *entry, uint32_t *last)
{
    const gt_collected_tape *tape = &b->c->tapes[entry->tape];
    const gt_graph *graph = b->graph;
    if (entry->step < 0)
        return tape->cluster;
    for (size_t k = 0; k < graph->cluster_count; k++) {
        uint32_t i = (uint32_t)((*last + k) % graph->cluster_count);
        if (graph->clusters[i].step == entry->step && graph->clusters[i].parent == tape->cluster)
            return *last = i;
    }
    return tape->cluster;
}

/* The shape of a slice of a sequence that still has the axis of time, of size 1. */
static gt_shape without_time(gt_shape slice, gt_shape sequence)
{
    if (slice.rank == sequence.rank && slice.rank > 0 && slice.size[slice.rank - 1] == 1)
        slice.rank--;
    return slice;
}

/* What only the body of a reverse scan is given. */
static bool belongs_to_reverse(const gt_collection *c, const gt_entry *entry)
{
    return c->tapes[entry->tape].forward != GT_GRAPH_NONE && gt_entry_is_leaf(entry);
}

static bool add_node(gt_builder *b, gt_entry *entry, uint32_t *last_cluster)
{
    const gt_collection *c = b->c;
    char name[GT_GRAPH_NAME_SIZE];
    const gt_entry *shape = entry->replays == GT_GRAPH_NONE ? entry : &c->entries[entry->replays];
    gt_graph_node node = {
        .kind = kind_of(entry->var),
        .backward = entry->backward || belongs_to_reverse(c, entry),
        .shape = gt_var_shape(shape->var),
        .dtype = gt_var_dtype(entry->var),
        .step = entry->step,
        .cluster = cluster_of(b, entry, last_cluster),
        .origin = GT_GRAPH_NONE,
        .origin_slot = -1,
        .place = entry->tape == 0 ? shape->var.index - 1 : GT_GRAPH_NONE,
    };
    if (shape != entry)
        node.shape = without_time(node.shape, gt_var_shape(entry->var));
    node.name = gt_graph_text(b->graph, gt_entry_name(c, entry, name));
    /* Only the outermost tape is evaluated as it is. */
    const gt_interpreter *values = entry->tape == 0 ? c->options->values : NULL;
    if (node.name == NULL || !gt_describe_node(b->graph, entry->var, &node) ||
        !gt_describe_values(b->graph, values, shape->var, &node))
        return false;
    entry->node = (uint32_t)b->graph->node_count;
    return gt_graph_add_node(b->graph, &node);
}

/* Which entries an edge touches; leaves that nothing reads any more are left out. */
static bool *find_touched(const gt_builder *b)
{
    bool *touched = gt_memory_new(b->c->entry_count, sizeof *touched);
    for (size_t i = 0; touched != NULL && i < b->graph->edge_count; i++)
        touched[b->graph->edges[i].from] = touched[b->graph->edges[i].to] = true;
    for (uint32_t i = 0; touched != NULL && i < b->c->output_count; i++) {
        uint32_t shown = gt_collection_shown(b->c, gt_collection_entry(b->c, 0, b->c->outputs[i].var));
        if (shown != GT_GRAPH_NONE)
            touched[shown] = true;
    }
    return touched;
}

static void set_origins(const gt_builder *b)
{
    for (size_t i = 0; i < b->c->entry_count; i++) {
        const gt_entry *entry = &b->c->entries[i];
        int32_t slot;
        gt_var origin = gt_var_origin(entry->var, &slot);
        if (entry->node == GT_GRAPH_NONE || !gt_var_valid(origin))
            continue;
        uint32_t shown = gt_collection_shown(b->c, gt_collection_find(b->c, origin));
        if (shown == GT_GRAPH_NONE || b->c->entries[shown].node == GT_GRAPH_NONE)
            continue;
        b->graph->nodes[entry->node].origin = b->c->entries[shown].node;
        b->graph->nodes[entry->node].origin_slot = slot;
    }
}

/* A leaf that only the backward half reads belongs to it. */
static bool mark_backward_leaves(const gt_builder *b)
{
    gt_graph *graph = b->graph;
    bool *forward = gt_memory_new(graph->node_count, sizeof *forward);
    bool *backward = gt_memory_new(graph->node_count, sizeof *backward);
    bool done = forward != NULL && backward != NULL;
    for (size_t i = 0; done && i < graph->edge_count; i++)
        *(graph->nodes[graph->edges[i].to].backward ? &backward[graph->edges[i].from]
                                                    : &forward[graph->edges[i].from]) = true;
    for (size_t i = 0; done && i < graph->node_count; i++)
        if (graph->nodes[i].kind != GT_GRAPH_OP && backward[i] && !forward[i])
            graph->nodes[i].backward = true;
    gt_memory_free(forward);
    gt_memory_free(backward);
    return done;
}

static bool add_shown(gt_builder *b, uint32_t i, const bool *touched, uint32_t *last_cluster)
{
    gt_entry *entry = &b->c->entries[i];
    bool shown = entry->reached && !entry->hidden && (touched[i] || b->c->options->everything);
    return !shown || add_node(b, entry, last_cluster);
}

/* Those of nodes; slices of leaves follow in the list. */
static uint32_t own_entries(const gt_collection *c)
{
    return c->tapes[c->tape_count - 1].first + c->tapes[c->tape_count - 1].count;
}

/* The slices of a leaf stand where it stands on the tape. */
static bool add_slices(gt_builder *b, uint32_t leaf, const bool *touched, uint32_t *last_cluster)
{
    if (!gt_entry_is_leaf(&b->c->entries[leaf]))
        return true;
    for (uint32_t i = own_entries(b->c); i < b->c->entry_count; i++)
        if (b->c->entries[i].alias == leaf && !add_shown(b, i, touched, last_cluster))
            return false;
    return true;
}

/* From edges between entries to edges between nodes; those of what is not shown are left out. */
static void connect_nodes(const gt_builder *b)
{
    gt_graph *graph = b->graph;
    size_t count = 0;
    for (size_t i = 0; i < graph->edge_count; i++) {
        gt_graph_edge edge = graph->edges[i];
        edge.from = b->c->entries[edge.from].node;
        edge.to = b->c->entries[edge.to].node;
        if (edge.from != GT_GRAPH_NONE && edge.to != GT_GRAPH_NONE)
            graph->edges[count++] = edge;
    }
    graph->edge_count = count;
}

bool gt_build_nodes(gt_builder *b)
{
    bool *touched = find_touched(b);
    bool done = touched != NULL;
    uint32_t last_cluster = 0;
    for (uint32_t i = 0; done && i < own_entries(b->c); i++)
        done = add_shown(b, i, touched, &last_cluster) && add_slices(b, i, touched, &last_cluster);
    gt_memory_free(touched);
    if (!done)
        return false;
    connect_nodes(b);
    set_origins(b);
    return mark_backward_leaves(b);
}
