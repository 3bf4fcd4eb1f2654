/*
 * Compiled products: the bits of the kernels at both levels, for all layouts, any number of columns and
 * several products at once; and nothing is touched that is not theirs, since every array ends where memory does.
 */
#include "exec/product.h"
#include "gradtape/random.h"
#include "machine_code.h"
#include "native/product.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_MEMBERS = 5, MOST_ARRAYS = 5 * MOST_MEMBERS };

/* Memory that ends where a page begins which nobody may touch. */
typedef struct guarded {
    char *pages, *data;
    size_t mapped, bytes;
} guarded;

static guarded guard(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), used = (bytes + page - 1) / page * page;
    guarded g = {.mapped = used + page, .bytes = bytes};
    g.pages = mmap(NULL, g.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq((void *)g.pages, MAP_FAILED);
    cr_assert_eq(mprotect(g.pages + used, page, PROT_NONE), 0);
    memset(g.pages, 0xff, used); /* NaN: nobody may rely on what is there */
    g.data = g.pages + used - bytes;
    return g;
}

static void release(guarded *g)
{
    munmap(g->pages, g->mapped);
}

typedef struct shape {
    gt_dtype dtype;
    int64_t rows, inner, columns;
    uint32_t members;
    gt_product_layout left, right;
    bool added, accumulate, sums;
} shape;

/* All arrays of a product, twice: for the kernels, and for what is compiled. */
typedef struct arrays {
    guarded left[MOST_MEMBERS], right[MOST_MEMBERS], output[2][MOST_MEMBERS], addend[MOST_MEMBERS],
        sums[2][MOST_MEMBERS];
    int addend_kind[MOST_MEMBERS]; /* 0 none, 1 a matrix, 2 a column, 3 the output */
    guarded packed[MOST_MEMBERS];
} arrays;

static guarded draw(const shape *s, int64_t count, gt_random *random)
{
    guarded g = guard((size_t)count * gt_dtype_size(s->dtype));
    for (int64_t i = 0; i < count; i++) {
        double value = gt_random_normal(random);
        if (s->dtype == GT_F64)
            ((double *)g.data)[i] = value;
        else
            ((float *)g.data)[i] = (float)value;
    }
    return g;
}

static uint32_t outputs_of(const shape *s)
{
    return s->added ? 1 : s->members;
}

static void pack(const shape *s, const gt_product_kernels *kernels, arrays *a, uint32_t m)
{
    gt_product_part part = {a->left[m].data, s->rows, false, s->rows, s->inner};
    a->packed[m] = guard((size_t)gt_product_left_size(kernels, s->rows, s->inner));
    gt_product_pack_left(kernels, a->packed[m].data, s->rows, s->inner, 0, 0, &part);
}

static void draw_all(const shape *s, const gt_product_kernels *kernels, arrays *a, gt_random *random)
{
    for (uint32_t m = 0; m < s->members; m++) {
        a->left[m] = draw(s, s->rows * s->inner, random);
        pack(s, kernels, a, m);
        a->right[m] = draw(s, s->inner * s->columns, random);
        a->output[0][m] = draw(s, s->rows * s->columns, random);
        a->output[1][m] = guard(a->output[0][m].bytes);
        memcpy(a->output[1][m].data, a->output[0][m].data, a->output[0][m].bytes);
        a->addend_kind[m] = s->accumulate ? 0 : (int)gt_random_integer(random, 0, 4);
        a->addend[m] = draw(s, a->addend_kind[m] == 2 ? s->rows : s->rows * s->columns, random);
        for (int k = 0; k < 2; k++)
            a->sums[k][m] = guard((size_t)s->rows * gt_dtype_size(s->dtype));
    }
}

static void release_all(const shape *s, arrays *a)
{
    for (uint32_t m = 0; m < s->members; m++) {
        guarded *all[] = {&a->left[m],      &a->packed[m], &a->right[m],   &a->output[0][m],
                          &a->output[1][m], &a->addend[m], &a->sums[0][m], &a->sums[1][m]};
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            release(all[i]);
    }
}

/* ---- by the kernels ---- */

static void run_kernels(const shape *s, const gt_product_kernels *kernels, arrays *a)
{
    gt_product product = {kernels, s->rows, s->inner, s->columns, .accumulate = s->accumulate};
    gt_product_member members[MOST_MEMBERS] = {{.output = NULL}};
    for (uint32_t m = 0; m < s->members; m++) {
        gt_product_member *member = &members[m];
        bool packed = s->left == GT_PRODUCT_PACKED, turned = s->left == GT_PRODUCT_TRANSPOSED;
        member->left = (gt_product_operand){packed ? a->packed[m].data : a->left[m].data,
                                            packed   ? 0
                                            : turned ? s->inner
                                                     : s->rows,
                                            s->left};
        bool right_turned = s->right == GT_PRODUCT_TRANSPOSED;
        member->right =
            (gt_product_operand){a->right[s->added ? m : 0].data, right_turned ? s->columns : s->inner, s->right};
        member->output = a->output[0][s->added ? 0 : m].data;
        int kind = s->added && m > 0 ? 0 : a->addend_kind[m];
        member->addend = kind == 0 ? NULL : kind == 3 ? member->output : a->addend[m].data;
        member->addend_leading = kind == 2 ? 0 : s->rows;
        member->left_sums = s->sums ? a->sums[0][m].data : NULL;
    }
    gt_product whole = product;
    whole.rows *= outputs_of(s);
    size_t bytes = gt_product_workspace_size(&whole, s->left, s->right);
    void *workspace = aligned_alloc(GT_PRODUCT_ALIGNMENT, (bytes / 64 + 1) * 64);
    gt_product_run_together(&product, members, s->members, s->added, s->rows, workspace);
    free(workspace);
}

