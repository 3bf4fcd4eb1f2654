#include "support/product_case.h"

#include "base/entry.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A matrix as numbers, column-major without gaps, and one of its images in memory. */
typedef struct matrix {
    double *values;
    int64_t rows, columns;
    char *memory; /* the first of what may be touched */
    void *mapped; /* NULL: memory is to be freed; otherwise this is to be unmapped */
    size_t mapped_bytes;
    gt_product_operand operand;
} matrix;

void *product_test_memory(size_t size, size_t offset)
{
    void *memory = NULL;
    cr_assert(posix_memalign(&memory, GT_PRODUCT_ALIGNMENT, size + offset + 1) == 0);
    /* Bytes that are NaN in either type: nobody may rely on what is there. */
    memset(memory, 0xff, size + offset + 1);
    return memory;
}

static size_t element_size(gt_dtype dtype)
{
    return dtype == GT_F64 ? sizeof(double) : sizeof(float);
}

static double draw(const product_case *test, gt_random *random)
{
    static const double specials[] = {0, -0.0, INFINITY, -INFINITY, NAN, 1e-40, -3e-310, 1e30};
    if (test->special && gt_random_integer(random, 0, 40) == 0)
        return specials[gt_random_integer(random, 0, 8)];
    return 2 * gt_random_uniform(random) - 1;
}

static matrix draw_matrix(const product_case *test, int64_t rows, int64_t columns, gt_random *random)
{
    matrix drawn = {.values = malloc((size_t)(rows * columns + 1) * sizeof(double)), .rows = rows, .columns = columns};
    cr_assert_not_null(drawn.values);
    for (int64_t i = 0; i < rows * columns; i++)
        drawn.values[i] = test->dtype == GT_F64 ? draw(test, random) : (float)draw(test, random);
    return drawn;
}

static void free_memory(matrix *gone)
{
    if (gone->mapped != NULL)
        munmap(gone->mapped, gone->mapped_bytes);
    else
        free(gone->memory);
    gone->mapped = NULL;
}

/* Memory of bytes that are NaN in either type, with a page behind it that ends the test if touched.
 */
static void take_guarded_memory(matrix *shown, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), used = (size + page - 1) / page * page;
    shown->mapped_bytes = used + page;
    shown->mapped = mmap(NULL, used + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert(shown->mapped != MAP_FAILED);
    char *start = shown->mapped;
    cr_assert(mprotect(start + used, page, PROT_NONE) == 0);
    memset(start, 0xff, used);
    shown->memory = start + used - size;
}

static void free_matrix(matrix *gone)
{
    free(gone->values);
    free_memory(gone);
}

/* The values in memory, transposed or not, with gaps of NaN, and nothing after the last. */
static void lay_out(const product_case *test, matrix *shown, bool transposed, int64_t gap)
{
    int64_t rows = transposed ? shown->columns : shown->rows;
    int64_t columns = transposed ? shown->rows : shown->columns;
    int64_t leading = rows + gap;
    int64_t count = rows > 0 && columns > 0 ? (columns - 1) * leading + rows : 0;
    size_t size = element_size(test->dtype);
    take_guarded_memory(shown, (size_t)(count + test->offset) * size);
    char *start = shown->memory + (size_t)test->offset * size;
    for (int64_t j = 0; j < columns; j++)
        for (int64_t i = 0; i < rows; i++)
            gt_entry_set(start, test->dtype, i + j * leading,
                         shown->values[transposed ? j + i * shown->rows : i + j * shown->rows]);
    shown->operand = (gt_product_operand){start, leading, transposed ? GT_PRODUCT_TRANSPOSED : GT_PRODUCT_PLAIN};
}

/* The same as a packed operand; every other time from a transposed image. */
static void lay_out_packed(const product_case *test, matrix *shown, bool right)
{
    bool transposed = (shown->rows + shown->columns) % 2 == 1;
    lay_out(test, shown, transposed, test->left_gap);
    gt_product_part part = {shown->operand.data, shown->operand.leading, transposed, shown->rows, shown->columns};
    size_t size = right ? gt_product_right_size(test->kernels, shown->rows, shown->columns)
                        : gt_product_left_size(test->kernels, shown->rows, shown->columns);
    char *packed = product_test_memory(size, 0);
    if (right)
        gt_product_pack_right(test->kernels, packed, shown->rows, shown->columns, 0, 0, &part);
    else
        gt_product_pack_left(test->kernels, packed, shown->rows, shown->columns, 0, 0, &part);
    for (size_t i = size; i < size + 1; i++)
        cr_assert_eq((unsigned char)packed[i], 0xff, "packing writes past the end");
    free_memory(shown);
    shown->memory = packed;
    shown->operand = (gt_product_operand){packed, 0, GT_PRODUCT_PACKED};
}

static matrix draw_operand(const product_case *test, bool right, gt_random *random)
{
    int64_t rows = right ? test->inner : test->rows;
    int64_t columns = right ? test->columns : test->inner;
    matrix drawn = draw_matrix(test, rows, columns, random);
    gt_product_layout layout = right ? test->right : test->left;
    if (layout == GT_PRODUCT_PACKED)
        lay_out_packed(test, &drawn, right);
    else
        lay_out(test, &drawn, layout == GT_PRODUCT_TRANSPOSED, right ? test->right_gap : test->left_gap);
    return drawn;
}

static bool rounds_once(const gt_product_kernels *kernels)
{
#ifdef __aarch64__
    (void)kernels;
    return true;
#else
    return strcmp(gt_product_kernels_name(kernels), "portable") != 0;
#endif
}

