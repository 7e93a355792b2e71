import type { History } from './history-port.ts';
import { HistoryService, type HistoryServiceOptions } from './history-service.ts';
import { rowOf } from './layout.ts';

/** A history over any store, in this thread, for tests: work is done before each request. */
export function createHistory(options: HistoryServiceOptions): History {
  const service = new HistoryService(options);
  const settled = () => {
    while (service.work(() => false));
  };
  return {
    append: ({ measurements, ...sample }) => service.append([{ ...sample, ...rowOf(measurements) }]),
    annotate: (host, annotation) => service.annotate(host, annotation),
    addMissed: async (host, missed) => service.addMissed(host, missed),
    exportBlocks: async (request) => {
      settled();
      return new TextEncoder().encode(service.exportBlocks(request));
    },
    importBlocks: async (blocks) => service.importBlocks(blocks),
    reach: async (host) => {
      settled();
      return service.reach(host);
    },
    newest: async (hosts) => service.newest(hosts),
    query: async (request) => {
      settled();
      return new TextEncoder().encode(service.query(request));
    },
    rank: async (request) => {
      settled();
      return service.rank(request);
    },
    stats: async () => {
      settled();
      return service.stats();
    },
    backup: (file) => service.backUp(file),
    [Symbol.asyncDispose]: async () => service[Symbol.dispose](),
  };
}
