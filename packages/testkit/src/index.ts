export { type EventuallyOptions, eventually } from './eventually.ts';
export { freePort } from './free-port.ts';
export { type ProcessEnd, type RunningProcess, type StartProcessOptions, startProcess } from './process.ts';
export type { StartRedisOptions } from './redis-launch.ts';
export { type RedisServer, startRedis } from './redis-server.ts';
export { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
export { makeTlsFiles, type TlsFiles } from './tls-files.ts';
