/* gt_check_function: Jacobian-vector products. */
#include "waves.h"

typedef enum jvp_mistake { JVP_RIGHT, JVP_SIGN, JVP_NO_B, JVP_IGNORES, JVP_ORDER, JVP_LONG, JVP_BENT } jvp_mistake;

static gt_status waves_jvp(void *context, const double *x, const double *v, double *dy, gt_error *error)
{
    jvp_mistake mistake = *(const jvp_mistake *)context;
    (void)error;
    for (int j = 0; j < RESULTS; j++) {
        dy[j] = 0;
        for (int i = 0; i < ENTRIES; i++)
            if (mistake != JVP_NO_B || i < B || i >= C)
                dy[j] += (mistake == JVP_IGNORES ? 1 : v[i]) * amplitude(i, j) * cos(x[i] + phase(i, j));
    }
    if (mistake == JVP_SIGN)
        scale(dy, RESULTS, -1);
    if (mistake == JVP_ORDER)
        swap(dy + 1, dy + 4, 1);
    if (mistake == JVP_LONG)
        dy[RESULTS] = 1;
    if (mistake == JVP_BENT)
        dy[0] += v[W] * v[S];
    return GT_OK;
}

static gt_status right_product(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)context, (void)error;
    right_gradient(x, u, g);
    return GT_OK;
}

static gt_report check_jvp(jvp_mistake mistake, bool with_gradient)
{
    gt_check_gradient mine = problem_at(3);
    mine.gradient = with_gradient ? right_product : NULL;
    mine.jvp = waves_jvp;
    mine.context = &mistake;
    return check(&mine, 5);
}

Test(check_function_jvp, a_right_jacobian_vector_product_is_right)
{
    for (int with = 0; with < 2; with++) {
        gt_report report = check_jvp(JVP_RIGHT, with == 1);
        cr_expect_eq(report.verdict, GT_RIGHT, "%s", text_of(&report));
        cr_expect_eq(report.counts[GT_CHECK_JVP].arrays, 6);
        cr_expect_eq(report.counts[GT_CHECK_TRANSPOSE].arrays, with == 1 ? 6 : 0);
        gt_report_free(&report);
    }
}

Test(check_function_jvp, a_wrong_jacobian_vector_product_is_wrong)
{
    static const struct {
        jvp_mistake mistake;
        const char *kind, *text;
    } list[] = {{JVP_SIGN, "wrong sign", "a tangent in W alone"},
                {JVP_NO_B, "missing gradient", "what the tangent of b does is missing"},
                {JVP_IGNORES, "cotangent ignored", "the tangent is ignored"},
                {JVP_ORDER, "wrong order", "row 1 and row 4 are exchanged"},
                {JVP_LONG, "", "jvp writes 8 entries"},
                {JVP_BENT, "", "not linear in the tangent"}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        gt_report report = check_jvp(list[i].mistake, true);
        cr_assert_eq(report.verdict, GT_WRONG, "%zu", i);
        cr_expect_str_eq(report.findings[0].diagnosis.kind, list[i].kind, "%s", text_of(&report));
        cr_expect_not_null(strstr(text_of(&report), list[i].text), "%s", text_of(&report));
        gt_report_free(&report);
    }
}

/* A function that no number tells anything of: the two products still contradict each other. */
static gt_status rough(void *context, const double *x, double *y, gt_error *error)
{
    waves(context, x, y, error);
    for (int j = 0; j < RESULTS; j++)
        y[j] += 1e-4 * sin(1e12 * x[0]);
    return GT_OK;
}

Test(check_function_jvp, products_are_each_others_transpose)
{
    jvp_mistake mistakes[] = {JVP_RIGHT, JVP_ORDER};
    for (int i = 0; i < 2; i++) {
        gt_check_gradient mine = problem_at(3);
        mine.function = rough;
        mine.gradient = right_product;
        mine.jvp = waves_jvp;
        mine.context = &mistakes[i];
        gt_report report = check(&mine, 5);
        cr_expect_eq(report.verdict, i == 0 ? GT_UNDECIDABLE : GT_WRONG, "%s", text_of(&report));
        cr_expect_eq(report.counts[GT_CHECK_TRANSPOSE].wrong, i == 0 ? 0 : 6, "%s", text_of(&report));
        gt_report_free(&report);
    }
}
