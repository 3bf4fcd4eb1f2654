#include "exec/product_kernels.h"

/*
 * Measured on one Zen 4 core against OpenBLAS 0.3.21 (bench/products.c; the figures are
 * in docs/performance.md). Packing an element of left costs as much as multiplying
 * it with 5 columns, or 10 if it is transposed on the way.
 */
enum {
    FEW_ROW_BYTES = 16,        /* so few rows leave most of a vector empty */
    FEW_COLUMNS = 8,           /* too few to make up for packing a transposed left operand */
    SMALL_PRODUCT = 1 << 12,   /* below this, OpenBLAS's overhead costs more than packing */
    THREADED_PRODUCT = 500000, /* from here on OpenBLAS may start threads of its own */
    MANY_USES = 8,
};

static int64_t volume(const gt_product *product)
{
    return product->rows * product->inner * product->columns;
}

static bool suits_library(const gt_product *product)
{
    return volume(product) >= SMALL_PRODUCT && volume(product) < THREADED_PRODUCT;
}

gt_product_choice gt_product_choose(const gt_product *product, gt_product_layout left,
                                    gt_product_layout right, int64_t uses, bool library)
{
    bool can_call = library && left != GT_PRODUCT_PACKED && right != GT_PRODUCT_PACKED;
    if (left == GT_PRODUCT_PACKED)
        return (gt_product_choice){GT_PRODUCT_DIRECT, "left is packed"};
    if (can_call && suits_library(product) &&
        product->rows * product->kernels->element_size <= FEW_ROW_BYTES)
        return (gt_product_choice){GT_PRODUCT_LIBRARY,
                                   "so few rows are faster as dot products, by the library"};
    if (left == GT_PRODUCT_TRANSPOSED && uses > 1)
        return (gt_product_choice){GT_PRODUCT_PACK_LEFT,
                                   "left is transposed once for all its products"};
    if (left == GT_PRODUCT_PLAIN && uses >= MANY_USES)
        return (gt_product_choice){GT_PRODUCT_PACK_LEFT,
                                   "left is packed once for all its products"};
    if (can_call && suits_library(product) && left == GT_PRODUCT_TRANSPOSED &&
        product->columns <= FEW_COLUMNS)
        return (gt_product_choice){GT_PRODUCT_LIBRARY,
                                   "too few columns to make up for transposing left"};
    if (left == GT_PRODUCT_TRANSPOSED)
        return (gt_product_choice){GT_PRODUCT_DIRECT,
                                   "left is transposed on the way, block by block"};
    return (gt_product_choice){GT_PRODUCT_DIRECT, "left is as fast where it lies as packed"};
}
