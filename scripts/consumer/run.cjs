// Loads all entry points from CommonJS.
for (const [entry, names] of Object.entries({
  rxkcp: ['connect', 'listen'],
  'rxkcp/core': ['FecDecoder'],
  'rxkcp/mux': ['mux'],
  'rxkcp/node': ['fromDuplex', 'toDuplex'],
  'rxkcp/operators': ['arq'],
  'rxkcp/resume': ['memoryResumeStore', 'resumable', 'resumed'],
  'rxkcp/streams': ['toWebStreams'],
  'rxkcp/testing': ['pair'],
})) {
  const module = require(entry);
  for (const name of names) {
    if (typeof module[name] !== 'function') throw new Error(`${entry}: ${name} is ${typeof module[name]}`);
  }
}
