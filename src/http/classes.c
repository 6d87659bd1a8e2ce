#include "http/head.h"

#define ALNUM (IN_TOKEN | IN_VALUE | IN_TARGET | IN_HOST)
#define HEX   (ALNUM | IS_HEX)
#define TT    (IN_TOKEN | IN_VALUE | IN_TARGET)
#define TV    (IN_TOKEN | IN_VALUE)
#define VG    (IN_VALUE | IN_TARGET)

/* clang-format off */
const uint8_t keel_http_class_of[256] = {
	['\t'] = IN_VALUE, [' '] = IN_VALUE, ['"'] = IN_VALUE, ['<'] = IN_VALUE, ['>'] = IN_VALUE,
	['['] = IN_VALUE, [']'] = IN_VALUE, ['{'] = IN_VALUE, ['}'] = IN_VALUE, ['\\'] = IN_VALUE,
	['!'] = TT, ['$'] = TT, ['%'] = TT, ['&'] = TT, ['\''] = TT, ['*'] = TT, ['+'] = TT,
	['_'] = TT, ['~'] = TT, ['-'] = TT | IN_HOST, ['.'] = TT | IN_HOST,
	['#'] = TV, ['^'] = TV, ['`'] = TV, ['|'] = TV,
	['('] = VG, [')'] = VG, [','] = VG, ['/'] = VG, [':'] = VG, [';'] = VG, ['='] = VG, ['?'] = VG, ['@'] = VG,
	['0' ... '9'] = HEX, ['A' ... 'F'] = HEX, ['a' ... 'f'] = HEX,
	['G' ... 'Z'] = ALNUM, ['g' ... 'z'] = ALNUM,
	[0x80 ... 0xff] = IN_VALUE,
};
/* clang-format on */
