const collator = new Intl.Collator('en', { numeric: true });

/** The order in which hosts are listed: 10.0.0.9 before 10.0.0.10. Hubs and clients list them alike. */
export const compareHosts = (a: string, b: string): number => collator.compare(a, b);
