export { type AgentProcess, type StartAgentOptions, startAgent } from './agent.ts';
export { clockAheadBy } from './clock-ahead-by.ts';
export { type Daemon, DaemonEndedError, type LogRecord, WARNING_LEVEL } from './daemon.ts';
export { type EventuallyOptions, eventually } from './eventually.ts';
export { freePort, isFree } from './free-port.ts';
export { type HangingMount, mayMount, mountHanging, readThreads } from './hanging-mount.ts';
export { type HubProcess, type StartHubOptions, startHub } from './hub.ts';
export {
  type MailServer,
  type MailServerOptions,
  mailRefusal,
  type ReceivedMail,
  startMailServer,
} from './mail-server.ts';
export {
  type MetricsStore,
  type StoredSeries,
  startPrometheus,
  startVictoriaMetrics,
} from './metrics-stores.ts';
export { type ProcessEnd, type RunningProcess, type StartProcessOptions, startProcess } from './process.ts';
export { type ReceivedRequest, type Receiver, startReceiver } from './receiver.ts';
export type { StartRedisOptions } from './redis-launch.ts';
export { type RedisServer, startRedis } from './redis-server.ts';
export { type RunnerProcess, type StartRunnerOptions, startRunner } from './runner.ts';
export { type SimulatedFleet, type SimulatedFleetOptions, startSimulatedFleet } from './simulated-fleet.ts';
export {
  type OpenStreamClientOptions,
  openAlertClient,
  openStatusClient,
  openTaskClient,
  type Received,
  type StreamClient,
  type StreamClientEnd,
} from './stream-client.ts';
export { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
export { makeTlsFiles, type TlsFiles } from './tls-files.ts';
