export const BULLMQ_QUEUE = 'bench';
/** Ended jobs that are kept, as many as a hub keeps tasks. */
export const JOBS_KEPT = 5000;
