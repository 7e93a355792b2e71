import { collectInventory } from './collect-inventory.ts';

// The entry of the collector's process: prints one JSON document and ends. A rejection ends it with
// the message on stderr. In a container that measures its host, the argument is the mount point of
// the host's root.
process.stdout.write(`${JSON.stringify(await collectInventory(process.argv[2]))}\n`);