/* ---- compiled ---- */

typedef struct listed {
    char *begin[MOST_ARRAYS];
    size_t column[MOST_ARRAYS]; /* bytes from one column of the result to the next */
    uint32_t count;
} listed;

static uint32_t list(listed *l, const guarded *g, int64_t column, size_t size)
{
    l->begin[l->count] = g->data;
    l->column[l->count] = (size_t)column * size;
    return l->count++;
}

static gt_compiled_product describe(const shape *s, const gt_product_kernels *kernels, arrays *a,
                                    gt_compiled_member *members, listed *l)
{
    size_t size = gt_dtype_size(s->dtype);
    bool turned = s->right == GT_PRODUCT_TRANSPOSED;
    for (uint32_t m = 0; m < s->members; m++) {
        gt_compiled_member *member = &members[m];
        guarded *output = &a->output[1][s->added ? 0 : m];
        int kind = s->accumulate ? 3 : a->addend_kind[s->added ? 0 : m];
        member->left = list(l, s->left == GT_PRODUCT_PACKED ? &a->packed[m] : &a->left[m], 0, size);
        member->right = list(l, &a->right[s->added ? m : 0], turned ? 1 : s->inner, size);
        member->output = list(l, output, s->rows, size);
        member->addend = GT_NO_ARRAY;
        if (kind != 0)
            member->addend = list(l, kind == 3 ? output : &a->addend[m * !s->added], kind == 2 ? 0 : s->rows, size);
        member->addend_leading = kind == 2 ? 0 : s->rows;
        member->left_sums = s->sums ? list(l, &a->sums[1][m], 0, size) : GT_NO_ARRAY;
    }
    static const gt_compiled_left kinds[] = {
        [GT_PRODUCT_PLAIN] = GT_LEFT_PLAIN,
        [GT_PRODUCT_TRANSPOSED] = GT_LEFT_TRANSPOSED,
        [GT_PRODUCT_PACKED] = GT_LEFT_PACKED,
    };
    return (gt_compiled_product){
        .dtype = s->dtype,
        .rows = s->rows,
        .inner = s->inner,
        .columns = s->columns,
        .left_kind = kinds[s->left],
        .left_leading = s->left == GT_PRODUCT_TRANSPOSED ? s->inner : s->rows,
        .left_panel = gt_product_row_unit(kernels),
        .right_inner = turned ? s->columns : 1,
        .right_column = turned ? 1 : s->inner,
        .added = s->added,
        .members = members,
        .member_count = s->members,
    };
}

/* All columns, in two calls if `cut` is within them. */
static bool run_compiled(const shape *s, const gt_product_kernels *kernels, arrays *a, int64_t cut)
{
    gt_compiled_member members[MOST_MEMBERS];
    listed l = {.count = 0};
    gt_compiled_product product = describe(s, kernels, a, members, &l);
    gt_encoder e;
    gt_encoder_init(&e, strcmp(gt_product_kernels_name(kernels), "avx512") == 0);
    size_t begin = gt_compile_product(&e, &product);
    cr_assert_eq(e.failed, false);
    if (begin == (size_t)-1) {
        gt_encoder_free(&e);
        return false;
    }
    gt_executable executable;
    gt_loop_function *run = machine_code(&e, begin, &executable);
    run(l.begin, cut, s->sums);
    for (uint32_t n = 0; n < l.count; n++)
        l.begin[n] += l.column[n] * (size_t)cut;
    run(l.begin, s->columns - cut, 0);
    gt_executable_free(&executable);
    gt_encoder_free(&e);
    return true;
}

/* ---- both ---- */

