const DEADLINE_MS = 60_000;
const MAX_REDIRECTS = 20;

export type Visit = {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
};

/**
 * A browser without a screen: keeps cookies for each host and port, and follows redirects one by
 * one.
 */
export class Visitor {
  readonly #jars = new Map<string, Map<string, string>>();

  /** Sends a GET like a navigation, without following redirects. */
  async visit(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Visit> {
    const cookies = [...this.jarOf(url)].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      headers: { accept: 'text/html', ...(cookies === '' ? {} : { cookie: cookies }), ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';');
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      const isOver = value === '' || attributes.some((each) => /^\s*max-age=0$/i.test(each));
      if (isOver) this.jarOf(url).delete(name);
      else this.jarOf(url).set(name, value);
    }
    return { url, status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  /**
   * Follows redirects until `until` accepts the next address, which is returned unvisited, or until
   * an answer is not a redirect.
   */
  async follow(url: string, until: (url: URL) => boolean = () => false): Promise<Visit | URL> {
    let next = new URL(url);
    for (let count = 0; count < MAX_REDIRECTS; count += 1) {
      if (until(next)) return next;
      const seen = await this.visit(next.href);
      const location = seen.headers.get('location');
      if (seen.status < 300 || seen.status >= 400 || location === null) return seen;
      next = new URL(location, next);
    }
    throw new Error(`${url} leads nowhere`);
  }

  /** The cookies sent to the server of an address. */
  jarOf(url: string): Map<string, string> {
    const { host } = new URL(url);
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    return jar;
  }
}
