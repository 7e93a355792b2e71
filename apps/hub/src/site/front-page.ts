/** Page at `/` of a hub without a built dashboard. */
export const frontPage = (version: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Booner</title>
<h1>Booner ${version}</h1>
<p>This hub is running, but its dashboard is not built. Build it with
<code>npm run build --workspace apps/dashboard</code> and restart the hub. Meanwhile:</p>
<ul>
<li><a href="/system/status">/system/status</a>: the main server and the targets, as broadcast on <code>/ws/system/status</code></li>
<li><a href="/targets">/targets</a>: every target with its inventory and last sample</li>
<li><a href="/tasks">/tasks</a>: the tasks, as sent on <code>/ws/tasks/updates</code></li>
<li><a href="/readyz">/readyz</a>: whether the hub can serve clients</li>
<li><a href="/metrics">/metrics</a>: metrics for Prometheus</li>
<li><a href="/docs">/docs</a>: the API reference</li>
</ul>
</html>
`;
