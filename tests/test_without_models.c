/* A build without libzip or jansson cannot save models: it says so before it trains, not after. */
#include "training.h"

TestSuite(without_models, .init = make_folder, .fini = remove_folder);

Test(without_models, train_says_which_library_is_missing)
{
    name_paths();
    program_run run = TRAIN("--text", text, "--save", model, "--iterations", "1", SMALL);
    cr_expect_not_null(strstr(run.errors, "which this build lacks: build with -D"), "%s", run.errors);
    expect_failure(run, 2, "model files need the library");
    cr_expect(access(model, F_OK) != 0);
}
