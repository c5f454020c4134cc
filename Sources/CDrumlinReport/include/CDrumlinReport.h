#ifndef C_DRUMLIN_REPORT_H
#define C_DRUMLIN_REPORT_H

#include <stddef.h>
#include <stdint.h>

// The parts of the page that shows a report, as they are in the folder `page`: in the program itself, since resource
// bundles would make files of it that have to lie beside it.
enum drumlin_report_part { drumlin_report_markup, drumlin_report_style, drumlin_report_script };

// The bytes of a part, UTF-8; `count` is set to their number.
const uint8_t *_Nonnull drumlin_report_page(enum drumlin_report_part part, size_t *_Nonnull count);

#endif
