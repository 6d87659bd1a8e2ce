/* One number that an owner sets: a ring, two buttons and a slider, for any declared field with a range. */
import { amount } from '../words.js';
import { Icon } from './parts.jsx';

const turn = 270, radius = 88, round = 2 * Math.PI * radius;
const arc = (share) => `${(turn / 360) * round * share} ${round}`;
const spot = (share) => {
	const angle = ((135 + turn * share) * Math.PI) / 180;
	return { cx: 110 + radius * Math.cos(angle), cy: 110 + radius * Math.sin(angle) };
};

export function Dial({ field, label, value, now, change, grey, disabled }) {
	const { min, max, unit } = field;
	const step = field.step || Math.max(1, Math.round((max - min) / 50));
	const share = (v) => Math.min(1, Math.max(0, (v - min) / (max - min)));
	const set = (v) => change(Math.min(max, Math.max(min, v)));
	const known = value ?? min;
	return (
		<div class={grey ? 'dial grey' : 'dial'}>
			<svg viewBox="0 0 220 200" aria-hidden="true" focusable="false">
				<circle class="rail" cx="110" cy="110" r={radius} stroke-dasharray={arc(1)} transform="rotate(135 110 110)" />
				{value !== undefined && <circle class="fill" cx="110" cy="110" r={radius} stroke-dasharray={arc(share(value))} transform="rotate(135 110 110)" />}
				{now !== undefined && <circle class="spot" r="5" {...spot(share(now))} />}
			</svg>
			<div class="reading">
				{now !== undefined && <p class="now"><span class="sr">Now </span>{amount(now, unit, 1)}</p>}
				<p class="target">{value === undefined ? 'not set yet' : `${now === undefined ? '' : 'set to '}${amount(value, unit)}`}</p>
			</div>
			<div class="steps">
				<button type="button" class="round" aria-label={`${label}: less`} disabled={disabled || known <= min} onClick={() => set(known - step)}><Icon name="minus" /></button>
				<input type="range" aria-label={label} min={min / 1000} max={max / 1000} step={step / 1000} value={known / 1000} disabled={disabled}
					aria-valuetext={amount(known, unit)} onInput={(e) => set(Math.round(e.currentTarget.value * 1000))} />
				<button type="button" class="round" aria-label={`${label}: more`} disabled={disabled || known >= max} onClick={() => set(known + step)}><Icon name="plus" /></button>
			</div>
			<p class="ends" aria-hidden="true"><span>{amount(min, unit)}</span><span>{amount(max, unit)}</span></p>
		</div>
	);
}
