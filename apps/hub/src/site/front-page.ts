/** What a browser sees at `/` of a hub without a built dashboard. */
export const frontPage = (version: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Booner</title>
<h1>Booner ${version}</h1>
<p>This hub is up. Its dashboard is not built: <code>npm run build --workspace apps/dashboard</code> makes it, and the hub shows it from its
next start on. What the hub knows:</p>
<ul>
<li><a href="/system/status">/system/status</a>: the main server and the targets, as broadcast on <code>/ws/system/status</code></li>
<li><a href="/targets">/targets</a>: every target with its inventory and last sample</li>
<li><a href="/tasks">/tasks</a>: the tasks, as told on <code>/ws/tasks/updates</code></li>
<li><a href="/readyz">/readyz</a>: whether the hub is able to deliver</li>
<li><a href="/metrics">/metrics</a>: for Prometheus</li>
<li><a href="/docs">/docs</a>: the reference of this API</li>
</ul>
</html>
`;
