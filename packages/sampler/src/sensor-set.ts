import type { Measurements } from '@booner/protocol';
import type { Sensor } from './sensor.ts';

/** A part of the measurements that a sensor provides. */
type Part = Exclude<keyof Measurements, 'unavailable'>;

/**
 * The sensors of a platform. A part without a sensor is `null` without a reason: the host does not
 * have it.
 */
export type SensorSet = { readonly [P in Part]?: Sensor<NonNullable<Measurements[P]>> };
