// Loads the entry point that only Node has.
import { fromDuplex, toDuplex } from 'rxkcp/node';

for (const [name, value] of Object.entries({ fromDuplex, toDuplex })) {
  if (typeof value !== 'function') throw new Error(`${name} is ${typeof value}, expected a function`);
}
