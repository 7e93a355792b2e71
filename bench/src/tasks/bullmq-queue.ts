export const BULLMQ_QUEUE = 'bench';
/** As many ended jobs as a hub keeps of tasks. */
export const JOBS_KEPT = 5000;
