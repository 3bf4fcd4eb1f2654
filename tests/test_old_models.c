/*
 * Models of version 1 of their format. This one is by the program before "Train on all of a text":
 *   train --text text --cell handing.cell --save version_1.npz --iterations 900 --hidden 8
 *     --embedding 8 --layers 2 --batch 2 --steps 8 --warmup 2 --lr 0.02 --engine interpreter
 * of a cell with an output, which such programs ignored, on 40 lines as the one below.
 */
#include "training.h"

#include "gradtape.h"
#include "io/members.h"

TestSuite(old_models, .init = make_folder, .fini = remove_folder, .timeout = 60);

#define LINE "the cell forgets what it was told; a gate opens\n"
#define VERSION_1 GT_FIXTURES "/version_1.npz"

/* The words are learnt by heart: any other reading of the model gives others. */
static void expect_sample(const char *path)
{
    program_run run = RUN("sample", "--model", path, "--prompt", "the ", "--length", "60", "--temperature", "0.3");
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_eq(strncmp(run.output, LINE "the cell forgets", strlen(LINE) + 16), 0, "%s", run.output);
    free_run(run);
}

Test(old_models, are_sampled_as_they_were_trained)
{
    expect_sample(VERSION_1);
}

static void copy_model(void)
{
    file_bytes file = read_file(VERSION_1);
    write_file(model, file.bytes, file.size);
    free(file.bytes);
}

Test(old_models, go_on_in_the_present_version_and_still_ignore_outputs)
{
    name_paths();
    write_pattern("text", LINE, 40);
    copy_model();
    program_run run = TRAIN("--resume", "--save", model, "--text", text, "--iterations", "905");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.errors, "each layer hands on h: a model of this age ignores the output y"), "%s",
                       run.errors);
    free_run(run);
    gt_error error;
    gt_archive *archive = gt_archive_read(model, &error);
    cr_assert_not_null(archive, "%s", error.message);
    const char *json = gt_archive_text(archive, "model.json");
    cr_expect_not_null(strstr(json, "\"version\": 3,"), "%s", json);
    cr_expect_not_null(strstr(json, "\"ignores_outputs\": true"), "%s", json);
    cr_expect_not_null(strstr(json, "\"iteration\": 905"), "%s", json);
    gt_archive_free(archive);
    expect_sample(model);
}

/* The same arrays under the present version lack what its layers would hand on. */
Test(old_models, are_told_apart_by_their_version)
{
    name_paths();
    gt_error error;
    gt_archive *archive = gt_archive_read(VERSION_1, &error);
    cr_assert_not_null(archive, "%s", error.message);
    char *json = strdup(gt_archive_text(archive, "model.json")), *version = strstr(json, "\"version\": 1");
    cr_assert_not_null(version);
    version[strlen("\"version\": ")] = '2';
    cr_assert_eq(gt_archive_add_text(archive, "model.json", json, &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_archive_write(archive, other_model, false, &error), GT_OK, "%s", error.message);
    gt_archive_free(archive);
    free(json);
    expect_failure(RUN("sample", "--model", other_model), 2,
                   "its parameters have 579 numbers, but its settings call for 707");
}
