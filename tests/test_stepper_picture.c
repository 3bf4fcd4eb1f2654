/* Pictures as a page that is stepped through has them: what is left out of a drawing, and drawings that lack something.
 */
#include "stepper/stepping.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void expect_common(const char *picture, const char *expected)
{
    gt_text text = {0};
    gt_stepping_write_common(picture, &text);
    cr_assert_not(text.failed);
    cr_expect_not_null(strstr(text.bytes, expected), "expected: %s\nbut it wrote: %s", expected, text.bytes);
    gt_text_free(&text);
}

static void expect_picture(const char *picture, const char *prefix, const char *expected)
{
    gt_text text = {0};
    gt_stepping_write_picture(picture, prefix, "a picture", &text);
    cr_assert_not(text.failed);
    cr_expect_str_eq(text.bytes == NULL ? "" : text.bytes, expected);
    gt_text_free(&text);
}

#define GROUND "<rect class=\"ground\"/>"
#define HEAD "<svg viewBox=\"0 0 10 20\" width=\"10\" height=\"20\" role=\"img\" aria-label=\"a picture\">\n" GROUND
#define OPENS "<svg viewBox=\"0 0 10.2 19.7\">" GROUND

Test(stepper_picture, what_all_have_in_common)
{
    static const char none[] = "id=\"p-common\"></svg>";
    expect_common("<svg><style>a</style><defs>b</defs></svg>", "<style>a</style><defs>b</defs></svg>");
    expect_common("<svg><defs>b</defs></svg>", "id=\"p-common\"><defs>b</defs></svg>");
    expect_common("<svg><style>a</style></svg>", "id=\"p-common\"><style>a</style></svg>");
    expect_common("<svg></svg>", none);
    expect_common("<svg><style>a", none);
}

Test(stepper_picture, is_nothing_without_a_size)
{
    expect_picture("<svg></svg>", "", "");
    expect_picture("<svg viewBox=\"0 0 10", "", "");
}

Test(stepper_picture, places_are_whole_numbers)
{
    expect_picture(OPENS "<a x=\"1.4\" y=\"2.6\" width=\"50%\"/></svg>", "",
                   HEAD "<a x=\"1\" y=\"3\" width=\"50%\"/></svg>");
    expect_picture(OPENS "<a id=\"n1\"/></svg>", "p-", HEAD "<a id=\"p-n1\"/></svg>");
}

Test(stepper_picture, words_are_left_out)
{
    expect_picture(OPENS "<a><title>words</title><text class=\"shape\">(2)</text></a></svg>", "", HEAD "<a></a></svg>");
    expect_picture(OPENS "<title>open</svg>", "", HEAD "<title>open</svg>");
}

/* Steps the same way are one, and the way back is another. */
Test(stepper_picture, paths)
{
    static const struct {
        const char *path, *written;
    } paths[] = {
        {"M1 2L3 2L7 2", "M1 2h6"},
        {"M1 2L1 5L1 9", "M1 2v7"},
        {"M1 2L5 2L3 2", "M1 2h4h-2"},
        {"M1 2L1 9L1 5", "M1 2v7v-4"},
        {"M1 2L3 4L2 1", "M1 2l2 2l-1-3"},
        {"M1 2L3 4z", "M1 2l2 2z"},
        {"M0 0C1 1 2 -2 3 3", "M0 0c1 1 2-2 3 3"},
        {"M5 5C4 4 3 3 2 2", "M5 5c-1-1-2-2-3-3"},
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char picture[200], expected[300];
        snprintf(picture, sizeof picture, OPENS "<path d=\"%s\"/></svg>", paths[i].path);
        snprintf(expected, sizeof expected, HEAD "<path d=\"%s\"/></svg>", paths[i].written);
        expect_picture(picture, "", expected);
    }
    expect_picture(OPENS "<path d=\"M1 2L3 2", "", HEAD "<path d=\"M1 2h2");
}

Test(stepper_picture, elements_of_a_kind_share_their_class)
{
    expect_picture(OPENS "<g id=\"e3\" class=\"edge value\"><title>t</title><path d=\"M0 0L2 0\" fill=\"x\"/></g>\n"
                         "<g id=\"e4\" class=\"edge value\"><path d=\"M0 0L0 3\"/></g>\n"
                         "<g id=\"e5\" class=\"edge other\"><path d=\"M0 0L0 4\"/></g>\n</svg>",
                   "q-",
                   HEAD "<g class=\"edge value\">\n<path id=\"q-e3\" d=\"M0 0h2\"/>\n<path id=\"q-e4\" d=\"M0 0v3\"/>\n"
                        "</g>\n<g class=\"edge other\">\n<path id=\"q-e5\" d=\"M0 0v4\"/>\n</g>\n</svg>");
    expect_picture(OPENS "<g id=\"g3\" class=\"group\"><rect x=\"1\" y=\"2\" width=\"3\" height=\"4\"/></g>\n</svg>",
                   "", HEAD "<g class=\"groups\">\n<path d=\"M1 2h3v4h-3z\"/></g>\n</svg>");
    expect_picture(OPENS "<rect class=\"box\" x=\"1\" y=\"2\" width=\"3\" height=\"4\"/></svg>", "",
                   HEAD "<path class=\"box\" d=\"M1 2h3v4h-3z\"/></svg>");
}

/* What is not as a drawing has it stays as it is. */
Test(stepper_picture, elements_that_lack_something)
{
    static const char *const elements[] = {
        "<g id=\"e3\" class=\"node\"><path/></g>\n",
        "<g id=\"e3\" class=\"edge value\"></g>\n",
        "<rect class=\"box\" x=\"1\"/>",
        "<rect class=\"box\" x=\"1\" y=\"2\" width=\"3\"/><a height=\"4\"/>",
        "<g id=\"g3\" class=\"group\"></g>\n",
    };
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
        char picture[200], expected[300];
        snprintf(picture, sizeof picture, OPENS "%s</svg>", elements[i]);
        snprintf(expected, sizeof expected, HEAD "%s</svg>", elements[i]);
        expect_picture(picture, "", expected);
    }
}

/* It is that of the first picture. */
Test(stepper_picture, a_legend_is_there_once)
{
    expect_picture(OPENS "<a/><g class=\"legend\"><b/></g></svg>", "q-", HEAD "<a/></svg>");
    expect_picture(OPENS "<a/><g class=\"legend\"><b/></g></svg>", "", HEAD "<a/><g class=\"legend\"><b/></g></svg>");
}
