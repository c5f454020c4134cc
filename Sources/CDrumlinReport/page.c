#include "CDrumlinReport.h"

// `#embed` is C23; older modes of clang have it as an extension.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t markup[] = {
#embed "page/report.html"
};

static const uint8_t style[] = {
#embed "page/report.css"
};

// One script: in this order each part uses those before it.
static const uint8_t script[] = {
#embed "page/base.js" suffix(,)
#embed "page/timechart.js" suffix(,)
#embed "page/columns.js" suffix(,)
#embed "page/sections.js" suffix(,)
#embed "page/report.js"
};

const uint8_t *drumlin_report_page(enum drumlin_report_part part, size_t *count) {
    switch (part) {
    case drumlin_report_style: *count = sizeof style; return style;
    case drumlin_report_script: *count = sizeof script; return script;
    case drumlin_report_markup: break;
    }
    *count = sizeof markup;
    return markup;
}
