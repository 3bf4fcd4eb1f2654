/* gradtape check of what it cannot check: reports for machines say why, as the words for people do.
 */
#include "program.h"
#include "xml.h"

#include <jansson.h>

TestSuite(refused_reports, .init = make_folder, .fini = remove_folder, .timeout = 60);

static const char *write_cell(const char *name, const char *text)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    cr_assert_eq(fclose(file), 0);
    return path;
}

static const char two_mistakes[] = "cell bad\n"
                                   "  input x[n_x]\n"
                                   "  state a[n_a]\n"
                                   "  param W[n_a, n_a], U[n_a, n_x], b[n_a], V[n_a]\n"
                                   "  q  = W @ a\n"
                                   "  r  = W @ a + c < 1\n"
                                   "  a' = tanhh(W @ a + U @ x)\n";

/* Right forward, and a product that does not fit in the backward block. */
static const char unfit[] = "cell unfit\n"
                            "  input x[n_x]\n"
                            "  state a[n_a]\n"
                            "  param W[n_a, n_a], U[n_a, n_x]\n"
                            "  q  = W @ a\n"
                            "  a' = tanh(q + U @ x)\n"
                            "backward\n"
                            "  dz = da' * (1 - a'**2)\n"
                            "  dW = dz @ a\n"
                            "  dU = dz @ x.T\n"
                            "  da = W.T @ dz\n"
                            "  dx = U.T @ dz\n";

/* ---- JSON ---------------------------------------------------------------------------------- */

/* What `check` prints in JSON when it gives no verdict. */
static json_t *refusal_of(program_run run)
{
    cr_assert_eq(run.status, 2, "status %d: %s", run.status, run.errors);
    json_error_t error;
    json_t *json = json_loads(run.output, 0, &error);
    cr_assert_not_null(json, "%s: %s", error.text, run.output);
    cr_expect_str_eq(json_string_value(json_object_get(json, "command")), "check");
    cr_expect(json_is_null(json_object_get(json, "verdict")));
    free_run(run);
    return json;
}

static const char *text_at(const json_t *array, size_t i, const char *key)
{
    const char *text = json_string_value(json_object_get(json_array_get(array, i), key));
    return text != NULL ? text : "nothing";
}

static void expect_place(const json_t *array, size_t i, const char *file, int line, int column)
{
    const json_t *place = json_object_get(json_array_get(array, i), "place");
    cr_expect_str_eq(json_string_value(json_object_get(place, "file")), file);
    cr_expect_eq(json_integer_value(json_object_get(place, "line")), line);
    cr_expect_eq(json_integer_value(json_object_get(place, "column")), column);
}

Test(refused_reports, json_has_every_mistake_and_its_place)
{
    const char *path = write_cell("bad.cell", two_mistakes);
    json_t *json = refusal_of(RUN("check", path, "--json")), *errors = json_object_get(json, "errors");
    cr_expect_str_eq(json_string_value(json_object_get(json, "source")), path);
    cr_assert_eq(json_array_size(errors), 2);
    cr_expect_str_eq(text_at(errors, 0, "message"), "there is no name c");
    expect_place(errors, 0, path, 6, 16);
    cr_expect_str_eq(text_at(errors, 1, "message"), "there is no function tanhh");
    cr_expect_str_eq(text_at(errors, 1, "hint"), "did you mean tanh?");
    expect_place(errors, 1, path, 7, 8);
    cr_expect_eq(json_array_size(json_object_get(json, "explanations")), 0);
    json_decref(json);
}

Test(refused_reports, json_tells_the_likely_mistake)
{
    const char *path = write_cell("unfit.cell", unfit);
    json_t *json = refusal_of(RUN("check", path, "--json"));
    json_t *errors = json_object_get(json, "errors"), *likely = json_object_get(json, "explanations");
    cr_assert_eq(json_array_size(errors), 1);
    expect_place(errors, 0, path, 9, 8);
    cr_assert_eq(json_array_size(likely), 1);
    cr_expect_str_eq(text_at(likely, 0, "kind"), "transposed");
    cr_expect_str_eq(text_at(likely, 0, "repaired"), "dW = dz @ a.T");
    expect_place(likely, 0, path, 9, 13);
    json_decref(json);
}

