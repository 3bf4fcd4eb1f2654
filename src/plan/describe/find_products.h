/* The products of a program that has been through the passes, for a bound. */
#ifndef GT_PLAN_FIND_PRODUCTS_H
#define GT_PLAN_FIND_PRODUCTS_H

#include "base/pool.h"
#include "plan/describe/bound.h"
#include "plan/rewrite/copy.h"

typedef enum gt_join {
    GT_JOIN_NONE,
    GT_JOIN_STACKED, /* the left operands lie one below the other */
    GT_JOIN_ADDED    /* the products are added: left operands side by side, right ones below each other */
} gt_join;

/* A product as it was found, and the larger one that it is part of. */
typedef struct gt_found_product {
    gt_bound_product product;
    gt_tape *tape;
    uint32_t node;
    uint32_t left, right; /* nodes of the tape behind views that move nothing */
    uint32_t sum;         /* the node at the end of the sum that it is a term of; itself for none */
    uint32_t wave;        /* products on the longest way from a leaf: of one wave, none waits for another */
    uint32_t whole;       /* number of the first product of the same whole */
    gt_join joined;       /* with others */
} gt_found_product;

typedef struct gt_found_products {
    gt_found_product *list;
    size_t count, capacity;
} gt_found_products;

/* Adds the products of all tapes of the program. False on no memory. */
bool gt_find_products(const gt_program *program, gt_found_products *found);
/* Joins those that can be one product. */
void gt_join_products(gt_found_products *found);

struct gt_bound {
    gt_pool pool;
    gt_bound_product *products;
    uint32_t count;
};

#endif
