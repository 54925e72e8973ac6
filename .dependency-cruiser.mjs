// Which room may import which (docs/architecture.md): nothing imports upwards, and nothing goes in a circle, types included.
// `npm run lint` runs it.

/** Rooms from the ground up: each may import those of lower floors, and neighbors only where `beside` says so. */
const FLOORS = [
  ['^src/(errors|limits)\\.ts$|^src/errors/'],
  ['^src/check\\.ts$'],
  ['^src/bytes/', '^src/rx/', '^src/native/'],
  ['^src/time/', '^src/counters/'],
  ['^src/wasm/'],
  ['^src/core/'],
  ['^src/arq/', '^src/link/', '^src/framing/'],
  ['^operators/(?!(index|broadcast|converse|send-to|serve)\\.ts$)'],
  ['^src/session/'],
  // What works on sessions, and the list of all operators.
  ['^operators/(index|broadcast|converse|send-to|serve)\\.ts$'],
  ['^src/server/', '^src/streams/', '^src/mux/', '^src/resume/', '^src/adapters/'],
  ['^src/index\\.ts$', '^src/testing/'],
];

/** What is neither upwards nor downwards: room and neighbor. */
const BESIDE = [];

const all = (floors) => floors.flat().join('|');

const upwards = FLOORS.map((rooms, floor) => ({
  name: `floor-${floor}-imports-upwards`,
  comment: 'A room imports the rooms below it.',
  severity: 'error',
  from: { path: all([rooms]) },
  to: { path: all(FLOORS.slice(floor + 1)) },
})).filter(({ to }) => to.path !== '');

const besides = FLOORS.flatMap((rooms) =>
  rooms.map((room) => ({
    name: `neighbor-of-${room.replace(/[^a-z/]/g, '')}`,
    comment: 'Rooms of one floor do not know each other.',
    severity: 'error',
    from: { path: room },
    to: { path: all([rooms.filter((other) => other !== room && !BESIDE.some(([a, b]) => a === room && b === other))]) },
  })),
).filter(({ to }) => to.path !== '');

/** Files that the package's conditions choose (`imports` of package.json): the only ones that may import Node. */
const CHOSEN_BY_CONDITIONS = '^src/core/crypto/node/|^src/link/udp/|^src/native/|^src/streams/node/';

export default {
  forbidden: [
    { name: 'no-circle', comment: 'Types count, too.', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-without-rxjs',
      comment: 'src/core is sans-IO: bytes and a `now`.',
      severity: 'error',
      from: { path: '^src/(core|wasm|bytes)/' },
      to: { path: 'node_modules/rxjs' },
    },
    {
      name: 'core-without-clock',
      comment: 'What reads a clock, sets a timer or knows RxJS is above src/core.',
      severity: 'error',
      from: { path: '^src/(core|wasm|bytes)/' },
      to: { path: '^src/(rx/|time/(?!deadline-heap|token-bucket))' },
    },
    {
      name: 'node-only-where-chosen',
      comment: 'Everything else runs in browsers.',
      severity: 'error',
      from: { path: '^(src|operators)/', pathNot: CHOSEN_BY_CONDITIONS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'operators-joined-in-session',
      comment: 'A session is the operators joined, in one room; a resumable session is dialed by `reconnecting`.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/session/|^src/resume/(options|resumable)\\.ts$' },
      to: { path: '^operators/' },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^#' },
    },
    ...upwards,
    ...besides,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['types', 'node', 'import', 'default'], exportsFields: ['exports'] },
    exclude: { path: '^src/wasm/(fec/)?assembly/' },
  },
};
