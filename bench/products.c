/*
 * Matrix products of recurrent networks: ours, OpenBLAS and oneDNN, one thread,
 * interleaved in one process, the least time of many rounds each. Prints GFLOP/s
 * and our time relative to the fastest library's.
 *
 * Usage: products [recurrent|adjoint|batched|gradient|plain|vector]... [f32|f64]
 *                 [--kernels NAME] [--seconds S]
 *
 *   recurrent  (4n, n) @ (n, m), the weights packed beforehand
 *   adjoint    (4n, n)^T @ (4n, m), the same; libraries also get the weights already
 *              transposed, and the better of both counts
 *   batched    (4n, n) @ (n, m*T) and its adjoint, nothing packed beforehand
 *   gradient   (4n, m*T) @ (n, m*T)^T, nothing packed beforehand
 *   plain      the products of `recurrent` and `adjoint`, nothing packed beforehand
 */
#include "exec/product.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef GT_HAVE_CBLAS
#include <cblas.h>
#endif
#ifdef GT_HAVE_DNNL
#include <dnnl.h>
#endif

/* One product: what the operands are, and all forms in which a contestant may want them. */
typedef struct problem {
    gt_dtype dtype;
    const gt_product_kernels *kernels;
    int64_t rows, inner, columns;
    bool left_transposed, right_transposed;
    bool packed;         /* left may be prepared beforehand */
    void *left, *right;  /* as they lie in memory */
    void *left_straight; /* left, transposed beforehand */
    void *left_packed;
    void *output, *workspace;
    gt_product_operand left_operand, right_operand;
} problem;

typedef void contestant_function(problem *p);

static void run_ours(problem *p)
{
    gt_product product = {p->kernels, p->rows, p->inner, p->columns, .accumulate = false};
    gt_product_run(&product, &p->left_operand, &p->right_operand, p->output, p->rows, p->workspace);
}

#ifdef GT_HAVE_CBLAS
static void run_blas_form(problem *p, const void *left, bool transposed)
{
    int m = (int)p->rows, n = (int)p->columns, k = (int)p->inner;
    CBLAS_TRANSPOSE a = transposed ? CblasTrans : CblasNoTrans;
    CBLAS_TRANSPOSE b = p->right_transposed ? CblasTrans : CblasNoTrans;
    int lda = transposed ? k : m, ldb = p->right_transposed ? n : k;
    if (p->dtype == GT_F64)
        cblas_dgemm(CblasColMajor, a, b, m, n, k, 1, left, lda, p->right, ldb, 0, p->output, m);
    else
        cblas_sgemm(CblasColMajor, a, b, m, n, k, 1, left, lda, p->right, ldb, 0, p->output, m);
}

static void run_blas(problem *p)
{
    run_blas_form(p, p->left, p->left_transposed);
}

static void run_blas_straight(problem *p)
{
    run_blas_form(p, p->left_straight, false);
}
#endif

#ifdef GT_HAVE_DNNL
/* dnnl_sgemm is row-major: the transposed product of exchanged operands. */
static void run_dnnl_form(problem *p, const void *left, bool transposed)
{
    dnnl_dim_t m = p->rows, n = p->columns, k = p->inner;
    dnnl_sgemm(p->right_transposed ? 'T' : 'N', transposed ? 'T' : 'N', n, m, k, 1, p->right,
               p->right_transposed ? n : k, left, transposed ? k : m, 0, p->output, m);
}

static void run_dnnl(problem *p)
{
    run_dnnl_form(p, p->left, p->left_transposed);
}

static void run_dnnl_straight(problem *p)
{
    run_dnnl_form(p, p->left_straight, false);
}
#endif

enum { OURS, BLAS, BLAS_STRAIGHT, DNNL, DNNL_STRAIGHT, CONTESTANTS };

