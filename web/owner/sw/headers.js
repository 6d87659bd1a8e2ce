/*
 * The headers of the app's files. A signature covers bytes, not headers, so the guard sends its own and
 * none of the server's: what may run and where it may talk to is the same whoever serves the files.
 */
const types = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', json: 'application/json', svg: 'image/svg+xml', png: 'image/png',
	webmanifest: 'application/manifest+json' };

/* The homes that /config.json names, and the services that carry to them; any, where it names none. Only names and ports get through: no directive. */
function homeOrigins(config) {
	const urls = Array.isArray(config?.homes) ? config.homes.flatMap((home) => [`${home?.url}`, `${home?.service}`]) : [];
	const found = urls.map((url) => /^https:\/\/[\w.-]+(:\d+)?(?=\/|$)/.exec(url)?.[0]).filter(Boolean);
	const origins = [...new Set(found)];
	return origins.length > 0 ? origins : ['https:'];
}

const policy = (config) => ["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:", "font-src 'self'",
	"manifest-src 'self'", "worker-src 'self'", `connect-src 'self' ${homeOrigins(config).join(' ')}`, 'media-src blob:', "base-uri 'none'",
	"form-action 'none'", "frame-ancestors 'none'", 'trusted-types keel', "require-trusted-types-for 'script'"].join('; ');

export const headersOf = (path, config) => ({
	'Content-Type': types[path.split('.').pop()] ?? 'application/octet-stream',
	'Content-Security-Policy': policy(config),
	'X-Content-Type-Options': 'nosniff',
	'Referrer-Policy': 'no-referrer',
	'Permissions-Policy': 'camera=(self)',
	'Cache-Control': 'no-cache',
});
