/*
 * gradtape check --against, where one mistake explains several arrays: it is said once, in the
 * reports for machines as in the words for people, and every array leads to it.
 */
#include "program.h"
#include "xml.h"

#include "gradtape.h"

#include <jansson.h>

TestSuite(grouped_reports, .init = make_folder, .fini = remove_folder, .timeout = 60);

static void multiply(gt_archive *archive, const char *name, double factor)
{
    gt_array array = gt_archive_find(archive, name);
    cr_assert_not_null(array.data, "%s", name);
    for (int64_t i = 0; i < gt_shape_count(array.shape); i++)
        ((double *)array.data)[i] *= factor;
}

/* NumPy's gradients of an LSTM, with gate f of the wrong sign, and Wo twice what it should be. */
static const char *two_mistakes(void)
{
    static char path[512];
    gt_error error = {0};
    gt_archive *archive = gt_archive_read(GT_FIXTURES "/check_lstm.npz", &error);
    cr_assert_not_null(archive, "%s", error.message);
    multiply(archive, "dWf", -1);
    multiply(archive, "dbf", -1);
    multiply(archive, "dWo", 2);
    snprintf(path, sizeof path, "%s/theirs.npz", folder);
    cr_assert_eq(gt_archive_write(archive, path, false, NULL), GT_OK);
    gt_archive_free(archive);
    return path;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "nothing";
}

static bool names(const json_t *array, const char *name)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (strcmp(json_string_value(json_array_get(array, i)), name) == 0)
            return true;
    return false;
}

/* The explanation with the number that the finding of an array has. */
static const json_t *explanation_of(const json_t *json, const char *array)
{
    size_t i, k;
    const json_t *finding, *explanation;
    json_array_foreach(json_object_get(json, "findings"), i, finding)
    {
        if (strcmp(text_of(finding, "array"), array) != 0)
            continue;
        cr_expect(json_is_null(json_object_get(finding, "diagnosis")), "%s: it is said in the explanation", array);
        json_array_foreach(json_object_get(json, "explanations"), k, explanation)
        {
            if (json_integer_value(json_object_get(explanation, "number")) ==
                json_integer_value(json_object_get(finding, "explanation")))
                return explanation;
        }
    }
    cr_assert_fail("%s has no explanation", array);
    return NULL;
}

Test(grouped_reports, json_says_once_what_explains_several_arrays)
{
    json_error_t error;
    program_run run = RUN("check", "lstm", "--against", two_mistakes(), "--json");
    cr_assert_eq(run.status, 1, "%s", run.errors);
    json_t *json = json_loads(run.output, 0, &error);
    cr_assert_not_null(json, "%s: %s", error.text, run.output);
    cr_expect_str_eq(text_of(json, "verdict"), "wrong");
    cr_expect_eq(json_array_size(json_object_get(json, "findings")), 3);
    cr_expect_eq(json_array_size(json_object_get(json, "explanations")), 2);

    const json_t *sign = explanation_of(json, "dWf"), *factor = explanation_of(json, "dWo");
    cr_expect_eq(explanation_of(json, "dbf"), sign);
    cr_expect_eq(json_array_size(json_object_get(sign, "arrays")), 2);
    cr_expect(names(json_object_get(sign, "arrays"), "dWf"));
    cr_expect(names(json_object_get(sign, "arrays"), "dbf"));
    cr_expect_str_eq(text_of(json_object_get(sign, "diagnosis"), "kind"), "wrong sign");
    cr_expect_eq(json_array_size(json_object_get(factor, "arrays")), 1);
    cr_expect(names(json_object_get(factor, "arrays"), "dWo"));
    cr_expect_str_eq(text_of(json_object_get(factor, "diagnosis"), "kind"), "constant factor");
    json_decref(json);
    free_run(run);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        count++;
    return count;
}

/* One failure in a case, as the schema of JUnit wants it; the others stand in its output. */
Test(grouped_reports, junit_has_one_failure_for_all_arrays)
{
    const char *path = path_of("report.xml");
    program_run run = RUN("check", "lstm", "--against", two_mistakes(), "--junit", path);
    cr_assert_eq(run.status, 1, "%s", run.errors);
    char *text = read_text(path);
    cr_expect(xml_is_well_formed(text), "%s", text);
    cr_expect_not_null(strstr(text, "tests=\"6\" failures=\"1\" errors=\"0\""), "%s", text);
    cr_expect_eq(count_of(text, "<failure "), 1);
    const char *failure = strstr(text, "<failure "), *others = strstr(text, "<system-out>");
    cr_assert(failure != NULL && others != NULL && failure < others, "%s", text);
    const char *group = strstr(failure, "dbf and dWf"), *sign = strstr(failure, "the sign of the whole array is wrong");
    cr_expect(group != NULL && group < others, "%s", text);
    cr_expect(sign != NULL && sign < others, "%s", text);
    cr_expect_not_null(strstr(others, "wrong: dWo"), "%s", text);
    cr_expect_not_null(strstr(others, "2 times what it should be"), "%s", text);
    cr_expect_eq(count_of(text, "the sign of the whole array is wrong"), 1, "it is said once: %s", text);
    free(text);
    free_run(run);
}
