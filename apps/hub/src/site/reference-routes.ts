import type { MiddlewareHandler } from 'hono';
import { etag } from 'hono/etag';
import { swaggerFile } from '../config/program-files.ts';
import { PUBLIC, type Routes, route, serve } from '../http/route.ts';
import { sendFile } from './send-file.ts';

/** Files of Swagger UI, served from here so that the page works without internet access. */
const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
};

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Booner API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="reference"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
`;
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference' });\n`;

const get = (path: string, ...middleware: readonly MiddlewareHandler[]) =>
  route({ method: 'get', path, access: PUBLIC, middleware });

/** The API reference at `/docs`: Swagger UI on `/openapi.json`. Existing bookmarks use `/redoc`. */
export const referenceRoutes = (): Routes => [
  serve(get('/docs'), (c) => c.html(PAGE)),
  serve(get('/redoc'), (c) => c.redirect('/docs')),
  serve(get('/docs/start.js'), (c) => c.body(START, 200, { 'content-type': 'text/javascript' })),
  ...Object.entries(FILES).map(([name, contentType]) => {
    const file = {
      path: swaggerFile(name),
      contentType,
      headers: { 'cache-control': 'public, max-age=86400' },
    };
    return serve(get(`/docs/${name}`, etag()), async (c) => (await sendFile(c, file)) ?? c.notFound());
  }),
];
