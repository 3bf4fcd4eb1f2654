/*
 * Backward passes that people published wrong, and hand-made mistakes outside of the
 * planter's classes: each is found in the equation where it was made, with a sentence
 * about it, and following the repairs makes the block right.
 */
#include <criterion/criterion.h>
#include <gradtape.h>

#include "texts.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 24 };

typedef struct expected {
    const char *file;
    const char *repaired; /* one of the repairs */
    const char *says;     /* the sentence about it has this in it */
} expected;

static const expected cases[] = {
    {"published/02b_dh_for_dc_in_dc_prev", "dc = dc' * f + o * (1 - tanh(c')**2) * f * da'",
     "da' is used; it should be dc'"},
    {"published/04_one_minus_c_squared_output_path_dropped", "dc = dc' * f + o * (1 - tanh(c')**2) * f * h",
     "it should be h, all that reaches a'"},
    {"published/06_gru_gate_paths_to_h_missing", "dh = dh' * (1 - z) + drh * r + Ur.T @ dr_z + Uz.T @ dz_z",
     "Ur.T @ dr_z and Uz.T @ dz_z"},
    {"published/08_parentheses_lost_in_three_gates_extra_cct",
     "di_z = (dc' * g + o * (1 - tanh(c')**2) * g * da') * i * (1 - i)", "parentheses"},
    {"published/09b_elementwise_for_matrix_product", "dWf = df_z @ concat(a, x).T", "* multiplies entry by entry"},
    {"published/10a_tanh_derivative_of_activated_candidate", "dg_z = s * i * (1 - g**2)",
     "1 - tanh(g)**2 should be 1 - g**2"},
    {"published/12_wrong_name_h_and_value_for_gradient", "s = da' * o * (1 - tanh(c')**2) + dc'",
     "f * c should be dc'"},
    {"published/13_sigmoid_without_derivative_flag", "df_z = f * (1 - f) * s * c", "sigmoid(f) is not the derivative"},
    {"published/14_assigned_instead_of_added_dc_dropped", "s = da' * o * (1 - tanh(c')**2) + dc'", "dc'"},
    {"published/19b_divided_by_the_derivative_alone", "df_z = s * c * f * (1 - f)",
     "it is divided by f * (1 - f); it should be multiplied"},
    {"published/20_weights_of_h_transposed",
     "da = Wf[:, :n_a].T @ df_z + Wi[:, :n_a].T @ di_z + Wc[:, :n_a].T @ dg_z + Wo[:, :n_a].T @ "
     "do_z",
     "in 4 places"},
    {"published/22_gru_candidate_path_to_h_missing", "dh = dph + Ur.T @ dsr + Uz.T @ dsz + Uh.T @ dt * r",
     "Uh.T @ dt * r"},
    {"published/25_dc_next_is_df", "dc = s * f", "df_z should be s * f"},
    {"mistakes/bias_axis0", "dbf = sum(df_z, axis=1)", "it should be axis 1 (examples)"},
    {"mistakes/clipping", "dWc = dg_z @ z.T", "clipped"},
    {"mistakes/complement_gate_f_for_1_minus_f", "dc = dh' * (1 - g)", "g is used"},
    {"mistakes/elementwise_for_matmul", "dWc = dc_z @ z.T", "@ is meant"},
    {"mistakes/gates_swapped_but_no_gates", "dQ = dqx @ x.T", "dl is used; it should be dqx"},
    {"mistakes/grad_centred_z_minus_z", "dWc = dc_z @ z.T", "is too many"},
    {"mistakes/mask_inverted", "dq = db' * (q > 0)", "the mask q < 0 is inverted"},
    {"mistakes/mean_by_m", "dbf = sum(df_z, axis=1)", "the division by m is too many"},
    {"mistakes/missing_upstream_s", "df_z = c * f * (1 - f) * s", "the factor s is missing"},
    {"mistakes/shared_local_e_sign", "e = dp + dq", "the sign of dq is wrong"},
    {"mistakes/sigmoid_as_tanh_parentheses", "dq = dg * g * (1 - g)", "g is a sigmoid, and 1 - g**2 belongs to tanh"},
    {"mistakes/slstm_dbi_blamed_on_ei", "dbi = sum(dli, axis=1)", "ei is used"},
    {"mistakes/softmax_diagonal", "dyz = y * (dy - sum(dy * y, axis=0))", "the diagonal"},
    {"mistakes/term_through_mean", "dp = dh' - mean(dh', axis=0)", "a term is missing"},
    {"mistakes/tiny_1e-6", "dd = sum(dq, axis=1)", "too many"},
    {"mistakes/twice_da_zero", "dx = da' * (1 - r) + W.T @ dxt + Wf.T @ df_z + Wr.T @ dr_z", "is there twice"},
    {"mistakes/weight_decay_power3", "dV = dp @ x.T", "the term 0.0001 * V is too many"},
};

/* Owns the words of diagnoses. */
static gt_report words;

static void free_words(void)
{
    gt_report_free(&words);
}

TestSuite(diagnose_cases, .fini = free_words);

static uint32_t diagnose(const char *text, gt_diagnosis *list)
{
    gt_error error = {0};
    uint32_t count;
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_assert_eq(gt_diagnose_cell(parsed, &words, list, MOST, &count, &error), GT_OK, "%s", error.message);
    gt_parsed_cell_free(parsed);
    return count;
}

static char *read_case(const char *file)
{
    char path[512];
    snprintf(path, sizeof path, GT_FIXTURES "/%s.cell", file);
    return read_text(path);
}

Test(diagnose_cases, each_is_found_where_it_was_made_and_said)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gt_diagnosis list[MOST];
        char *text = read_case(cases[i].file);
        uint32_t count = diagnose(text, list), found = count;
        for (uint32_t k = 0; k < count; k++)
            if (strcmp(list[k].repaired, cases[i].repaired) == 0)
                found = k;
        cr_expect_lt(found, count, "%s: %s: %s", cases[i].file, list[0].text, list[0].repaired);
        if (found < count)
            cr_expect(strstr(list[found].text, cases[i].says) != NULL, "%s: %s", cases[i].file, list[found].text);
        free(text);
    }
}

Test(diagnose_cases, following_all_repairs_makes_each_right)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gt_diagnosis list[MOST], after[MOST];
        char *text = read_case(cases[i].file);
        uint32_t count = diagnose(text, list);
        cr_expect_gt(count, 0);
        for (uint32_t k = 0; k < count; k++) {
            char *next = following(text, &list[k]);
            free(text);
            text = next;
        }
        cr_expect_eq(diagnose(text, after), 0, "%s: %s", cases[i].file, after[0].text);
        free(text);
    }
}

Test(diagnose_cases, what_is_right_is_left_alone)
{
    gt_diagnosis list[MOST];
    char *text = read_case("published/00_right_lstm");
    cr_assert_eq(diagnose(text, list), 0, "%s", list[0].text);
    free(text);
}