/* One step of the documented sum, in the type of the product. */
static double add_product(const product_case *test, double sum, double left, double right)
{
    if (test->dtype == GT_F64)
        return rounds_once(test->kernels) ? fma(left, right, sum) : left * right + sum;
    float a = (float)left, b = (float)right, c = (float)sum;
    return rounds_once(test->kernels) ? fmaf(a, b, c) : a * b + c;
}

static void check_element(const product_case *test, const matrix *left, const matrix *right, double start, int64_t i,
                          int64_t j, double actual)
{
    double chain = start;
    long double exact = start, magnitude = fabsl(exact);
    for (int64_t k = 0; k < test->inner; k++) {
        double a = left->values[i + k * test->rows], b = right->values[k + j * test->inner];
        chain = add_product(test, chain, a, b);
        exact += (long double)a * b;
        magnitude += fabsl((long double)a * b);
    }
    bool same = isnan(chain) ? isnan(actual) : memcmp(&chain, &actual, sizeof chain) == 0;
    cr_assert(same, "%s: element (%lld, %lld) of (%lld, %lld) @ (%lld, %lld) is %.17g, not %.17g",
              gt_product_kernels_name(test->kernels), (long long)i, (long long)j, (long long)test->rows,
              (long long)test->inner, (long long)test->inner, (long long)test->columns, actual, chain);
    if (test->special) /* whether overflows cancel depends on the type */
        return;
    long double unit = test->dtype == GT_F64 ? DBL_EPSILON : (long double)FLT_EPSILON;
    cr_assert(fabsl(exact - actual) <= (long double)(test->inner + 1) * unit * magnitude,
              "element (%lld, %lld) is %.17g, not %.17Lg", (long long)i, (long long)j, actual, exact);
}

/* The memory of an output; its gaps, and the elements before it, must stay as they are. */
static matrix draw_output(const product_case *test, gt_random *random)
{
    matrix output = draw_matrix(test, test->rows, test->columns, random);
    lay_out(test, &output, false, test->output_gap);
    return output;
}

static void check_gaps(const product_case *test, const matrix *output)
{
    size_t size = element_size(test->dtype);
    int64_t leading = output->operand.leading;
    for (int64_t i = 0; i < test->offset * (int64_t)size; i++)
        cr_assert_eq((unsigned char)output->memory[i], 0xff, "written before the output");
    const unsigned char *data = output->operand.data;
    for (int64_t j = 0; j + 1 < output->columns; j++)
        for (size_t i = (size_t)output->rows * size; i < (size_t)leading * size; i++)
            cr_assert_eq(data[(size_t)(j * leading) * size + i], 0xff, "written between columns %lld and %lld",
                         (long long)j, (long long)j + 1);
}

/* The memory of an addend, which ends at a guard: a matrix or one column. */
static matrix draw_addend(const product_case *test, gt_random *random)
{
    matrix addend = draw_matrix(test, test->rows, test->addend == COLUMN_ADDEND ? 1 : test->columns, random);
    lay_out(test, &addend, false, test->addend_gap);
    return addend;
}

static gt_product_member member_of(const product_case *test, const matrix *left, const matrix *right,
                                   const matrix *addend, const matrix *output)
{
    gt_product_member member = {
        .left = left->operand, .right = right->operand, .output = (void *)(uintptr_t)output->operand.data};
    if (test->addend == MATRIX_ADDEND || test->addend == COLUMN_ADDEND)
        member.addend = addend->operand.data;
    if (test->addend == MATRIX_ADDEND)
        member.addend_leading = addend->operand.leading;
    if (test->addend == OUTPUT_ADDEND) {
        member.addend = member.output;
        member.addend_leading = output->operand.leading;
    }
    return member;
}

/* What the sum of an element starts at. */
static double start_of(const product_case *test, const matrix *addend, const matrix *output, int64_t i, int64_t j)
{
    if (test->accumulate || test->addend == OUTPUT_ADDEND)
        return output->values[i + j * test->rows];
    if (test->addend == NO_ADDEND)
        return 0;
    return addend->values[i + (test->addend == COLUMN_ADDEND ? 0 : j) * test->rows];
}

static void run(const product_case *test, const gt_product *product, const gt_product_member *member)
{
    size_t size = gt_product_workspace_size(product, member->left.layout, member->right.layout);
    unsigned char *workspace = product_test_memory(size, 0);
    void *given = size == 0 ? NULL : workspace;
    int64_t leading = test->rows + test->output_gap;
    if (test->addend == NO_ADDEND)
        gt_product_run(product, &member->left, &member->right, member->output, leading, given);
    else
        gt_product_run_together(product, member, 1, false, leading, given);
    cr_assert_eq(workspace[size], 0xff, "written past the end of the workspace");
    free(workspace);
}

void product_case_check(const product_case *test, gt_random *random)
{
    matrix left = draw_operand(test, false, random), right = draw_operand(test, true, random);
    matrix addend = draw_addend(test, random), output = draw_output(test, random);
    gt_product product = {test->kernels, test->rows, test->inner, test->columns, .accumulate = test->accumulate};
    gt_product_member member = member_of(test, &left, &right, &addend, &output);
    run(test, &product, &member);
    check_gaps(test, &output);
    /* Of large products the edges, and every so many of the other elements. */
    int64_t step = 1 + test->rows * test->columns * test->inner / 100000;
    for (int64_t j = 0; j < test->columns; j++)
        for (int64_t i = 0; i < test->rows; i++) {
            if ((i + j * test->rows) % step != 0 && i + 1 < test->rows && j + 1 < test->columns)
                continue;
            double actual = gt_entry_at(output.operand.data, test->dtype, i + j * output.operand.leading);
            check_element(test, &left, &right, start_of(test, &addend, &output, i, j), i, j, actual);
        }
    free_matrix(&left);
    free_matrix(&right);
    free_matrix(&addend);
    free_matrix(&output);
}
