import { ageText, durationText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Answer, ask, parseJson, proxyIn } from './ask.ts';
import { fail, ok, type Said, skip, warn } from './check.ts';

const DAY_MS = 24 * 3_600_000;

/** Whether what answers is a hub. */
export async function checkHealth(url: string): Promise<Said> {
  const answer = await ask(`${url}/healthz`);
  if (answer.type === 'none')
    return fail(`no answer over HTTP (${answer.code})`, mendNoAnswer(url, answer.code));
  const { status, headers, ms } = answer;
  const body = parseJson(answer.text);
  const proxy = proxyIn(headers);
  const by = proxy === null ? '' : ` (${proxy})`;
  if (status === 200 && body?.status === 'ok')
    return ok(`the hub answers${by === '' ? '' : ` through a proxy${by}`} in ${Math.ceil(ms)} ms`);
  if (status === 403 && body?.title === 'Foreign Host') {
    return fail(
      `the hub does not know itself as ${new URL(url).host}`,
      `\`BOONER_PUBLIC_URL=${url}\` in the hub's settings, /etc/booner/hub.env`,
    );
  }
  if (status >= 300 && status < 400) {
    return fail(
      `it is redirected to ${safeText(headers.location ?? 'nowhere')}${by}`,
      `use that address: --hub ${safeText(headers.location ?? '').replace(/\/healthz$/, '')}`,
    );
  }
  if (/https|ssl|tls/i.test(answer.text) && status === 400) {
    return fail(`this port speaks TLS${by}`, `--hub ${url.replace('http:', 'https:')}`);
  }
  if ([502, 503, 504].includes(status)) {
    return fail(
      `a proxy${by} answers ${status}: it does not reach the hub`,
      "on the hub's machine: `systemctl status booner-hub`; in the proxy: the address of the hub",
    );
  }
  return fail(
    `what answers here is no hub: status ${status}${by}`,
    'another program has this port, or the URL lacks a path: `sudo ss -ltnp` on that machine shows which',
  );
}

const mendNoAnswer = (url: string, code: string): string =>
  url.startsWith('http:') && /ECONNRESET|HPE_|socket hang up/.test(code)
    ? `perhaps it speaks TLS: --hub ${url.replace('http:', 'https:')}`
    : "`journalctl -u booner-hub -n 20` on the hub's machine says what it does";

/** Whether the hub can deliver, and if not, why. */
export async function checkReadiness(url: string): Promise<Said> {
  const answer = await ask(`${url}/readyz`);
  const body = answer.type === 'answer' ? parseJson(answer.text) : null;
  if (answer.type === 'none' || body === null)
    return fail('the hub does not say whether it is ready', 'an older hub? `booner version`');
  if (body.ready === true) {
    const age = body.busEchoAgeMs;
    return ok(
      `the hub is ready${typeof age === 'number' ? `, and its bus answered ${ageText(0, age)}` : ''}`,
    );
  }
  const reason = safeText(String(body.reason ?? 'it does not say why'));
  return fail(`the hub is up, and cannot deliver: ${reason}`, mendBus(reason));
}

/** What mends a bus that is away, by what the hub says of it. */
export function mendBus(reason: string): string {
  if (/WRONGPASS|NOAUTH/.test(reason)) {
    return "the hub's password at Redis is wrong or missing: REDIS_USERNAME in /etc/booner/hub.env, and /etc/booner/credentials/redis-hub-password (elsewhere REDIS_PASSWORD_FILE), then `sudo systemctl restart booner-hub`";
  }
  if (/NOPERM/.test(reason))
    return "the hub's user at Redis may not do its work: docs/redis.md has its ACL line";
  if (/ECONNREFUSED/.test(reason)) return 'Redis is down: `sudo systemctl start redis-server` on its machine';
  if (/ENOTFOUND|EAI_AGAIN/.test(reason))
    return "the name of Redis in the hub's REDIS_URL has no address: mend the name, or use the address";
  if (/certificate|CERT|TLS|SSL/i.test(reason))
    return 'the hub does not believe the certificate of Redis: REDIS_CA_FILE in /etc/booner/hub.env';
  return "`booner doctor` on the hub's own machine looks at its Redis; or give it here with --redis-url";
}