static void choose_contestants(const problem *p, contestant_function *functions[CONTESTANTS])
{
    bool straight = p->packed && p->left_transposed;
    memset(functions, 0, CONTESTANTS * sizeof *functions);
    functions[OURS] = run_ours;
#ifdef GT_HAVE_CBLAS
    functions[BLAS] = run_blas;
    functions[BLAS_STRAIGHT] = straight ? run_blas_straight : NULL;
#endif
#ifdef GT_HAVE_DNNL
    functions[DNNL] = p->dtype == GT_F32 ? run_dnnl : NULL;
    functions[DNNL_STRAIGHT] = p->dtype == GT_F32 && straight ? run_dnnl_straight : NULL;
#endif
    (void)straight;
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static void *memory(size_t size)
{
    void *block = NULL;
    if (posix_memalign(&block, 4096, size + 4096) != 0) {
        fprintf(stderr, "products: no memory\n");
        exit(1);
    }
    memset(block, 0, size);
    return block;
}

static void *random_matrix(gt_dtype dtype, int64_t count)
{
    static uint64_t state = 1;
    void *values = memory((size_t)count * gt_dtype_size(dtype));
    for (int64_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        double value = (double)(state >> 40) / (double)(1 << 24) - 0.5;
        if (dtype == GT_F64)
            ((double *)values)[i] = value;
        else
            ((float *)values)[i] = (float)value;
    }
    return values;
}

static void *transposed_copy(const problem *p)
{
    size_t size = gt_dtype_size(p->dtype);
    char *to = memory((size_t)(p->rows * p->inner) * size);
    for (int64_t i = 0; i < p->rows; i++)
        for (int64_t k = 0; k < p->inner; k++)
            memcpy(to + (size_t)(i + k * p->rows) * size, (char *)p->left + (size_t)(k + i * p->inner) * size, size);
    return to;
}

static void prepare(problem *p)
{
    gt_product product = {p->kernels, p->rows, p->inner, p->columns, .accumulate = false};
    p->left = random_matrix(p->dtype, p->rows * p->inner);
    p->right = random_matrix(p->dtype, p->inner * p->columns);
    p->output = memory((size_t)(p->rows * p->columns) * gt_dtype_size(p->dtype));
    p->left_straight = p->left_transposed ? transposed_copy(p) : NULL;
    p->left_packed = memory(gt_product_left_size(p->kernels, p->rows, p->inner));
    gt_product_part part = {p->left, p->left_transposed ? p->inner : p->rows, p->left_transposed, p->rows, p->inner};
    gt_product_pack_left(p->kernels, p->left_packed, p->rows, p->inner, 0, 0, &part);
    p->left_operand =
        (gt_product_operand){p->left, part.leading, p->left_transposed ? GT_PRODUCT_TRANSPOSED : GT_PRODUCT_PLAIN};
    if (p->packed)
        p->left_operand = (gt_product_operand){p->left_packed, 0, GT_PRODUCT_PACKED};
    p->right_operand = (gt_product_operand){p->right, p->right_transposed ? p->columns : p->inner,
                                            p->right_transposed ? GT_PRODUCT_TRANSPOSED : GT_PRODUCT_PLAIN};
    p->workspace = memory(gt_product_workspace_size(&product, p->left_operand.layout, p->right_operand.layout));
}

static void release(problem *p)
{
    free(p->left);
    free(p->right);
    free(p->output);
    free(p->left_straight);
    free(p->left_packed);
    free(p->workspace);
}

/*
 * Microseconds of one product. Small ones repeat; all but the largest run before
 * the clock starts, so that each contestant finds its own operands in the caches,
 * not those of the one before.
 */
static double time_once(problem *p, contestant_function *function)
{
    double flops = 2.0 * (double)p->rows * (double)p->inner * (double)p->columns;
    int repeat = 1 + (int)(1e6 / flops);
    for (int warm = 0; warm < 2 && flops < 1e9; warm++)
        function(p);
    double before = now_us();
    for (int r = 0; r < repeat; r++)
        function(p);
    return (now_us() - before) / repeat;
}

/* The least time of each contestant, in rounds until `seconds` are over. */
static void measure(problem *p, contestant_function *const functions[CONTESTANTS], double seconds,
                    double least[CONTESTANTS])
{
    double start = now_us();
    for (int i = 0; i < CONTESTANTS; i++)
        least[i] = 1e30;
    for (int round = 0; round < 3 || now_us() - start < seconds * 1e6; round++)
        for (int i = 0; i < CONTESTANTS; i++) {
            if (functions[i] == NULL)
                continue;
            double time = time_once(p, functions[i]);
            least[i] = time < least[i] ? time : least[i];
        }
}

static void compare(problem p, const char *kind, double seconds)
{
    contestant_function *functions[CONTESTANTS];
    double least[CONTESTANTS];
    prepare(&p);
    choose_contestants(&p, functions);
    measure(&p, functions, seconds, least);
    double flops = 2.0 * (double)p.rows * (double)p.inner * (double)p.columns;
    double blas = least[BLAS] < least[BLAS_STRAIGHT] ? least[BLAS] : least[BLAS_STRAIGHT];
    double dnnl = least[DNNL] < least[DNNL_STRAIGHT] ? least[DNNL] : least[DNNL_STRAIGHT];
    double best = blas < dnnl ? blas : dnnl;
    printf("%-10s %s %5lld %5lld %5lld %10.3f us %7.1f", kind, p.dtype == GT_F64 ? "f64" : "f32", (long long)p.rows,
           (long long)p.inner, (long long)p.columns, least[OURS], flops / least[OURS] * 1e-3);
    if (blas < 1e30)
        printf(" %7.1f", flops / blas * 1e-3);
    if (dnnl < 1e30)
        printf(" %7.1f", flops / dnnl * 1e-3);
    if (best < 1e30)
        printf("   x%.2f of %s", best / least[OURS], best == blas ? "OpenBLAS" : "oneDNN");
    printf("\n");
    fflush(stdout);
    release(&p);
}

static const int64_t widths[] = {5, 128, 256, 512, 1024};
static const int64_t batches[] = {1, 10, 32, 64, 128};

static void recurrent(problem p, const char *kind, bool adjoint, double seconds)
{
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++) {
            p.rows = adjoint ? widths[i] : 4 * widths[i];
            p.inner = adjoint ? 4 * widths[i] : widths[i];
            p.columns = batches[j];
            p.left_transposed = adjoint;
            compare(p, kind, seconds);
        }
}

