/* The arrays of a handwritten cell, by name. */
#include "handwritten/cells.h"

#include <stdlib.h>
#include <string.h>

struct gt_handwritten {
    const gt_handwritten_cell *cell;
    gt_handwritten_sizes sizes;
    void *instance;  /* the cell's own struct */
    double *numbers; /* all arrays, one behind the other */
};

const gt_handwritten_cell *gt_handwritten_find(const char *name)
{
    const gt_handwritten_cell *const cells[] = {&gt_handwritten_rnn, &gt_handwritten_lstm, &gt_handwritten_gru};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        if (strcmp(cells[i]->name, name) == 0)
            return cells[i];
    return NULL;
}

static size_t axis_size(const gt_handwritten_sizes *s, char letter)
{
    switch (letter) {
    case 'x':
        return s->n_x;
    case 'a':
        return s->n_a;
    case 'y':
        return s->n_y;
    case 'z':
        return s->n_a + s->n_x;
    case 'm':
        return s->m;
    case 't':
        return s->T;
    default:
        return 1;
    }
}

void gt_handwritten_shape(const gt_handwritten *h, const gt_handwritten_row *row, size_t shape[3])
{
    size_t axes = strlen(row->shape);
    for (size_t i = 0; i < 3; i++)
        shape[i] = i < axes ? axis_size(&h->sizes, row->shape[i]) : 1;
}

size_t gt_handwritten_count(const gt_handwritten *h, const gt_handwritten_row *row)
{
    size_t shape[3];
    gt_handwritten_shape(h, row, shape);
    return shape[0] * shape[1] * shape[2];
}

/* Where the cell's struct keeps the pointer of a row. */
static double **place(const gt_handwritten *h, const gt_handwritten_row *row)
{
    return (double **)(void *)((char *)h->instance + row->offset);
}

gt_handwritten *gt_handwritten_new(const gt_handwritten_cell *cell, gt_handwritten_sizes sizes)
{
    gt_handwritten *h = calloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    h->cell = cell;
    h->sizes = sizes;
    size_t total = 0;
    for (size_t i = 0; i < cell->row_count; i++)
        total += gt_handwritten_count(h, &cell->rows[i]);
    h->instance = calloc(1, cell->size);
    h->numbers = calloc(total, sizeof *h->numbers);
    if (h->instance == NULL || h->numbers == NULL) {
        gt_handwritten_free(h);
        return NULL;
    }
    memcpy(h->instance, &sizes, sizeof sizes);
    double *next = h->numbers;
    for (size_t i = 0; i < cell->row_count; i++) {
        *place(h, &cell->rows[i]) = next;
        next += gt_handwritten_count(h, &cell->rows[i]);
    }
    return h;
}

void gt_handwritten_free(gt_handwritten *h)
{
    if (h == NULL)
        return;
    free(h->instance);
    free(h->numbers);
    free(h);
}

double *gt_handwritten_array(gt_handwritten *h, const char *name)
{
    for (size_t i = 0; i < h->cell->row_count; i++)
        if (strcmp(h->cell->rows[i].name, name) == 0)
            return *place(h, &h->cell->rows[i]);
    return NULL;
}

void gt_handwritten_forward(gt_handwritten *h)
{
    h->cell->forward(h->instance);
}

void gt_handwritten_backward(gt_handwritten *h)
{
    /* The formulas add to the gradients of parameters step by step. */
    for (size_t i = 0; i < h->cell->row_count; i++) {
        const gt_handwritten_row *row = &h->cell->rows[i];
        if (row->kind == GT_HANDWRITTEN_GRADIENT)
            memset(*place(h, row), 0, gt_handwritten_count(h, row) * sizeof(double));
    }
    h->cell->backward(h->instance);
}
