import { BoonerProvider, useBoonerClient, useSystemStatus, useTaskUpdates } from '@booner/react';

function Fleet() {
  const { systemStatus, loading, error, transport, ageMs } = useSystemStatus();
  if (loading) return <p>Connecting …</p>;
  if (systemStatus === null) return <p role="alert">{error}</p>;
  return (
    <section>
      <p>
        {error ?? transport}, {Math.round((ageMs ?? 0) / 1000)} s ago
      </p>
      <p>{systemStatus.main_server.cpu}</p>
      <ul>
        {systemStatus.deployment_targets.map(({ host, status, specs }) => (
          <li key={host}>
            {host} is {status}: {specs}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Tasks() {
  const client = useBoonerClient();
  const { tasks } = useTaskUpdates();
  const run = () => client.createTask({ host: '127.0.0.1', action: 'countdown', params: { seconds: 2 } });
  return (
    <section>
      <button type="button" onClick={run}>
        Run
      </button>
      <ol>
        {Object.entries(tasks).map(([id, { status, error }]) => (
          <li key={id}>
            {status} {error}
          </li>
        ))}
      </ol>
    </section>
  );
}

export function StatusPage({ url }: { url: string }) {
  return (
    <BoonerProvider url={url}>
      <Fleet />
      <Tasks />
    </BoonerProvider>
  );
}