static bool check(const shape *s, const gt_product_kernels *kernels, gt_random *random)
{
    arrays a;
    draw_all(s, kernels, &a, random);
    int64_t cut = gt_random_integer(random, 0, 2) == 0 ? s->columns : gt_random_integer(random, 0, s->columns + 1);
    bool compiled = run_compiled(s, kernels, &a, cut);
    if (compiled)
        run_kernels(s, kernels, &a);
    for (uint32_t m = 0; m < s->members && compiled; m++) {
        bool same = m >= outputs_of(s) || memcmp(a.output[0][m].data, a.output[1][m].data, a.output[0][m].bytes) == 0;
        bool sums = !s->sums || memcmp(a.sums[0][m].data, a.sums[1][m].data, a.sums[0][m].bytes) == 0;
        cr_assert(same && sums,
                  "%s %s (%d, %d) @ (%d, %d), %u members%s%s, layouts %d and %d, cut at %d: member %u has other %s",
                  gt_product_kernels_name(kernels), gt_dtype_name(s->dtype), (int)s->rows, (int)s->inner, (int)s->inner,
                  (int)s->columns, (unsigned)s->members, s->added ? ", added" : "", s->accumulate ? ", more" : "",
                  (int)s->left, (int)s->right, (int)cut, (unsigned)m, same ? "sums" : "values");
    }
    release_all(s, &a);
    return compiled;
}

static shape draw_shape(gt_random *random, bool long_inner)
{
    shape s = {.dtype = gt_random_integer(random, 0, 2) == 0 ? GT_F32 : GT_F64};
    s.rows =
        gt_random_integer(random, 0, 8) == 0 ? gt_random_integer(random, 30, 65) : gt_random_integer(random, 1, 25);
    s.inner = long_inner ? gt_random_integer(random, 30, 257) : gt_random_integer(random, 1, 20);
    s.columns = gt_random_integer(random, 1, long_inner ? 8 : 30);
    s.members = (uint32_t)gt_random_integer(random, 1, MOST_MEMBERS + 1);
    s.left = (gt_product_layout)gt_random_integer(random, 0, 3);
    s.right = (gt_product_layout)gt_random_integer(random, 0, 2);
    s.added = gt_random_integer(random, 0, 2) == 0;
    s.accumulate = gt_random_integer(random, 0, 3) == 0;
    s.sums = s.left == GT_PRODUCT_PLAIN && gt_random_integer(random, 0, 2) == 0;
    return s;
}

static void check_all(bool long_inner, int count, int least)
{
    bool avx512;
    if (!gt_compile_possible(&avx512))
        cr_skip("no compiled loops on this processor");
    gt_random random;
    gt_random_seed(&random, long_inner ? 11 : 7);
    int compiled = 0;
    for (int n = 0; n < count; n++) {
        shape s = draw_shape(&random, long_inner);
        for (int position = 0;; position++) {
            const gt_product_kernels *kernels = gt_product_kernels_at(s.dtype, position);
            if (kernels == NULL || strcmp(gt_product_kernels_name(kernels), "portable") == 0)
                break;
            compiled += check(&s, kernels, &random);
        }
    }
    cr_assert_geq(compiled, least, "only %d of %d were small enough", compiled, count);
}

Test(compile_product, short_sums)
{
    check_all(false, 3000, 2000);
}

Test(compile_product, long_sums)
{
    check_all(true, 1000, 400);
}

/* ---- what is not compiled ---- */

static gt_compiled_product plain(const gt_compiled_member *members, uint32_t count)
{
    return (gt_compiled_product){.dtype = GT_F32,
                                 .rows = 5,
                                 .inner = 6,
                                 .columns = 7,
                                 .left_kind = GT_LEFT_PLAIN,
                                 .left_leading = 5,
                                 .right_inner = 1,
                                 .right_column = 6,
                                 .members = members,
                                 .member_count = count};
}

Test(compile_product, large_products_are_not_small)
{
    gt_compiled_member members[GT_MOST_COMPILED_MEMBERS + 1] = {{.addend = GT_NO_ARRAY, .left_sums = GT_NO_ARRAY}};
    for (uint32_t m = 0; m <= GT_MOST_COMPILED_MEMBERS; m++)
        members[m] = members[0];
    gt_compiled_product p = plain(members, 1);
    cr_assert(gt_compiled_product_is_small(&p));
    p.rows = 65;
    cr_assert_not(gt_compiled_product_is_small(&p), "rows");
    p = plain(members, 1);
    p.inner = 513;
    cr_assert_not(gt_compiled_product_is_small(&p), "inner");
    p = plain(members, 1);
    p.columns = 1 << 14;
    cr_assert_not(gt_compiled_product_is_small(&p), "work");
    p = plain(members, GT_MOST_COMPILED_MEMBERS + 1);
    cr_assert_not(gt_compiled_product_is_small(&p), "members");
    p = plain(members, 1);
    p.right_column = INT64_C(1) << 40;
    cr_assert_not(gt_compiled_product_is_small(&p), "distances");
    for (int size = 0; size < 3; size++) {
        p = plain(members, 1);
        *(size == 0 ? &p.rows : size == 1 ? &p.inner : &p.columns) = 0;
        cr_assert_not(gt_compiled_product_is_small(&p), "nothing");
    }
    p = plain(members, 1);
    p.left_kind = GT_LEFT_PACKED;
    members[0].left_sums = 0;
    cr_assert_not(gt_compiled_product_is_small(&p), "sums of what is packed");
}
