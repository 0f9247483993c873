// Which part may know which: each rule is a sentence of docs/ARCHITECTURE.md, and breaking one
// breaks `npm run check`. tools/test/dependency-rules.spec.ts breaks each on purpose.

const edge = String.raw`\.(controller|work|fanout|topic|rpc)\.ts$`;
const entries = [
  '^apps/[^/]+/src/main\\.ts$',
  '^libs/[^/]+/src/index\\.ts$',
  '^libs/testing/src/jest/',
];
const production = [
  '^apps/[^/]+/src/',
  '^libs/(contracts|database|messaging|sandbox|service)/src/',
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'services-meet-only-through-contracts',
      comment:
        'A service never imports another one: it sends or hears a message of libs/contracts, so ' +
        'that each can be deployed, changed and broken alone.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'libs-never-import-apps',
      comment: 'A lib serves every service and so knows none of them.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'database-stands-alone',
      comment: 'libs/database knows no other lib: tables and transactions need no messages.',
      severity: 'error',
      from: { path: '^libs/database/src/' },
      to: { path: '^libs/', pathNot: '^libs/database/' },
    },
    {
      name: 'messaging-stands-below-service',
      comment: 'libs/messaging builds on contracts and database; libs/service builds on it.',
      severity: 'error',
      from: { path: '^libs/messaging/src/' },
      to: { path: '^libs/service/' },
    },
    {
      name: 'sandbox-serves-the-gateway-alone',
      comment:
        'libs/sandbox is the far side of the payment gateway: payments reaches it through one ' +
        'adapter, and knows nothing of it elsewhere.',
      severity: 'error',
      from: {
        path: '^(apps|libs)/[^/]+/src/',
        pathNot: [
          '^libs/sandbox/',
          '^apps/sandbox-gateway/',
          '^apps/payments/src/(sandbox-[^/]+|payments\\.module)\\.ts$',
        ],
      },
      to: { path: '^libs/sandbox/' },
    },
    {
      name: 'contracts-are-plain',
      comment:
        'Contracts say what a message is, nothing of how it travels: they import class-validator ' +
        'and class-transformer alone.',
      severity: 'error',
      from: { path: '^libs/contracts/src/' },
      to: {
        pathNot: ['^libs/contracts/src/', 'node_modules/(class-validator|class-transformer)/'],
      },
    },
    {
      name: 'libs-are-entered-at-their-index',
      comment: 'What a lib offers is what its index.ts exports; import @tradepost/<lib>.',
      severity: 'error',
      from: { path: '^(apps|test|tools)/' },
      to: { path: '^libs/', pathNot: '^libs/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'libs-enter-libs-at-their-index',
      comment: 'What a lib offers is what its index.ts exports; import @tradepost/<lib>.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/', pathNot: '^libs/($1/|[^/]+/src/index\\.ts$)' },
    },
    {
      name: 'no-lib-enters-itself-at-its-index',
      comment: 'Inside a lib, import the file: going through its own index makes a cycle.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/src/' },
      to: { path: '^libs/$1/src/index\\.ts$' },
    },
    {
      name: 'one-door-to-the-broker',
      comment:
        'Only libs/messaging talks AMQP (and the test client of libs/testing; and the libraries ' +
        'that the drills are run against).',
      severity: 'error',
      from: { pathNot: '^(libs/(messaging|testing)|tools/drill/rivals)/' },
      to: { path: 'node_modules/(amqplib|amqp-connection-manager|@golevelup)/' },
    },
    {
      name: 'one-door-to-postgresql',
      comment: 'Only libs/database talks to PostgreSQL: Db, Tx, migrate.',
      severity: 'error',
      from: { pathNot: '^libs/database/' },
      to: { path: 'node_modules/(pg|pg-[^/]+|@types/pg|umzug)/' },
    },
    {
      name: 'edges-are-not-imported',
      comment:
        'Data goes edge → use case → store. Only the module lists the edges; nothing calls back ' +
        'into one.',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/', pathNot: '\\.module\\.ts$' },
      to: { path: `^apps/.*${edge}` },
    },
    {
      name: 'message-edges-call-use-cases',
      comment:
        'Where there is a domain, a handler names its use case and no store, so that the business ' +
        'sentence stands in one place.',
      severity: 'error',
      from: { path: '^apps/(orders|financial|payments)/src/.*\\.(work|fanout|topic|rpc)\\.ts$' },
      to: { path: '\\.store\\.ts$' },
    },
    {
      name: 'stores-know-nothing-above',
      comment:
        'A store is SQL and rows: it sends no message and answers no request. It may know what ' +
        'a message looks like.',
      severity: 'error',
      from: { path: '\\.store\\.ts$' },
      to: {
        path: [edge, '\\.module\\.ts$', '^libs/(messaging|service)/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'modules-are-the-top',
      comment: 'Only main.ts imports the module (and tests do).',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/', pathNot: '/src/main\\.ts$' },
      to: { path: '^apps/[^/]+/src/[^/]+\\.module\\.ts$' },
    },
    {
      name: 'no-test-code-in-services',
      comment: 'What is deployed imports neither tests nor libs/testing nor tools.',
      severity: 'error',
      from: { path: production },
      to: {
        path: ['^libs/testing/', '^(test|tools)/', '/test/', '\\.spec\\.ts$', 'node_modules/jest'],
      },
    },
    {
      name: 'production-needs-no-dev-dependencies',
      comment: 'Images install production dependencies alone.',
      severity: 'error',
      from: { path: production },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'commands-of-the-image-need-no-tests',
      comment: 'These run in the image as well, which has neither libs/testing nor what it needs.',
      severity: 'error',
      from: { path: '^tools/(migrate|dead-letters|topology|audit|broker-place|services|state)' },
      to: { path: ['^libs/testing/', '^tools/start'] },
    },
    {
      name: 'nothing-imports-tools',
      comment: 'tools are commands: they start things, nothing is built on them.',
      severity: 'error',
      from: { pathNot: '^tools/' },
      to: { path: '^tools/' },
    },
    {
      name: 'tools-run-services-as-processes',
      comment: 'A command starts a service from dist; it never loads one.',
      severity: 'error',
      from: {
        path: '^tools/',
        pathNot: ['^tools/topology/service-modules\\.ts$', '^tools/order-states\\.ts$'],
      },
      to: { path: '^apps/' },
    },
    {
      name: 'order-states-reads-the-table-alone',
      comment: 'The drawing of the states of an order comes from the table that decides them.',
      severity: 'error',
      from: { path: '^tools/order-states\\.ts$' },
      to: { path: '^apps/', pathNot: '^apps/orders/src/order\\.ts$' },
    },
    {
      name: 'topology-reads-modules-alone',
      comment:
        'What each service wants on the broker is read off the metadata of its module: one file ' +
        'may import the modules, and nothing else of an app.',
      severity: 'error',
      from: { path: '^tools/topology/service-modules\\.ts$' },
      to: { path: '^apps/', pathNot: '\\.module\\.ts$' },
    },
    {
      name: 'no-cycles',
      comment: 'Nobody can say which file of a cycle comes first. Types alone may point back.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-dead-files',
      comment: 'What neither a main.ts nor the index of a lib reaches is not used.',
      severity: 'error',
      from: { path: entries },
      to: { path: '^(apps|libs)/[^/]+/src/', pathNot: entries, reachable: false },
    },
    {
      name: 'no-orphans',
      comment: 'A file that imports nothing and that nothing imports is left over.',
      severity: 'error',
      from: { orphan: true, pathNot: '(\\.d\\.ts$|/test/|^test/|^tools/[^/]+\\.ts$)' },
      to: {},
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-dependencies',
      comment: 'What is imported stands in package.json, not only in node_modules by luck.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage|\\.tradepost)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json', '.mjs', '.cjs'],
    },
  },
};