/* n_x, n_a, m*T of the sizes tiny, small, medium, large; f32 also wide. */
static const int64_t sequences[][3] = {
    {3, 5, 70}, {64, 128, 1600}, {256, 256, 4096}, {512, 512, 4096}, {1024, 1024, 4096}};

static void batched(problem p, double seconds)
{
    for (int i = 0; i < 4; i++)
        for (int adjoint = 0; adjoint < 2; adjoint++) {
            p.left_transposed = adjoint == 1;
            p.rows = adjoint ? sequences[i][0] : 4 * sequences[i][1];
            p.inner = adjoint ? 4 * sequences[i][1] : sequences[i][0];
            p.columns = sequences[i][2];
            compare(p, adjoint ? "batched^T" : "batched", seconds);
        }
}

static void gradient(problem p, double seconds)
{
    for (int i = 0; i < 4; i++)
        for (int recurrent_weights = 0; recurrent_weights < 2; recurrent_weights++) {
            p.rows = 4 * sequences[i][1];
            p.inner = sequences[i][2];
            p.columns = sequences[i][recurrent_weights];
            p.right_transposed = true;
            compare(p, "gradient", seconds);
        }
}

static void run_kind(const char *kind, problem p, double seconds)
{
    p.packed = strcmp(kind, "recurrent") == 0 || strcmp(kind, "adjoint") == 0;
    if (strcmp(kind, "recurrent") == 0 || strcmp(kind, "plain") == 0)
        recurrent(p, kind, false, seconds);
    if (strcmp(kind, "adjoint") == 0 || strcmp(kind, "plain") == 0)
        recurrent(p, kind, true, seconds);
    if (strcmp(kind, "batched") == 0)
        batched(p, seconds);
    if (strcmp(kind, "gradient") == 0)
        gradient(p, seconds);
}

static const gt_product_kernels *find_kernels(gt_dtype dtype, const char *name)
{
    const gt_product_kernels *kernels = gt_product_kernels_best(dtype);
    for (int i = 0; name != NULL && (kernels = gt_product_kernels_at(dtype, i)) != NULL; i++)
        if (strcmp(gt_product_kernels_name(kernels), name) == 0)
            break;
    if (kernels == NULL) {
        fprintf(stderr, "products: this machine has no kernels called %s\n", name);
        exit(2);
    }
    return kernels;
}

/* The libraries read their number of threads when they are loaded. */
static void insist_on_one_thread(char **argv)
{
    if (getenv("OMP_NUM_THREADS") != NULL && getenv("OPENBLAS_NUM_THREADS") != NULL)
        return;
    setenv("OMP_NUM_THREADS", "1", 1);
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
    static const char *const kinds[] = {"recurrent", "adjoint", "batched", "gradient", "plain"};
    insist_on_one_thread(argv);
    gt_dtype dtype = GT_F32;
    const char *name = NULL;
    double seconds = 0.3;
    bool any = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "f64") == 0)
            dtype = GT_F64;
        else if (strcmp(argv[i], "--kernels") == 0 && i + 1 < argc)
            name = argv[++i];
        else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
            seconds = atof(argv[++i]);
        else
            any = any || strcmp(argv[i], "f32") != 0;
    }
    problem p = {.dtype = dtype, .kernels = find_kernels(dtype, name)};
    printf("%s; rows inner columns, least time, GFLOP/s of ours, OpenBLAS, oneDNN\n",
           gt_product_kernels_name(p.kernels));
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        bool asked = !any;
        for (int i = 1; i < argc; i++)
            asked = asked || strcmp(argv[i], kinds[k]) == 0;
        if (asked)
            run_kind(kinds[k], p, seconds);
    }
    return 0;
}
