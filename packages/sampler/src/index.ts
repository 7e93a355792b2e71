export type { Sampler } from './sampler.ts';
