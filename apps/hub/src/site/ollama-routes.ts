import type { Logger } from '@booner/service';
import { z } from '@hono/zod-openapi';
import { jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';

export type OllamaRoutesDeps = {
  /** `null`: no Ollama server is configured. */
  readonly url: URL | null;
  /** From the request to the last byte. Default: 5 s. */
  readonly deadlineMs?: number;
  readonly log: Pick<Logger, 'warn' | 'info'>;
};

const DEADLINE_MS = 5000;
/** Each model takes about 500 bytes. */
const MAX_BYTES = 1024 * 1024;
const NO_MODELS = '{"models":[]}';

const tagsSchema = z.object({ models: z.array(z.record(z.string(), z.unknown())) });

type Tags =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly status: 502 | 504; readonly reason: string };

const tagsRoute = route({
  method: 'get',
  path: '/ollama/tags',
  access: { role: 'viewer' },
  summary: 'List the models of the Ollama server',
  description:
    'The answer of `GET /api/tags` of the server at `BOONER_OLLAMA_URL`; an empty list if none is configured.',
  tag: 'compatibility',
  responses: { 200: jsonAnswer('The models', tagsSchema.openapi('OllamaTags')) },
  errors: {
    502: 'The Ollama server is unreachable or sent an invalid answer',
    504: 'The Ollama server did not answer in time',
  },
});

/** Mirrors the model list of an Ollama server, for existing dashboards. */
export function ollamaRoutes({ url, deadlineMs = DEADLINE_MS, log }: OllamaRoutesDeps): Routes {
  /** One request at a time, shared by all clients, so that they cannot flood the server. */
  let asked: Promise<Tags> | null = null;
  let isUnreachable = false;
  const readTags = async (from: URL): Promise<Tags> => {
    asked ??= fetchTags(from, deadlineMs).finally(() => {
      asked = null;
    });
    const tags = await asked;
    if (!tags.ok && !isUnreachable)
      log.warn({ reason: tags.reason }, 'the models of Ollama cannot be listed');
    if (tags.ok && isUnreachable) log.info('the models of Ollama can be listed again');
    isUnreachable = !tags.ok;
    return tags;
  };
  return [
    serve(tagsRoute, async (c) => {
      const tags = url === null ? ({ ok: true, text: NO_MODELS } as const) : await readTags(url);
      if (tags.ok) return c.body(tags.text, 200, { 'content-type': 'application/json' });
      const { status, reason } = tags;
      const title = status === 504 ? 'Ollama did not answer' : 'No list of models';
      return problem(c, status, title, `The server at BOONER_OLLAMA_URL ${reason}.`);
    }),
  ];
}

/** Never rejects. Does not follow redirects: the hub asks only the configured server. */
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
    return bad(`is unreachable: ${reasonOf(error)}`);
  }
}

/** @returns `null` for a text over the limit, which is not read further */
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

/** The system's error code: `fetch` itself only says "fetch failed". */
function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: string; readonly message?: string } };
  return cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
}
