#include "cli/bench/multiply.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef GT_HAVE_OPENBLAS_THREADS
void openblas_set_num_threads(int count);
#endif

/*
 * A signal that comes while oneDNN's sgemm runs must not be handled on its stack: with
 * oneDNN 2.6 that overwrote memory beside its buffers.
 */
enum { SIGNAL_STACK_SIZE = 1 << 16 };

const char *gt_way_name(gt_way way)
{
    static const char *const names[GT_WAY_COUNT] = {
        [GT_WAY_OWN] = "gradtape",       [GT_WAY_PACKED] = "gradtape, packed",
        [GT_WAY_BLAS] = "OpenBLAS",      [GT_WAY_BLAS_TURNED] = "OpenBLAS, weights transposed",
        [GT_WAY_ONEDNN] = "oneDNN",      [GT_WAY_ONEDNN_TURNED] = "oneDNN, weights transposed",
    };
    return names[way];
}

bool gt_way_is_own(gt_way way)
{
    return way == GT_WAY_OWN || way == GT_WAY_PACKED;
}

static bool is_onednn(gt_way way)
{
    return way == GT_WAY_ONEDNN || way == GT_WAY_ONEDNN_TURNED;
}

static bool is_turned(gt_way way)
{
    return way == GT_WAY_BLAS_TURNED || way == GT_WAY_ONEDNN_TURNED;
}

/* ---- oneDNN -------------------------------------------------------------------------------- */

void gt_multiplying_open(gt_multiplying *m, int threads)
{
    static const char *const names[] = {"libdnnl.so.3", "libdnnl.so.2", NULL};
    char text[16];
    *m = (gt_multiplying){.threads = threads};
    snprintf(text, sizeof text, "%d", threads);
    setenv("OMP_NUM_THREADS", text, 0); /* read by the library's runtime when it is loaded */
    for (int i = 0; names[i] != NULL && m->library == NULL; i++)
        m->library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (m->library != NULL)
        *(void **)&m->sgemm = dlsym(m->library, "dnnl_sgemm");
    m->signal_stack = m->sgemm != NULL ? malloc(SIGNAL_STACK_SIZE) : NULL;
    if (m->signal_stack != NULL)
        sigaltstack(&(stack_t){.ss_sp = m->signal_stack, .ss_size = SIGNAL_STACK_SIZE}, NULL);
    else
        m->sgemm = NULL;
}

static void use_threads(int count)
{
#ifdef GT_HAVE_OPENBLAS_THREADS
    openblas_set_num_threads(count);
#else
    (void)count;
#endif
}

void gt_multiplying_begin(const gt_multiplying *m)
{
    use_threads(m->threads);
}

void gt_multiplying_end(const gt_multiplying *m)
{
    (void)m;
    use_threads(1);
}

void gt_multiplying_close(gt_multiplying *m)
{
    if (m->signal_stack != NULL)
        sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    free(m->signal_stack);
    if (m->library != NULL)
        dlclose(m->library);
    *m = (gt_multiplying){0};
}

/* oneDNN's matrices are row-major: (left @ right)ᵀ = rightᵀ @ leftᵀ. */
static void run_onednn(const gt_multiplying *m, const gt_bound_product *p, const float *left, const float *right,
                       float *output)
{
    int64_t left_leading = p->left_transposed ? p->inner : p->rows;
    int64_t right_leading = p->right_transposed ? p->columns : p->inner;
    for (int64_t t = 0; t < p->times; t++)
        m->sgemm(p->right_transposed ? 'T' : 'N', p->left_transposed ? 'T' : 'N', p->columns, p->rows, p->inner, 1.0F,
                 right + (p->right_fixed ? 0 : t * p->inner * p->columns), right_leading,
                 left + (p->left_fixed ? 0 : t * p->rows * p->inner), left_leading, 0.0F,
                 output + t * p->rows * p->columns, p->rows);
}

/* ---- all ways ------------------------------------------------------------------------------ */

static gt_multiplier multiplier_of(gt_way way)
{
    return way == GT_WAY_OWN ? GT_MULTIPLIER_OWN : way == GT_WAY_PACKED ? GT_MULTIPLIER_PACKED : GT_MULTIPLIER_BLAS;
}

static bool has_blas(gt_dtype dtype)
{
    const gt_bound_product one = {.dtype = dtype, .rows = 1, .inner = 1, .columns = 1, .times = 1};
    const double number = 0;
    double output;
    return gt_bound_multiply(&one, GT_MULTIPLIER_BLAS, &number, &number, &output, NULL) == GT_OK;
}

bool gt_multiplying_can(const gt_multiplying *m, const gt_bound_product *p, gt_way way)
{
    /* To turn or to pack pays only for a matrix that is used again. */
    if ((is_turned(way) || way == GT_WAY_PACKED) && (!p->left_fixed || p->times == 1))
        return false;
    if (is_onednn(way))
        return m->sgemm != NULL && p->dtype == GT_F32;
    if (gt_way_is_own(way))
        return m->threads == 1 || !has_blas(p->dtype);
    return has_blas(p->dtype);
}

size_t gt_multiplying_workspace(const gt_bound_product *p, gt_way way)
{
    return is_onednn(way) ? 0 : gt_bound_workspace(p, multiplier_of(way));
}

void gt_multiplying_run(const gt_multiplying *m, const gt_bound_product *product, gt_way way, const void *left,
                        const void *right, void *output, void *workspace)
{
    gt_bound_product p = *product;
    p.left_transposed ^= is_turned(way);
    if (is_onednn(way))
        run_onednn(m, &p, left, right, output);
    else
        gt_bound_multiply(&p, multiplier_of(way), left, right, output, workspace);
}
