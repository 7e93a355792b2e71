export { type KeepInventoryOptions, keepInventory } from './inventory/keep-inventory.ts';
export { readInventory } from './inventory/read-inventory.ts';
export { type Sampler, type SamplerOptions, startSampler } from './sampler.ts';
export { SamplerError, type SamplerErrorCode } from './sampler-error.ts';
export type { Sensor } from './sensor.ts';
