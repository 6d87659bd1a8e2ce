#include "cli/label_picture.h"

#include <errno.h>
#include <fcntl.h>
#include <png.h>
#include <qrencode.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/files.h"

enum { FINGERPRINT = 52 };      /* characters of its base 32 */
enum { QUIET = 4, PIXELS = 8 }; /* the white border in modules; a module's size in the PNG */

/* What one label is drawn from. */
struct drawing {
	const QRcode *qr;
	const struct keel_label_words *words;
	char text[KEEL_LABEL_TEXT_SIZE]; /* what the QR code holds */
	char code[KEEL_CODE_TEXT_SIZE];
	char id[KEEL_ID_TEXT_SIZE];
};

/* The second part of the text, which the label shows as well: who cannot scan types it. */
static const char *thumbprint_of(const struct drawing *d)
{
	return strchr(strchr(d->text, ':') + 1, ':') + 1;
}

static bool dark(const QRcode *qr, int x, int y)
{
	x -= QUIET;
	y -= QUIET;
	return x >= 0 && y >= 0 && x < qr->width && y < qr->width &&
	       (qr->data[y * qr->width + x] & 1) != 0;
}

static int side(const QRcode *qr)
{
	return qr->width + 2 * QUIET;
}

static void draw_text(FILE *out, const struct drawing *d)
{
	(void)fprintf(out, "%s\n", d->text);
}

/* Two modules a character, dark on light whatever the terminal's colours are. */
static void draw_terminal(FILE *out, const struct drawing *d)
{
	static const char *const halves[] = { "█", "▀", "▄",
		" " }; /* 2: the upper is dark, 1: the lower */
	(void)fprintf(
		out, "%s  %s  serial %s\n\n", d->words->maker, d->words->model, d->words->serial);
	for (int y = 0; y < side(d->qr); y += 2) {
		for (int x = 0; x < side(d->qr); x++)
			(void)fputs(halves[2 * dark(d->qr, x, y) + dark(d->qr, x, y + 1)], out);
		(void)fputc('\n', out);
	}
	(void)fprintf(out,
		"\nDevice id    %s\nFingerprint  %.*s\nClaim code   %s\n"
		"All in one   %s\n",
		d->id, FINGERPRINT, thumbprint_of(d), d->code, d->text);
}

static void draw_svg_text(FILE *out, const char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '<' || *s == '&')
			(void)fprintf(out, *s == '<' ? "&lt;" : "&amp;");
		else
			(void)fputc(*s, out);
}

static void draw_svg(FILE *out, const struct drawing *d)
{
	int n = side(d->qr);
	(void)fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%dmm\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n<path d=\"",
		n, n + 26, n);
	for (int y = 0; y < n; y++)
		for (int x = 0; x < n; x++)
			if (dark(d->qr, x, y))
				(void)fprintf(out, "M%d %dh1v1h-1z", x, y);
	(void)fputs(
		"\"/>\n<g font-family=\"monospace\" font-size=\"2.6\">\n<text x=\"4\" y=\"", out);
	(void)fprintf(out, "%d\">", n);
	draw_svg_text(out, d->words->maker);
	(void)fputc(' ', out);
	draw_svg_text(out, d->words->model);
	(void)fprintf(out, "</text>\n<text x=\"4\" y=\"%d\">serial ", n + 4);
	draw_svg_text(out, d->words->serial);
	const char *lines[] = { "", d->id, thumbprint_of(d), thumbprint_of(d) + FINGERPRINT / 2 };
	(void)fprintf(out, "</text>\n<text x=\"4\" y=\"%d\">%s</text>\n", n + 8, d->code);
	for (int i = 1; i < (int)KEEL_COUNT(lines); i++)
		(void)fprintf(out, "<text x=\"4\" y=\"%d\">%.*s</text>\n", n + 9 + 4 * i,
			FINGERPRINT / 2, lines[i]);
	(void)fputs("</g>\n</svg>\n", out);
}

static bool write_png_rows(png_structp png, png_infop info, FILE *out, const QRcode *qr)
{
	uint8_t row[(177 + 2 * QUIET) * PIXELS]; /* the largest QR code there is */
	int n = side(qr);
	if (setjmp(png_jmpbuf(png)) != 0)
		return false;
	png_init_io(png, out);
	png_set_IHDR(png, info, (png_uint_32)(n * PIXELS), (png_uint_32)(n * PIXELS), 8,
		PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
		PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (int y = 0; y < n * PIXELS; y++) {
		for (int x = 0; x < n * PIXELS; x++)
			row[x] = dark(qr, x / PIXELS, y / PIXELS) ? 0 : 255;
		png_write_row(png, row);
	}
	png_write_end(png, info);
	return true;
}

static void draw_png(FILE *out, const struct drawing *d)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	KEEL_MUST(png != NULL);
	png_infop info = png_create_info_struct(png);
	KEEL_MUST(info != NULL);
	/* The stream remembers a failed write; the caller looks. */
	(void)write_png_rows(png, info, out, d->qr);
	png_destroy_write_struct(&png, &info);
}

static enum keel_err save(const char *prefix, const char *ending, const struct drawing *d,
	void (*draw)(FILE *out, const struct drawing *d), struct keel_fault *fault)
{
	char path[512];
	FILE *out = NULL;
	int n = snprintf(path, sizeof(path), "%s%s", prefix, ending);
	errno = ENAMETOOLONG; /* where it is cut */
	if (n > 0 && (size_t)n < sizeof(path)) {
		(void)unlink(path);
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		out = fd < 0 ? NULL : fdopen(fd, "w");
	}
	if (out != NULL)
		draw(out, d);
	bool failed = out == NULL || ferror(out) != 0;
	return (out != NULL && fclose(out) != 0) || failed
		       ? keel_file_failed(fault, "write the label", path)
		       : KEEL_OK;
}

enum keel_err keel_label_pictures(const char *prefix, const struct keel_label *label,
	const struct keel_label_words *words, struct keel_fault *fault)
{
	struct drawing d = { .words = words };
	keel_label_write(label, d.text);
	keel_code_write(&label->code, d.code);
	keel_id_write(label->id, d.id);
	QRcode *qr = QRcode_encodeString(d.text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	KEEL_MUST(qr != NULL);
	d.qr = qr;
	enum keel_err e = save(prefix, ".txt", &d, draw_text, fault);
	if (e == KEEL_OK)
		e = save(prefix, "-terminal.txt", &d, draw_terminal, fault);
	if (e == KEEL_OK)
		e = save(prefix, ".svg", &d, draw_svg, fault);
	if (e == KEEL_OK)
		e = save(prefix, ".png", &d, draw_png, fault);
	QRcode_free(qr);
	keel_wipe(&d, sizeof(d));
	return e;
}
