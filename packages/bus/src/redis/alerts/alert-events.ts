import { ALERT_EVENTS_KEY } from '@booner/protocol/redis-names';
import type { AlertEvent } from '../../alert-ports.ts';
import { parseEvent } from '../../stored-alerts.ts';
import type { OnRejected } from '../../stored-values.ts';
import { fieldsOf } from '../connection/stream-fields.ts';
import type { StreamSource } from '../connection/stream-reader.ts';

/** The changes of alerts and of their settings. */
export const alertEvents = (onRejected: OnRejected): StreamSource<AlertEvent> => ({
  key: ALERT_EVENTS_KEY,
  parse: (cursor, fields) => parseEvent(cursor, fieldsOf(fields), onRejected),
});
