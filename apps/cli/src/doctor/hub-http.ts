import { ageText, durationText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type CheckResult, fail, ok, skip, warn } from './check.ts';
import { httpGet, parseJson, proxyIn } from './http-get.ts';

const DAY_MS = 24 * 3_600_000;

/** Checks that the server at this URL is a hub. */
export async function checkHealth(url: string): Promise<CheckResult> {
  const outcome = await httpGet(`${url}/healthz`);
  if (outcome.type === 'none')
    return fail(`no HTTP response (${outcome.code})`, hintForNoResponse(url, outcome.code));
  const { status, headers, ms } = outcome;
  const body = parseJson(outcome.text);
  const proxy = proxyIn(headers);
  const by = proxy === null ? '' : ` (${proxy})`;
  if (status === 200 && body?.status === 'ok')
    return ok(`the hub responds${by === '' ? '' : ` through a proxy${by}`} in ${Math.ceil(ms)} ms`);
  if (status === 403 && body?.title === 'Foreign Host') {
    return fail(
      `the hub does not accept the name ${new URL(url).host}`,
      `set \`BOONER_PUBLIC_URL=${url}\` in /etc/booner/hub.env on the hub`,
    );
  }
  if (status >= 300 && status < 400) {
    return fail(
      `requests are redirected to ${safeText(headers.location ?? 'an unknown URL')}${by}`,
      `use that URL: --hub ${safeText(headers.location ?? '').replace(/\/healthz$/, '')}`,
    );
  }
  if (/https|ssl|tls/i.test(outcome.text) && status === 400) {
    return fail(`this port requires TLS${by}`, `use --hub ${url.replace('http:', 'https:')}`);
  }
  if ([502, 503, 504].includes(status)) {
    return fail(
      `a proxy${by} responds with ${status}: it cannot reach the hub`,
      "run `systemctl status booner-hub` on the hub's machine, and check the hub's address in the proxy",
    );
  }
  return fail(
    `the server is not a Booner hub: status ${status}${by}`,
    'another program uses this port, or the URL lacks a path; `sudo ss -ltnp` on that machine shows the program',
  );
}

const hintForNoResponse = (url: string, code: string): string =>
  url.startsWith('http:') && /ECONNRESET|HPE_|socket hang up/.test(code)
    ? `the port may require TLS: use --hub ${url.replace('http:', 'https:')}`
    : "run `journalctl -u booner-hub -n 20` on the hub's machine";

/** Checks that the hub is ready, or finds out why not. */
export async function checkReadiness(url: string): Promise<CheckResult> {
  const outcome = await httpGet(`${url}/readyz`);
  const body = outcome.type === 'response' ? parseJson(outcome.text) : null;
  if (outcome.type === 'none' || body === null)
    return fail(
      'the hub does not report whether it is ready',
      'it may be an older version: run `booner version`',
    );
  if (body.ready === true) {
    const age = body.busEchoAgeMs;
    return ok(
      `the hub is ready${typeof age === 'number' ? `; last echo of its bus: ${ageText(0, age)}` : ''}`,
    );
  }
  const reason = safeText(String(body.reason ?? 'it gives no reason'));
  return fail(`the hub is running but not ready: ${reason}`, hintForBus(reason));
}

/** Returns a hint for an unavailable bus, based on the reason that the hub gives. */
export function hintForBus(reason: string): string {
  if (/WRONGPASS|NOAUTH/.test(reason)) {
    return "correct the hub's Redis user or password: REDIS_USERNAME in /etc/booner/hub.env and /etc/booner/credentials/redis-hub-password (otherwise REDIS_PASSWORD_FILE); then run `sudo systemctl restart booner-hub`";
  }
  if (/NOPERM/.test(reason))
    return "the hub's Redis user lacks permissions: compare its ACL with docs/redis.md";
  if (/ECONNREFUSED/.test(reason))
    return 'Redis is down: run `sudo systemctl start redis-server` on its machine';
  if (/ENOTFOUND|EAI_AGAIN/.test(reason))
    return "the name in the hub's REDIS_URL does not resolve: correct it, or use an IP address";
  if (/certificate|CERT|TLS|SSL/i.test(reason))
    return 'the hub does not trust the certificate of Redis: set REDIS_CA_FILE in /etc/booner/hub.env';
  return "run `booner doctor` on the hub's machine to check its Redis, or pass --redis-url here";
}

