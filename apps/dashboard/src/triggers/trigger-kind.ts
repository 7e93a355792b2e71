/** A trigger starts rollouts without a person. */
export type TriggerKind = 'schedule' | 'hook';