/* A gradient of another shape is a warning, beside an error elsewhere. */
Test(refused_reports, json_tells_warnings)
{
    const char *path = write_cell("warned.cell", "cell warned\n  input x[n_x]\n  state a[n_a]\n  param U[n_a, n_x]\n"
                                                 "  a' = tanh(U @ x + a)\nbackward\n  dz = da' * (1 - a'**2)\n"
                                                 "  dx = dz\n  da = dy\n");
    json_t *json = refusal_of(RUN("check", path, "--json")), *warnings = json_object_get(json, "warnings");
    cr_expect_eq(json_array_size(json_object_get(json, "errors")), 1);
    cr_assert_eq(json_array_size(warnings), 1);
    cr_expect_str_eq(text_at(warnings, 0, "message"), "dx is (n_a, m) = (5, m) but x is (n_x, m) = (3, m)");
    expect_place(warnings, 0, path, 8, 3);
    json_decref(json);
}

/* What is wrong with arguments has no place in a text. */
Test(refused_reports, json_of_what_is_no_text)
{
    const struct {
        program_run run;
        const char *message;
    } cases[] = {
        {RUN("check", "rnn", "--json", "--dims", "q=3"), "--dims: rnn has no dimension 'q'; it has n_x, n_a, n_y"},
        {RUN("check", "lsmt", "--json"), "there is no cell 'lsmt'; did you mean 'lstm'?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *json = refusal_of(cases[i].run), *errors = json_object_get(json, "errors");
        cr_assert_eq(json_array_size(errors), 1);
        cr_expect_str_eq(text_at(errors, 0, "message"), cases[i].message);
        cr_expect(json_is_null(json_object_get(json_array_get(errors, 0), "place")));
        json_decref(json);
    }
}

/* ---- JUnit --------------------------------------------------------------------------------- */

static char *junit_of(const char *cell, int status)
{
    program_run run = RUN("check", cell, "--junit", path_of("report.xml"));
    cr_assert_eq(run.status, status, "status %d: %s", run.status, run.errors);
    free_run(run);
    char *text = read_text(path_of("report.xml"));
    cr_expect(xml_is_well_formed(text), "%s", text);
    return text;
}

static void expect_in(const char *text, const char *part)
{
    cr_expect_not_null(strstr(text, part), "expected: %s\nin: %s", part, text);
}

Test(refused_reports, junit_is_one_case_with_all_reasons)
{
    char line[600];
    const char *path = write_cell("bad.cell", two_mistakes);
    char *text = junit_of(path, 2);
    expect_in(text, "tests=\"1\" failures=\"0\" errors=\"1\"");
    expect_in(text, "<error type=\"refused\" message=\"there is no name c\">");
    snprintf(line, sizeof line, "%s:7:8: there is no function tanhh; hint: did you mean tanh?&#10;", path);
    expect_in(text, line);
    snprintf(line, sizeof line, "%s:6:16: there is no name c", path);
    expect_in(text, line);
    free(text);
}

Test(refused_reports, junit_of_what_is_no_text)
{
    char *text = junit_of("lsmt", 2);
    expect_in(text, "<error type=\"refused\" message=\"there is no cell 'lsmt'; did you mean 'lstm'?\">"
                    "there is no cell 'lsmt'; did you mean 'lstm'?</error>");
    free(text);
}

/* Markup, characters beyond ASCII, and bytes that are no text. */
Test(refused_reports, junit_keeps_characters_and_stays_well_formed)
{
    char *text = junit_of(write_cell("größe.cell", "cell bad\n  input x[n]\n  state a[n]\n  a' = a + x’\n"), 2);
    expect_in(text, "größe.cell");
    expect_in(text, "’");
    free(text);
    text = junit_of(write_cell("<&\">.cell", "cell bad\n  input x[n]\n  state a[n]\n  a' = a + q\n"), 2);
    expect_in(text, "/&lt;&amp;&quot;&gt;.cell");
    free(text);
    text = junit_of(write_cell("\xff\x1b.cell", "cell bad\n  input x[n]\n  state a[n]\n  a' = a + q\n"), 2);
    expect_in(text, "/??.cell");
    free(text);
}
