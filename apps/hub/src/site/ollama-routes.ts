import { problemSchema } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { problem } from '../http/problem.ts';

export type OllamaRoutesDeps = {
  /** `null`: there is no Ollama server. */
  readonly url: URL | null;
  /** From the request to the last byte; default 5 s. */
  readonly deadlineMs?: number;
  readonly log: Pick<Logger, 'warn' | 'info'>;
};

const DEADLINE_MS = 5000;
/** A model takes some 500 bytes. */
const MAX_BYTES = 1024 * 1024;
const NO_MODELS = '{"models":[]}';

const tagsSchema = z.object({ models: z.array(z.record(z.string(), z.unknown())) });

const problemBody = { 'application/problem+json': { schema: problemSchema.extend({}).openapi('Problem') } };

type Tags =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly status: 502 | 504; readonly reason: string };

const tagsRoute = createRoute({
  method: 'get',
  path: '/ollama/tags',
  summary: 'The models of the Ollama server',
  description:
    'What `GET /api/tags` of the server at `BOONER_OLLAMA_URL` answers; no models where none is set.',
  tags: ['compatibility'],
  responses: {
    200: {
      description: 'Models',
      content: { 'application/json': { schema: tagsSchema.openapi('OllamaTags') } },
    },
    502: {
      description: 'The Ollama server cannot be reached, or answers something else',
      content: problemBody,
    },
    504: { description: 'The Ollama server did not answer in time', content: problemBody },
  },
});

/** Mirrors the list of models of an Ollama server, which existing dashboards read. */
export function ollamaRoutes({ url, deadlineMs = DEADLINE_MS, log }: OllamaRoutesDeps): OpenAPIHono {
  const routes = new OpenAPIHono();
  /** One request for all who ask meanwhile: clients cannot flood the server through the hub. */
  let asked: Promise<Tags> | null = null;
  let isAway = false;
  const readTags = async (from: URL): Promise<Tags> => {
    asked ??= fetchTags(from, deadlineMs).finally(() => {
      asked = null;
    });
    const tags = await asked;
    if (!tags.ok && !isAway) log.warn({ reason: tags.reason }, 'the models of Ollama cannot be listed');
    if (tags.ok && isAway) log.info('the models of Ollama can be listed again');
    isAway = !tags.ok;
    return tags;
  };
  routes.openAPIRegistry.registerPath(tagsRoute);
  routes.get('/ollama/tags', async (c) => {
    const tags = url === null ? ({ ok: true, text: NO_MODELS } as const) : await readTags(url);
    if (tags.ok) return c.body(tags.text, 200, { 'content-type': 'application/json' });
    const { status, reason } = tags;
    const title = status === 504 ? 'Ollama does not answer' : 'No list of models';
    return problem(c, status, title, `The server at BOONER_OLLAMA_URL ${reason}.`);
  });
  return routes;
}

/**
 * Never rejects. Redirects are not followed: the setting names the one server that the hub asks.
 */
async function fetchTags(url: URL, deadlineMs: number): Promise<Tags> {
  const bad = (reason: string): Tags => ({ ok: false, status: 502, reason });
  const address = new URL(url);
  address.pathname = `${url.pathname.replace(/\/$/, '')}/api/tags`;
  try {
    const signal = AbortSignal.timeout(deadlineMs);
    const response = await fetch(address, {
      redirect: 'manual',
      signal,
      headers: { accept: 'application/json' },
    });
    if (!response.ok) {
      await response.body?.cancel();
      const isRedirect = response.status >= 300 && response.status < 400;
      return bad(`answered ${response.status}${isRedirect ? ', a redirect, which is not followed' : ''}`);
    }
    const text = await readText(response);
    if (text === null) return bad(`answered more than ${MAX_BYTES} bytes`);
    return isTags(text) ? { ok: true, text } : bad('answered something other than a list of models');
  } catch (error) {
    if ((error as Error).name === 'TimeoutError') {
      return { ok: false, status: 504, reason: `did not answer within ${deadlineMs} ms` };
    }
    return bad(`cannot be reached: ${reasonOf(error)}`);
  }
}

/** @returns `null` for a longer one, of which nothing more is read */
async function readText(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) return null; // the end of the loop cancels the body
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isTags(text: string): boolean {
  try {
    return tagsSchema.safeParse(JSON.parse(text)).success;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** `fetch` says no more than "fetch failed"; its cause has the system's code. */
function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: string; readonly message?: string } };
  return cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
}
