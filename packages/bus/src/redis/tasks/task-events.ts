import type { TaskEvent } from '@booner/protocol';
import { EVENTS_KEY } from '@booner/protocol/redis-names';
import { accept, type OnRejected } from '../../stored-values.ts';
import type { StreamSource } from '../connection/stream-reader.ts';
import { readEventFields } from './task-fields.ts';

/** The transitions of all tasks. */
export const taskEvents = (onRejected: OnRejected): StreamSource<TaskEvent> => ({
  key: EVENTS_KEY,
  parse: (id, fields) => accept(readEventFields(id, fields), onRejected),
});