/** Checks that the hub accepts the token. */
export async function checkAccess(
  url: string,
  token: string | null,
  tokenFrom: string | null,
): Promise<CheckResult> {
  const outcome = await httpGet(`${url}/auth`, token);
  if (outcome.type === 'none')
    return fail(`no response (${outcome.code})`, 'try again: the hub responded a moment ago');
  const body = parseJson(outcome.text);
  if (outcome.status === 404) return ok('this hub has no authentication');
  const from = tokenFrom === null ? '' : ` from ${tokenFrom}`;
  if (outcome.status === 401) return rejected(url, from);
  if (outcome.status === 429)
    return fail('too many wrong tokens from this address', 'wait a minute, then try again');
  if (outcome.status !== 200 || typeof body?.required !== 'boolean') {
    return fail(
      `the hub responds to GET /auth with status ${outcome.status}`,
      'check for a proxy in between that requires its own password',
    );
  }
  const signedIn = body.signedIn as { subject: string; role: string; expiresAtMs: number | null } | null;
  if (signedIn === null) {
    if (!body.required) return ok('this hub requires no token');
    if (token !== null) return rejected(url, from);
    return fail(
      'the hub requires a token, but none was given',
      `run \`booner login --hub ${url}\` to store one; an admin creates it with \`booner token create NAME\``,
    );
  }
  const identity = `${safeText(signedIn.subject)}, ${signedIn.role}`;
  const leftMs = signedIn.expiresAtMs === null ? null : signedIn.expiresAtMs - Date.now();
  if (leftMs !== null && leftMs < 7 * DAY_MS) {
    return warn(
      `the token${from} (${identity}) expires in ${durationText(leftMs / 1000)}`,
      'run `booner token create` to create another one, then `booner login` to store it',
    );
  }
  return ok(`the hub accepts the token${from}: ${identity}`);
}

async function rejected(url: string, from: string): Promise<CheckResult> {
  const { status } = await checkReadiness(url);
  if (status === 'fail') return skip('the hub started without Redis, so it cannot check tokens yet');
  return fail(
    `the hub rejects the token${from}: it is expired, revoked, or from another hub`,
    'run `booner login` to store another one; an admin creates it with `booner token create NAME`',
  );
}

/** Hubs report skew beyond this, too. */
const WARN_BEYOND_MS = 5000;
/** Beyond this, displayed ages, expiry and TLS break. */
const FAIL_BEYOND_MS = 60_000;

/**
 * Compares this clock with the `Date` of a response of the hub (RFC 9110 section 6.6.1), which has
 * whole seconds.
 */
export async function checkClock(url: string): Promise<CheckResult> {
  const startMs = Date.now();
  const outcome = await httpGet(`${url}/healthz`);
  const hubMs = outcome.type === 'response' ? Date.parse(outcome.headers.date ?? '') : Number.NaN;
  if (Number.isNaN(hubMs)) return skip('the response of the hub has no date');
  return compareClocks(
    (startMs + Date.now()) / 2 - (hubMs + 500),
    "this machine's clock",
    "the hub's",
    'on the machine whose clock is wrong (`timedatectl` shows it)',
  );
}

/** `timedatectl` refuses if no time service is installed. */
export const CLOCK_HINT =
  'run `sudo timedatectl set-ntp true`; if NTP is not supported, run `sudo apt-get install systemd-timesyncd` first';

/** Reports the difference between two clocks. */
export function compareClocks(skewMs: number, whose: string, than: string, where: string): CheckResult {
  const seconds = Math.abs(skewMs) / 1000;
  if (seconds * 1000 <= WARN_BEYOND_MS) return ok(`${whose} agrees with ${than}`);
  const detail = `${whose} is ${skewText(seconds)} ${skewMs > 0 ? 'ahead of' : 'behind'} ${than}`;
  const hint = `${where}, ${CLOCK_HINT}`;
  return seconds * 1000 > FAIL_BEYOND_MS ? fail(detail, hint) : warn(detail, hint);
}

/** Formats skew rounded, not truncated: an hour can be measured as 59 min 59 s. */
function skewText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
