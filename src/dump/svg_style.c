/*
 * How things look. Colours: soft tints of Okabe and Ito's palette, which the colour-blind can tell
 * apart; every kind has a shape of its own besides. A reader's dark mode turns light and dark over.
 */
#include "dump/svg.h"

static const char style[] =
    "<style>\n"
    "text{font:11px \"DejaVu Sans\",Verdana,sans-serif;fill:#1a1a1a;text-anchor:middle}\n"
    ".name,.cluster text,.legend .title{font-weight:bold}\n"
    ".detail{font-size:9px}\n"
    ".shape{font-size:8px;fill:#4d4d4d}\n"
    ".ground{fill:#fff}\n"
    ".cluster rect{fill:#f7f7f7;stroke:#bbb}\n"
    ".cluster text{font-size:13px;fill:#444;text-anchor:start}\n"
    ".fold text{font-size:13px;fill:#444}\n"
    ".group rect{fill:none;stroke:#ccc}\n"
    ".legend text{text-anchor:start}\n"
    ".edge path{fill:none;stroke:#555;stroke-width:.9}\n"
    ".edge.state path{stroke:#b0558a;stroke-width:1.5}\n"
    ".edge.adjoint path{stroke:#d55e00;stroke-dasharray:4 2}\n"
    ".edge.carried path{stroke-width:1.5;stroke-dasharray:none}\n"
    ".edge.next path{stroke-width:1.6;stroke-dasharray:6 3}\n"
    ".edge.read path{stroke:#888;stroke-width:.8;stroke-dasharray:1 2}\n"
    "#arrow-value path{fill:#555}#arrow-state path{fill:#b0558a}\n"
    "#arrow-adjoint path{fill:#d55e00}#arrow-read path{fill:#888}\n"
    ".operation .box{fill:#dcecf8;stroke:#0072b2}\n"
    ".input .box{fill:#cdebe0;stroke:#008a63}\n"
    ".parameter .box{fill:#fbf3c4;stroke:#8f7b00}\n"
    ".state .box{fill:#f1dce8;stroke:#b0558a}\n"
    ".constant .box{fill:#fff;stroke:#777}\n"
    ".backward .box{fill:#fbe2d2;stroke:#d55e00;stroke-dasharray:4 2}\n"
    ".node.result .box{stroke-width:2.4;stroke-dasharray:none}\n"
    ".node .joined .box{stroke-width:1}\n"
    "@media (prefers-color-scheme:dark){\n"
    "text{fill:#ececec}.shape{fill:#b8b8b8}.ground{fill:#16181c}\n"
    ".cluster rect{fill:#1e2127;stroke:#4a4f58}.cluster text,.fold text{fill:#c8c8c8}\n"
    ".group rect{stroke:#4f545d}\n"
    ".edge path{stroke:#aaa}.edge.state path{stroke:#e39ac6}.edge.adjoint path{stroke:#ff9a52}\n"
    ".edge.read path{stroke:#8d8d8d}\n"
    "#arrow-value path{fill:#aaa}#arrow-state path{fill:#e39ac6}\n"
    "#arrow-adjoint path{fill:#ff9a52}#arrow-read path{fill:#8d8d8d}\n"
    ".operation .box{fill:#14344c;stroke:#58b0ec}\n"
    ".input .box{fill:#0f3d30;stroke:#3fcf9f}\n"
    ".parameter .box{fill:#413a0c;stroke:#d9c23a}\n"
    ".state .box{fill:#45243a;stroke:#e39ac6}\n"
    ".constant .box{fill:#16181c;stroke:#999}\n"
    ".backward .box{fill:#4a2710;stroke:#ff9a52}\n"
    "}\n"
    "</style>\n";

static void write_arrow(gt_text *text, const char *name)
{
    gt_text_print(text,
                  "<marker id=\"arrow-%s\" viewBox=\"0 0 8 6\" refX=\"7.6\" refY=\"3\" markerWidth=\"7\" "
                  "markerHeight=\"5.2\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L8 3L0 6z\"/>"
                  "</marker>\n",
                  name);
}

void gt_svg_write_style(gt_text *text)
{
    gt_text_put(text, style, sizeof style - 1);
    gt_text_print(text, "<defs>\n");
    write_arrow(text, "value");
    write_arrow(text, "state");
    write_arrow(text, "adjoint");
    write_arrow(text, "read");
    gt_text_print(text, "</defs>\n");
}
