import { OpenAPIHono } from '@hono/zod-openapi';
import { etag } from 'hono/etag';
import { swaggerFile } from '../config/program-files.ts';
import { sendFile } from '../http/send-file.ts';

/** Files of Swagger UI that the page needs; served from here, so that the page works where there is no internet. */
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

/** The reference page at `/docs`, made of `/openapi.json` by Swagger UI. Bookmarks of existing dashboards say `/redoc`. */
export function referenceRoutes(): OpenAPIHono {
  const routes = new OpenAPIHono();
  routes.get('/docs', (c) => c.html(PAGE));
  routes.get('/redoc', (c) => c.redirect('/docs'));
  routes.get('/docs/start.js', (c) => c.body(START, 200, { 'content-type': 'text/javascript' }));
  for (const [name, contentType] of Object.entries(FILES)) {
    const file = {
      path: swaggerFile(name),
      contentType,
      headers: { 'cache-control': 'public, max-age=86400' },
    };
    routes.get(`/docs/${name}`, etag(), async (c) => (await sendFile(c, file)) ?? c.notFound());
  }
  return routes;
}
