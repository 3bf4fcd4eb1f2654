/*
 * Other orders of the axes, PyTorch's above all. (T, m, n) is no wrong shape by itself: T is taken for n,
 * and the first parameter does not fit. So where shapes contradict each other, it is tried whether they
 * all fit in another order, and if they do, that is what is said.
 */
#include "problem/problem.h"

struct gt_axis_order {
    const char *before, *behind; /* around the name of n: "(T, m, " and ")" */
    const char *whose;
    const char *turned;   /* what puts an array in time right in NumPy */
    int n, m, T;          /* the axis that each is */
    bool turned_together; /* an array of one step is (m, n) */
};

static const gt_axis_order orders[] = {
    {"(T, m, ", ")", ", PyTorch's order", ".transpose(2, 1, 0)", 2, 1, 0, true},
    {"(m, T, ", ")", ", the order of Keras, and of PyTorch with batch_first=True", ".transpose(2, 0, 1)", 2, 0, 1,
     true},
    {"(m, ", ", T)", "", ".transpose(1, 0, 2)", 1, 0, 2, true},
    {"(T, ", ", m)", "", ".transpose(1, 2, 0)", 1, 2, 0, false},
    {"(", ", T, m)", "", ".transpose(0, 2, 1)", 0, 2, 1, false},
};

/* An array of one step: (m, n), which PyTorch writes (1, m, n) for initial states. */
static gt_shape of_one_step(const gt_axis_order *order, gt_shape shape)
{
    if (shape.rank == 3 && shape.size[0] == 1)
        shape = GT_SHAPE(shape.size[1], shape.size[2]);
    return order->turned_together && shape.rank == 2 ? GT_SHAPE(shape.size[1], shape.size[0]) : shape;
}

gt_shape gt_problem_given_shape(const gt_cell_problem *problem, const gt_archive *given, const gt_problem_array *array)
{
    gt_shape shape = gt_archive_find(given, array->name).shape;
    const gt_axis_order *order = problem->order;
    if (order == NULL || array->kind == GT_PROBLEM_PARAMETER || !array->given)
        return shape;
    if (array->kind == GT_PROBLEM_INITIAL || shape.rank == 2)
        return of_one_step(order, shape);
    if (shape.rank != 3)
        return shape;
    return GT_SHAPE(shape.size[order->n], shape.size[order->m], shape.size[order->T]);
}

static const gt_problem_array *first_input(const gt_cell_problem *problem)
{
    for (uint32_t i = 0; i < problem->array_count; i++)
        if (problem->arrays[i].kind == GT_PROBLEM_INPUT)
            return &problem->arrays[i];
    return NULL;
}

static gt_status say(const gt_cell_problem *problem, const gt_archive *given, const gt_axis_order *order,
                     gt_error *error)
{
    const gt_problem_array *x = first_input(problem);
    gt_shape shape = gt_archive_find(given, x->name).shape;
    char is[80];
    gt_shape_format(shape, is, sizeof is);
    if (shape.rank == 2)
        return gt_error_set(
            error, GT_ERROR_SHAPE,
            "this looks like (m, %s): the array '%s' is %s, and all arrays fit in that order, but (%s, m) "
            "is read: save %s.T, and the initial states and upstream gradients in the same way",
            x->row->rows, x->name, is, x->row->rows, x->name);
    return gt_error_set(
        error, GT_ERROR_SHAPE,
        "this looks like %s%s%s%s: the array '%s' is %s, and all arrays fit in that order, but (%s, m, T) "
        "is read: save %s%s, upstream gradients in the same way%s",
        order->before, x->row->rows, order->behind, order->whose, x->name, is, x->row->rows, x->name, order->turned,
        order->turned_together ? ", and initial states as (n, m)" : "");
}

gt_status gt_problem_explain_order(gt_cell_problem *problem, const gt_archive *given, gt_error *error)
{
    const gt_axis_order *fits = NULL;
    for (size_t i = 0; i < sizeof orders / sizeof *orders && fits == NULL; i++) {
        problem->order = &orders[i];
        if (gt_problem_fit_shapes(problem, given, NULL) == GT_OK)
            fits = &orders[i];
    }
    problem->order = NULL;
    return fits != NULL ? say(problem, given, fits, error) : GT_OK;
}
