/* A camera film of one QR code (YUV4MPEG2), for Chromium's fake camera. */
import { writeFileSync } from 'node:fs';
import qrcode from 'qrcode-generator';

export function film(file, text, width = 640, height = 480) {
	const qr = qrcode(0, 'M');
	qr.addData(text);
	qr.make();
	const n = qr.getModuleCount(), size = Math.floor(height * 0.8 / n);
	const left = Math.floor((width - n * size) / 2), top = Math.floor((height - n * size) / 2);
	const y = Buffer.alloc(width * height, 225);
	for (let r = 0; r < n * size; r++)
		for (let c = 0; c < n * size; c++)
			if (qr.isDark(Math.floor(r / size), Math.floor(c / size))) y[(top + r) * width + left + c] = 30;
	const frame = Buffer.concat([Buffer.from('FRAME\n'), y, Buffer.alloc(width * height / 2, 128)]);
	writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), ...Array(5).fill(frame)]));
}
