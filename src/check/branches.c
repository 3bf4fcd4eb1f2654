#include "check/branches.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "check/arrays.h"
#include "check/report.h"
#include "check/ties.h"
#include "ops/descriptors.h"

enum { MOST_OPERANDS = 3 };

/* ---- which nodes --------------------------------------------------------------------------- */

static const gt_pieces *pieces_of(gt_var v)
{
    const gt_op *op = gt_var_op(v);
    return op->pieces != NULL && gt_var_input_count(v) <= MOST_OPERANDS && gt_var_dtype(v) == GT_F64 ? op->pieces
                                                                                                     : NULL;
}

/* A mask that is read by such nodes alone: they tell what there is to tell. */
static bool is_only_mask(const gt_step *s, gt_var v)
{
    bool read = false;
    for (uint32_t i = v.index; i < s->forward_nodes; i++) {
        gt_var reader = gt_tape_var(s->tape, i);
        for (uint32_t k = 0; k < gt_var_input_count(reader); k++) {
            if (gt_var_input(reader, k).index != v.index)
                continue;
            if (pieces_of(reader) == NULL)
                return false;
            read = true;
        }
    }
    return read && gt_var_op(v)->reverse == NULL;
}

static bool is_branch(const gt_step *s, gt_var v)
{
    return pieces_of(v) != NULL && !is_only_mask(s, v);
}

/* Whether a node depends on anything that is differentiated; of its inputs that is known. */
static bool moves(const bool *moving, gt_var v)
{
    if (gt_var_input_count(v) == 0)
        return gt_var_op(v) == &gt_op_input;
    if (gt_var_op(v)->reverse == NULL || gt_var_op(v) == &gt_op_stop_gradient)
        return false;
    for (uint32_t k = 0; k < gt_var_input_count(v); k++)
        if (moving[gt_var_input(v, k).index])
            return true;
    return false;
}

static gt_status list_comparisons(gt_branches *b, const gt_step *s, gt_error *error)
{
    bool *moving = gt_memory_new((uint64_t)s->forward_nodes + 1, sizeof *moving);
    b->comparisons = gt_memory_new((uint64_t)s->forward_nodes + 1, sizeof *b->comparisons);
    bool good = moving != NULL && b->comparisons != NULL;
    for (uint32_t i = 0; i < s->forward_nodes && good; i++) {
        gt_var v = gt_tape_var(s->tape, i);
        moving[v.index] = moves(moving, v);
        if (gt_is_comparison(v) && (moving[gt_var_input(v, 0).index] || moving[gt_var_input(v, 1).index]))
            b->comparisons[b->comparison_count++] = i;
    }
    gt_memory_free(moving);
    return good ? GT_OK : gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for branches");
}

gt_status gt_branches_open(gt_branches *b, const gt_step *s, gt_error *error)
{
    b->list = gt_memory_new((size_t)s->forward_nodes + 1, sizeof *b->list);
    if (b->list == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for branches");
    for (uint32_t i = 0; i < s->forward_nodes; i++) {
        gt_var v = gt_tape_var(s->tape, i);
        if (!is_branch(s, v))
            continue;
        gt_branch *branch = &b->list[b->count++];
        *branch = (gt_branch){.node = i};
        for (uint32_t k = 0; pieces_of(v)->names[k] != NULL; k++)
            branch->all |= 1u << k;
    }
    return list_comparisons(b, s, error);
}

void gt_branches_close(gt_branches *b)
{
    gt_memory_free(b->list);
    gt_memory_free(b->comparisons);
    *b = (gt_branches){0};
}

/* ---- looking ------------------------------------------------------------------------------- */

/* The entry of an operand that is stretched to `shape` which stands at `place` there. */
static size_t entry_of(gt_shape operand, const int64_t *place)
{
    size_t entry = 0, step = 1;
    for (int axis = 0; axis < GT_MAX_RANK; axis++) {
        entry += operand.size[axis] == 1 ? 0 : (size_t)place[axis] * step;
        step *= (size_t)operand.size[axis];
    }
    return entry;
}

static void advance(int64_t *place, gt_shape shape)
{
    for (int axis = 0; axis < GT_MAX_RANK && ++place[axis] == shape.size[axis]; axis++)
        place[axis] = 0;
}

/* The operands of v have been evaluated. */
static void look_at(gt_branch *branch, const gt_step *s, gt_var v)
{
    const gt_pieces *pieces = pieces_of(v);
    gt_shape shape = gt_var_shape(v), shapes[MOST_OPERANDS];
    const double *values[MOST_OPERANDS];
    uint32_t operands = gt_var_input_count(v);
    for (uint32_t k = 0; k < operands; k++) {
        shapes[k] = gt_var_shape(gt_var_input(v, k));
        values[k] = gt_interpreter_value(s->run, gt_var_input(v, k));
    }
    int64_t place[GT_MAX_RANK] = {0};
    for (int64_t i = 0; i < gt_shape_count(shape); i++, advance(place, shape)) {
        double entries[MOST_OPERANDS] = {0};
        for (uint32_t k = 0; k < operands; k++)
            entries[k] = values[k][entry_of(shapes[k], place)];
        int32_t piece = pieces->find(entries);
        if (piece < 0)
            branch->met = true;
        else
            branch->now |= 1u << piece;
    }
}

static gt_status look_at_step(gt_branches *b, gt_step *s, int64_t t, gt_var *operands, gt_error *error)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        gt_var v = gt_tape_var(s->tape, b->list[i].node);
        for (uint32_t k = 0; k < gt_var_input_count(v); k++)
            operands[count++] = gt_var_input(v, k);
    }
    for (uint32_t i = 0; i < 2 * b->comparison_count; i++)
        operands[count++] = gt_var_input(gt_tape_var(s->tape, b->comparisons[i / 2]), i % 2);
    gt_status status = gt_step_bind(s, t, error);
    if (status == GT_OK && gt_interpreter_evaluate(s->run, operands, count) != GT_OK)
        status = gt_error_set(error, GT_ERROR_MEMORY, "check: %s", gt_interpreter_message(s->run));
    for (uint32_t i = 0; i < b->count && status == GT_OK; i++)
        look_at(&b->list[i], s, gt_tape_var(s->tape, b->list[i].node));
    for (uint32_t i = 0; i < b->comparison_count && status == GT_OK; i++)
        b->tied = b->tied || gt_is_tie(s->run, gt_tape_var(s->tape, b->comparisons[i]));
    return status;
}

