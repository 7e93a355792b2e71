import { atMost, type PartResult } from '../part-result.ts';

/** Times after Redis stopped answering, in ms. The maximum of all rounds. */
export type OutageFigures = {
  /** Until `/readyz` of the hub answers 503. */
  readonly hubNoticedMs: number;
  /** Until `POST /tasks`, sent at that instant, is answered by 503. */
  readonly callEndedMs: number;
  /** Until the agent logs that Redis is unavailable. */
  readonly agentNoticedMs: number;
  /** From SIGTERM to the agent's end. */
  readonly agentEndedMs: number;
  /** From SIGTERM to the hub's end. */
  readonly hubEndedMs: number;
  readonly rounds: number;
};

type Row = {
  readonly what: string;
  readonly ms: (figures: OutageFigures) => number;
  readonly limitMs: number;
};

const ROWS: readonly Row[] = [
  { what: 'hub notices', ms: (figures) => figures.hubNoticedMs, limitMs: 15_000 },
  { what: 'agent notices', ms: (figures) => figures.agentNoticedMs, limitMs: 15_000 },
  { what: 'POST /tasks is answered', ms: (figures) => figures.callEndedMs, limitMs: 6000 },
  { what: 'agent ends after SIGTERM', ms: (figures) => figures.agentEndedMs, limitMs: 4500 },
  { what: 'hub ends after SIGTERM', ms: (figures) => figures.hubEndedMs, limitMs: 5000 },
];

const formatSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export function presentOutage(figures: OutageFigures | null, failures: readonly string[]): PartResult {
  return {
    title: 'Outage: Redis keeps its connections open and answers nothing',
    head: ['what', 'longest time'],
    rows: figures ? ROWS.map(({ what, ms }) => [what, formatSeconds(ms(figures))]) : [],
    goals: figures
      ? ROWS.map(({ what, ms, limitMs }) => atMost(what, ms(figures), limitMs, formatSeconds))
      : [],
    notes: figures ? [`Longest of ${figures.rounds} rounds, each with a new hub and a new agent.`] : [],
    failures,
    figures,
  };
}