/** Whether the hub knows who asks. */
export async function checkAccess(
  url: string,
  token: string | null,
  tokenFrom: string | null,
): Promise<Said> {
  const answer = await ask(`${url}/auth`, token);
  if (answer.type === 'none')
    return fail(`no answer (${answer.code})`, 'try again; the hub was there a moment ago');
  const body = parseJson(answer.text);
  if (answer.status === 404) return ok('this hub knows no authentication');
  const from = tokenFrom === null ? '' : ` of ${tokenFrom}`;
  if (answer.status === 401) return rejected(url, from);
  if (answer.status === 429)
    return fail('the hub has had too many wrong tokens from this address', 'wait a minute');
  if (answer.status !== 200 || typeof body?.required !== 'boolean') {
    return fail(
      `the hub answers ${answer.status} to the question who asks`,
      'is a proxy in between that wants a password of its own?',
    );
  }
  const signedIn = body.signedIn as { subject: string; role: string; expiresAtMs: number | null } | null;
  if (signedIn === null) {
    if (!body.required) return ok('this hub wants no token');
    if (token !== null) return rejected(url, from);
    return fail(
      'the hub wants a token, and none was given',
      `\`booner login --hub ${url}\` stores one; an admin makes it with \`booner token create NAME\``,
    );
  }
  const who = `${safeText(signedIn.subject)}, ${signedIn.role}`;
  const leftMs = signedIn.expiresAtMs === null ? null : signedIn.expiresAtMs - Date.now();
  if (leftMs !== null && leftMs < 7 * DAY_MS) {
    return warn(
      `the token${from} (${who}) ends in ${durationText(leftMs / 1000)}`,
      '`booner token create` makes another one, `booner login` stores it',
    );
  }
  return ok(`the hub knows the token${from}: ${who}`);
}

async function rejected(url: string, from: string): Promise<Said> {
  const { status } = await checkReadiness(url);
  if (status === 'fail') return skip('a hub that started without its Redis knows no tokens');
  return fail(
    `the hub does not take the token${from}: it is over, was revoked, or is of another hub`,
    '`booner login` stores another one; an admin makes it with `booner token create NAME`',
  );
}

/** Skew beyond this is shown by hubs too. */
const SHOWN_MS = 5000;
/** Ages, expiries and TLS go wrong visibly. */
const GRAVE_MS = 60_000;

/** This clock against the hub's, by the Date of an answer (RFC 9110 section 6.6.1), which has whole seconds. */
export async function checkClock(url: string): Promise<Said> {
  const startMs = Date.now();
  const answer: Answer = await ask(`${url}/healthz`);
  const hubMs = answer.type === 'answer' ? Date.parse(answer.headers.date ?? '') : Number.NaN;
  if (Number.isNaN(hubMs)) return skip('the answer of the hub has no date');
  return judgeSkew(
    (startMs + Date.now()) / 2 - (hubMs + 500),
    "this machine's clock",
    "the hub's",
    'on the one that is wrong (`timedatectl` shows it)',
  );
}

/** The first is refused where no program for it is installed. */
export const MEND_CLOCK =
  '`sudo timedatectl set-ntp true`, after `sudo apt-get install systemd-timesyncd` if that is not supported';

/** A judgement of one clock against another. */
export function judgeSkew(skewMs: number, whose: string, than: string, where: string): Said {
  const seconds = Math.abs(skewMs) / 1000;
  if (seconds * 1000 <= SHOWN_MS) return ok(`${whose} agrees with ${than}`);
  const detail = `${whose} is ${skewText(seconds)} ${skewMs > 0 ? 'ahead of' : 'behind'} ${than}`;
  const mend = `${where}: ${MEND_CLOCK}`;
  return seconds * 1000 > GRAVE_MS ? fail(detail, mend) : warn(detail, mend);
}

/** Rounded, as a clock that is wrong by an hour is so to within seconds. */
function skewText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
