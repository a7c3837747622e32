// Which imports the lint run allows: packages downwards, and inside a package rooms downwards. Tests may look anywhere.

/**
 * The rooms of each package or application, lowest first. A room may import the rooms before it in the list, never those
 * after it. Files that lie directly in `src` are the foundation of all rooms, except the ones that `roof` names: they
 * put the rooms together.
 */
export const FLOORS = {
  'packages/net': {
    rooms: ['transport', 'upper-layer', 'negotiation', 'association', 'pool', 'capture', 'testing'],
    roof: ['index', 'capture', 'internal', 'testing'],
  },
  'packages/dimse': {
    rooms: [
      'registry',
      'data-set',
      'part10',
      'pixel-data',
      'message',
      'query',
      'session',
      'services',
      'pool',
      'store',
      'retrieve',
      'workflow',
      'print',
      'replay',
      'dcmjs',
      'opentelemetry',
    ],
    roof: ['index', 'data-set', 'workflow', 'print', 'replay', 'store-contracts', 'dcmjs', 'transcode', 'opentelemetry'],
  },
  'apps/scp': {
    rooms: ['data-folder', 'shared-database', 'audit', 'instances', 'rules', 'query-retrieve', 'printer', 'worklist', 'workflow', 'deliveries', 'http', 'conformance'],
    roof: ['main', 'run', 'program', 'command-line', 'manual', 'write-manual', 'archive', 'area-settings', 'areas', 'conformance', 'print-conformance', 'delete-command', 'deletion-places', 'deletion-requests', 'quota-options', 'reload', 'shared-parts', 'study-retention'],
  },
  'apps/scu': {
    rooms: ['options', 'output', 'peer', 'results', 'files', 'verbs'],
    roof: ['main', 'run', 'program', 'command-line', 'manual', 'write-manual', 'verb-list'],
  },
};

const TEST = '\\.test\\.ts$';

const floors = Object.entries(FLOORS).flatMap(([place, { rooms, roof }]) => {
  const roofFiles = `^${place}/src/(${roof.join('|')})\\.ts$`;
  return [
    ...rooms.slice(0, -1).map((room, floor) => ({
      name: `${place}: ${room} imports no room above it`,
      severity: 'error',
      from: { path: `^${place}/src/${room}/`, pathNot: TEST },
      to: { path: `^${place}/src/(${rooms.slice(floor + 1).join('|')})/` },
    })),
    {
      name: `${place}: rooms do not import the files that put them together`,
      severity: 'error',
      from: { path: `^${place}/src/`, pathNot: [roofFiles, TEST] },
      to: { path: roofFiles },
    },
    {
      name: `${place}: the foundation imports no room`,
      severity: 'error',
      from: { path: `^${place}/src/[^/]+\\.ts$`, pathNot: [roofFiles, TEST] },
      to: { path: `^${place}/src/[^/]+/`, dependencyTypesNot: ['type-only'] },
    },
  ];
});

const packages = [
  { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
  {
    name: 'pdu-imports-nothing',
    severity: 'error',
    from: { path: '^packages/pdu/src', pathNot: TEST },
    to: { pathNot: '^packages/pdu/src' },
  },
  {
    name: 'net-imports-pdu',
    severity: 'error',
    from: { path: '^packages/net/src' },
    to: { path: '^(packages/dimse|apps)/' },
  },
  {
    name: 'testing-imports-none-of-the-packages',
    severity: 'error',
    from: { path: '^packages/testing/src' },
    to: { path: '^(packages/(pdu|net|dimse)|apps)/' },
  },
  {
    name: 'examples-use-public-doors',
    severity: 'error',
    from: { path: '^apps/examples/', pathNot: '^apps/examples/src/' },
    to: { path: '^packages/((testing|cli)/|[^/]+/src/internal\\.ts$)' },
  },
  { name: 'packages-do-not-import-apps', severity: 'error', from: { path: '^packages/' }, to: { path: '^apps/' } },
  {
    name: 'packages-do-not-load-dcmjs',
    severity: 'error',
    from: { path: '^packages/.*/src', pathNot: TEST },
    to: { path: 'node_modules/dcmjs' },
  },
];

export default {
  forbidden: [...packages, ...floors],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@x/source', 'import', 'require', 'node', 'default', 'types'],
    },
  },
};
