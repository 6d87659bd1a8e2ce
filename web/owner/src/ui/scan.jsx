/* The camera, and a worker that looks for a QR code in its pictures. Pictures never leave this phone. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { script } from '../guard.js';
import { Notice } from './parts.jsx';

const side = 640;

export function Scan({ found }) {
	const video = useRef();
	const [error, setError] = useState('');
	useEffect(() => {
		const worker = new Worker(script(SCANNER));
		const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
		const context = canvas.getContext('2d', { willReadFrequently: true });
		let stream, alive = true;

		function look() {
			const v = video.current;
			if (!alive || !v) return;
			if (v.readyState < 2) return setTimeout(look, 100);
			const square = Math.min(v.videoWidth, v.videoHeight);
			context.drawImage(v, (v.videoWidth - square) / 2, (v.videoHeight - square) / 2, square, square, 0, 0, side, side);
			const { data } = context.getImageData(0, 0, side, side);
			worker.postMessage({ pixels: data.buffer, width: side, height: side }, [data.buffer]);
		}
		worker.onmessage = ({ data }) => {
			if (alive && data) setError(found(data) ?? '');
			setTimeout(look, 80);
		};
		navigator.mediaDevices?.getUserMedia({ video: { facingMode: 'environment' } }).then((s) => {
			stream = s;
			if (!alive) return s.getTracks().forEach((t) => t.stop());
			video.current.srcObject = s;
			video.current.play().then(look);
		}).catch(() => setError('The camera is not available. You can type the label instead.'));
		return () => {
			alive = false;
			worker.terminate();
			stream?.getTracks().forEach((t) => t.stop());
		};
	}, []);
	return (
		<div class="scan">
			<video ref={video} muted playsInline aria-label="Camera picture" />
			<p class="hint">Hold the square code of the label into the frame.</p>
			{error && <Notice kind="warn">{error}</Notice>}
		</div>
	);
}
