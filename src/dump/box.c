#include "dump/box.h"

#include "base/utf8.h"
#include "dump/measure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Room around texts. */
#define BESIDE 6.0
#define TWO_LINES 28.0
#define TWO_TIGHT_LINES 25.0
#define ONE_LINE 18.0
#define MOST_LETTERS 40 /* of a name; the title holds the whole */

/* ---- texts --------------------------------------------------------------------------------- */

static const char *keep(gt_pool *pool, const char *text)
{
    char cut[MOST_LETTERS * 4 + 8];
    int fit = gt_utf8_fit(text, MOST_LETTERS);
    bool whole = (size_t)fit >= strlen(text);
    snprintf(cut, sizeof cut, "%.*s%s", fit, text, whole ? "" : "…");
    size_t size = strlen(cut) + 1;
    char *copy = gt_pool_new(pool, size, 1);
    return copy == NULL ? NULL : memcpy(copy, cut, size);
}

static const char *constant_text(const gt_graph_node *node, char text[32])
{
    if (!node->has_value)
        return node->label;
    snprintf(text, 32, "%.6g", node->value);
    return text;
}

/* The op, with the operands that are written; a sum over steps is called that. */
static const char *op_text(const gt_drawing *d, uint32_t i, char text[32])
{
    const gt_graph_node *node = &d->graph->nodes[i];
    if (node->kind == GT_GRAPH_CONSTANT)
        return constant_text(node, text);
    if (node->kind != GT_GRAPH_OP)
        return "";
    if (d->sums[i])
        return "Σₜ";
    return d->fold.label[i] != NULL ? d->fold.label[i] : node->label;
}

static bool write_texts(gt_box *box, const gt_drawing *d, uint32_t i, gt_pool *pool)
{
    const gt_graph_node *node = &d->graph->nodes[i];
    char text[32];
    bool plain = node->kind == GT_GRAPH_OP && d->fold.label[i] == NULL && !d->sums[i];
    box->name = keep(pool, node->name);
    box->op = keep(pool, op_text(d, i, text));
    box->detail = keep(pool, plain ? node->detail : "");
    box->shape = gt_shape_text(d->graph, node->shape, pool);
    return box->name != NULL && box->op != NULL && box->detail != NULL && box->shape != NULL;
}

/* ---- extents ------------------------------------------------------------------------------- */

static double first_line(const gt_box *box)
{
    const char *between = box->name[0] != '\0' && box->op[0] != '\0' ? " = " : "";
    double detail = box->detail[0] == '\0' ? 0 : gt_text_width(" ", GT_FONT_NAME, false);
    return gt_text_width(box->name, GT_FONT_NAME, true) + gt_text_width(between, GT_FONT_NAME, false) +
           gt_text_width(box->op, GT_FONT_NAME, false) + detail + gt_text_width(box->detail, GT_FONT_DETAIL, false);
}

/* Round and pointed shapes need more room beside the text. */
static double beside(const gt_graph_node *node)
{
    gt_look look = gt_look_of(node);
    return look == GT_LOOK_INPUT || look == GT_LOOK_STATE ? BESIDE + 7 : BESIDE;
}

static void measure_core(gt_box *box, const gt_graph_node *node, bool tight)
{
    box->core_width = fmax(first_line(box), gt_text_width(box->shape, GT_FONT_SHAPE, false)) + 2 * beside(node);
    box->core_height = tight ? TWO_TIGHT_LINES : TWO_LINES;
    if (gt_look_of(node) == GT_LOOK_INPUT || gt_look_of(node) == GT_LOOK_STATE)
        box->core_height += 4;
}

/* ---- chips --------------------------------------------------------------------------------- */

static bool make_chip(gt_chip *chip, const gt_drawing *d, uint32_t edge, gt_pool *pool)
{
    const gt_graph_node *node = &d->graph->nodes[d->graph->edges[edge].from];
    char text[32];
    bool named = node->name[0] != '\0', sized = !d->in_time && node->kind == GT_GRAPH_PARAMETER;
    chip->edge = edge;
    chip->name = keep(pool, named ? node->name : constant_text(node, text));
    chip->shape = sized ? gt_shape_text(d->graph, node->shape, pool) : "";
    if (chip->name == NULL || chip->shape == NULL)
        return false;
    double shape = gt_text_width(chip->shape, GT_FONT_SHAPE, false);
    chip->width = fmax(gt_text_width(chip->name, GT_FONT_NAME, true), shape) + 2 * BESIDE - 2;
    chip->height = sized ? TWO_LINES - 2 : ONE_LINE;
    return true;
}

/* The first input stands before the op, the others behind it, as they are written. */
static bool stands_before(const gt_drawing *d, const gt_chip *chip)
{
    return d->graph->edges[chip->edge].slot == 0 && d->graph->edges[chip->edge].kind == GT_GRAPH_VALUE;
}

static void join_beside(gt_box *box, const gt_drawing *d)
{
    double before = 0, after = 0;
    for (uint32_t k = 0; k < box->chip_count; k++)
        *(stands_before(d, &box->chips[k]) ? &before : &after) += box->chips[k].width;
    box->width = before + box->core_width + after;
    box->height = box->core_height;
    box->core_x = (before - after) / 2;
    double left = -box->width / 2, right = box->core_x + box->core_width / 2;
    for (uint32_t k = 0; k < box->chip_count; k++) {
        gt_chip *chip = &box->chips[k];
        double *at = stands_before(d, chip) ? &left : &right;
        chip->height = box->core_height;
        chip->x = *at + chip->width / 2;
        *at += chip->width;
    }
}

static void join_above(gt_box *box, const gt_drawing *d)
{
    double before = 0, after = 0;
    box->width = box->core_width;
    for (uint32_t k = 0; k < box->chip_count; k++) {
        *(stands_before(d, &box->chips[k]) ? &before : &after) += box->chips[k].height;
        box->width = fmax(box->width, box->chips[k].width);
    }
    box->height = before + box->core_height + after;
    box->core_y = (before - after) / 2;
    box->core_width = box->width;
    double top = -box->height / 2, bottom = box->core_y + box->core_height / 2;
    for (uint32_t k = 0; k < box->chip_count; k++) {
        gt_chip *chip = &box->chips[k];
        double *at = stands_before(d, chip) ? &top : &bottom;
        chip->width = box->width;
        chip->y = *at + chip->height / 2;
        *at += chip->height;
    }
}

static bool make_box(gt_box *box, const gt_drawing *d, uint32_t i, bool upward, bool tight, gt_pool *pool)
{
    uint32_t first = d->joined_to.first[i], end = d->joined_to.first[i + 1];
    *box = (gt_box){.chip_count = end - first};
    box->chips = gt_pool_new(pool, box->chip_count, sizeof *box->chips);
    if (box->chips == NULL || !write_texts(box, d, i, pool))
        return false;
    for (uint32_t k = 0; k < box->chip_count; k++)
        if (!make_chip(&box->chips[k], d, d->joined_to.list[first + k], pool))
            return false;
    measure_core(box, &d->graph->nodes[i], tight);
    if (upward)
        join_beside(box, d);
    else
        join_above(box, d);
    return true;
}

bool gt_boxes_make(gt_box *boxes, const gt_drawing *d, bool upward, bool tight, gt_pool *pool)
{
    for (uint32_t i = 0; i < d->graph->node_count; i++)
        if (d->shown[i] && !make_box(&boxes[i], d, i, upward, tight, pool))
            return false;
    return true;
}
