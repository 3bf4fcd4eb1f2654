/*
 * Nodes of different steps that play the same part have the same signature: a hash of the op and of
 * the signatures of what it reads in its own step; what comes from other steps is only carried. A
 * backward node has that of the node it comes from.
 */
#include "base/memory.h"
#include "dump/arrange.h"

#include <string.h>

#define CARRIED 0x9E3779B97F4A7C15u

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash ^= value + 0x9E3779B97F4A7C15u + (hash << 6) + (hash >> 2);
    hash *= 0xFF51AFD7ED558CCDu;
    return hash ^ hash >> 33;
}

static uint64_t mix_text(uint64_t hash, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = mix(hash, (unsigned char)text[i]);
    return mix(hash, length);
}

/* "x" of "x⟨2⟩". */
static size_t length_without_time(const char *name)
{
    const char *time = strstr(name, "⟨");
    return time == NULL || time == name ? strlen(name) : (size_t)(time - name);
}

static uint64_t number_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* What a node is by itself. */
static uint64_t own(const gt_drawing *d, uint32_t i, const uint64_t *signature)
{
    const gt_graph_node *node = &d->graph->nodes[i];
    uint64_t hash = mix_text(node->kind, node->op, strlen(node->op));
    hash = mix_text(hash, node->detail, strlen(node->detail));
    if (node->origin != GT_GRAPH_NONE && node->origin < i)
        return mix(mix(hash, signature[node->origin]), (uint64_t)node->origin_slot);
    if (node->kind != GT_GRAPH_OP)
        hash = mix_text(hash, node->name, length_without_time(node->name));
    return node->has_value ? mix(hash, number_bits(node->value)) : hash;
}

/* Edges come by the node that they enter, in the order of slots; what is read stands before its reader. */
static uint64_t read_by(const gt_drawing *d, const gt_graph_edge *edge, const uint64_t *signature)
{
    const gt_graph_node *from = &d->graph->nodes[edge->from];
    bool anywhere = from->kind == GT_GRAPH_PARAMETER || from->kind == GT_GRAPH_CONSTANT;
    bool here = anywhere || d->graph->nodes[edge->to].cluster == from->cluster;
    return here && edge->from < edge->to ? signature[edge->from] : CARRIED;
}

uint64_t *gt_signatures(const gt_drawing *d)
{
    const gt_graph *graph = d->graph;
    uint64_t *signature = gt_memory_new(graph->node_count, sizeof *signature);
    for (uint32_t i = 0; signature != NULL && i < graph->node_count; i++) {
        signature[i] = own(d, i, signature);
        for (uint32_t k = d->fold.first[i]; graph->nodes[i].origin == GT_GRAPH_NONE && k < d->fold.first[i + 1]; k++)
            signature[i] = mix(signature[i], read_by(d, &graph->edges[d->fold.operand[k]], signature));
    }
    return signature;
}
