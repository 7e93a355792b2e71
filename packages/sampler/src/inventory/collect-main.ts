import { collectInventory } from './collect-inventory.ts';

// The entry of the collector's process: prints one JSON document and ends. A rejection ends it with
// the message on stderr.
process.stdout.write(`${JSON.stringify(await collectInventory())}\n`);
