/* Finds a QR code in a camera picture, away from the thread that draws the page. */
import jsQR from 'jsqr';

self.onmessage = ({ data: { pixels, width, height } }) => {
	const found = jsQR(new Uint8ClampedArray(pixels), width, height, { inversionAttempts: 'attemptBoth' });
	self.postMessage(found?.data ?? '');
};
