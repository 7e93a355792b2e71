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
 * Leads a browser that has just got its session cookie to where it wanted. A redirect would not do: the browser comes from another
 * site, and a cookie that is `SameSite=Strict` is not sent with what such a visit is redirected to. From a page of this hub it is.
 * @param path of the same site
 */
export const signedInPage = (c: Context, path: string): Response | Promise<Response> =>
  c.html(
    page(
      'Signed in',
      html`<meta http-equiv="refresh" content="0; url=${path}">`,
      html`<p><a href="${path}">Go on</a></p>`,
    ),
  );

/** Why somebody is not signed in: for people a page that leads back to the sign-in, for programs a problem. */
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
    page(title, '', html`<p>${detail}</p>\n<p><a href="${signInPath}">Back to the sign-in</a></p>`),
    status,
  );
}