/* Where pieces meet, a derivative has no one value, and a formula may have another than the tape. */
static bool meets(const gt_step *s, const gt_branch *branch)
{
    return branch->met && gt_var_op(gt_tape_var(s->tape, branch->node))->reverse != NULL;
}

bool gt_branches_meet(const gt_branches *b, const gt_step *s)
{
    bool met = b->tied;
    for (uint32_t i = 0; i < b->count; i++)
        met = met || meets(s, &b->list[i]);
    return met;
}

gt_status gt_branches_look(gt_branches *b, gt_step *s, bool *news, gt_error *error)
{
    gt_var *operands = gt_memory_new(((size_t)b->count + b->comparison_count) * MOST_OPERANDS + 1, sizeof *operands);
    gt_status status = operands != NULL ? GT_OK : gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for branches");
    for (uint32_t i = 0; i < b->count; i++) {
        b->list[i].now = 0;
        b->list[i].met = false;
    }
    b->tied = false;
    for (int64_t t = 0; t < s->steps && status == GT_OK && b->count + b->comparison_count > 0; t++)
        status = look_at_step(b, s, t, operands, error);
    bool met = false;
    *news = false;
    for (uint32_t i = 0; i < b->count; i++) {
        *news = *news || (b->list[i].now & ~b->list[i].seen) != 0;
        met = met || meets(s, &b->list[i]);
    }
    *news = *news && !met;
    gt_memory_free(operands);
    return status;
}

void gt_branches_take(gt_branches *b)
{
    for (uint32_t i = 0; i < b->count; i++)
        b->list[i].seen |= b->list[i].now;
}

bool gt_branches_all_seen(const gt_branches *b)
{
    for (uint32_t i = 0; i < b->count; i++)
        if (b->list[i].seen != b->list[i].all)
            return false;
    return true;
}

/* ---- in words ------------------------------------------------------------------------------ */

/* The equation that a node belongs to: the first that is recorded at it or behind it. */
static const gt_step_name *equation_of(const gt_step *s, uint32_t node)
{
    const gt_step_name *found = NULL;
    for (uint32_t i = s->equation_first; i < s->given_first; i++)
        if (s->names[i].v.index > node && (found == NULL || s->names[i].v.index < found->v.index))
            found = &s->names[i];
    return found;
}

static gt_remark describe(const gt_step *s, const gt_branch *branch, const char *piece, unsigned points,
                          gt_report *report)
{
    gt_remark r = {.kind = GT_REMARK_NOT_SEEN, .array = ""};
    const gt_step_name *equation = equation_of(s, branch->node);
    const char *op = gt_var_op(gt_tape_var(s->tape, branch->node))->name;
    if (equation != NULL) {
        r.array = equation->name;
        if (s->handwritten != NULL)
            r.place = s->handwritten->forward[equation->place].place;
    }
    r.text = gt_report_write(report,
                             "%s%.*s%sat none of %u points could an entry of %s be looked at where %s; give a point of "
                             "your own (--at) that has one",
                             r.array[0] != '\0' ? "in the equation of " : "", gt_utf8_fit(r.array, 60), r.array,
                             r.array[0] != '\0' ? " " : "", points, op, piece);
    return r;
}

gt_status gt_branches_report(const gt_branches *b, const gt_step *s, unsigned points, gt_report *report,
                             gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < b->count; i++) {
        const gt_branch *branch = &b->list[i];
        const gt_pieces *pieces = pieces_of(gt_tape_var(s->tape, branch->node));
        for (uint32_t k = 0; pieces->names[k] != NULL && status == GT_OK; k++) {
            if (branch->seen & 1u << k)
                continue;
            gt_remark remark = describe(s, branch, pieces->names[k], points, report);
            status = gt_report_remark(report, &remark, error);
        }
    }
    return status;
}
