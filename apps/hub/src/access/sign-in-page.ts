import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import { html } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { problem } from '../http/problem.ts';

const page = (title: string, head: unknown, body: unknown) => html`<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title} · Booner</title>${head}
<h1>${title}</h1>
${body}
</html>
`;

/**
 * Forwards a browser that has just received its session cookie. A redirect does not work: the
 * browser comes from another site, and does not send a `SameSite=Strict` cookie with redirects of
 * such a visit. It does send the cookie when a page of this hub links to another.
 * @param path of the same site
 */
export const signedInPage = (c: Context, path: string): Response | Promise<Response> =>
  c.html(
    page(
      'Signed in',
      html`<meta http-equiv="refresh" content="0; url=${path}">`,
      html`<p><a href="${path}">Continue</a></p>`,
    ),
  );

/** Answers a failed sign-in: browsers get a page with a link to the sign-in, programs a problem. */
export function notSignedIn(
  c: Context,
  status: ContentfulStatusCode,
  title: string,
  { detail, signInPath }: { readonly detail: string; readonly signInPath: string },
): Response | Promise<Response> {
  const type = accepts(c, {
    header: 'Accept',
    supports: ['application/json', 'text/html'],
    default: 'application/json',
  });
  if (type !== 'text/html') return problem(c, status, title, detail);
  return c.html(
    page(title, '', html`<p>${detail}</p>\n<p><a href="${signInPath}">Back to sign-in</a></p>`),
    status,
  );
}
