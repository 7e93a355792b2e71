const collator = new Intl.Collator('en', { numeric: true });

/** Order of hosts in lists, on hubs and clients alike: 10.0.0.9 before 10.0.0.10. */
export const compareHosts = (a: string, b: string): number => collator.compare(a, b);
