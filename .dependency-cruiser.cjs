// Which part may know which: each rule is a sentence of docs/ARCHITECTURE.md, and breaking one
// breaks `npm run check`. dev/test/dependency-rules.spec.ts breaks each on purpose.

const edge = String.raw`\.(controller|work|fanout|topic|rpc)\.ts$`;
const libEntries =
  '^libs/([^/]+/src/index|messaging/src/(contract|ops|golevelup|nest|kysely|drizzle|typeorm|prisma|testing))\\.ts$';
const entries = ['^apps/[^/]+/src/main\\.ts$', libEntries];
/** What the image holds. */
const production = ['^apps/([^/]+/src/|services\\.ts$)', '^libs/[^/]+/src/', '^ops/(?!.*test/)'];
/** The one place where payments knows the far side of its gateway. */
const sandboxAdapter =
  '^apps/payments/src/(gateway/sandbox-gateway|sandbox-charges\\.controller|payments\\.module)\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'services-meet-only-through-contracts',
      comment:
        'A service never imports another one: it sends or hears a message of libs/contracts, so ' +
        'that each can be deployed, changed and broken alone.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: sandboxAdapter },
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
      name: 'messaging-is-a-package',
      comment:
        'libs/messaging imports nothing of the shop: contracts are given to its decorators, and a ' +
        'database to its port.',
      severity: 'error',
      from: { path: '^libs/messaging/(src|bin)/' },
      to: { path: '^(apps|libs|ops|dev|bench|test)/', pathNot: '^libs/messaging/(src|bin)/' },
    },
    {
      name: 'payments-knows-the-charges-of-the-sandbox-alone',
      comment:
        'The in-process adapter of payments shares the charges of the sandbox gateway, and ' +
        'nothing else of it.',
      severity: 'error',
      from: { path: sandboxAdapter },
      to: { path: '^apps/', pathNot: '^apps/(payments|sandbox-gateway/src/charges)/' },
    },
    {
      name: 'contracts-are-plain',
      comment:
        'Contracts say what a message is: they import class-validator, class-transformer and the ' +
        'routes of libs/messaging, which load no runtime.',
      severity: 'error',
      from: { path: '^libs/contracts/src/' },
      to: {
        pathNot: [
          '^libs/contracts/src/',
          '^libs/messaging/src/contract\\.ts$',
          'node_modules/(class-validator|class-transformer)/',
        ],
      },
    },
    {
      name: 'libs-are-entered-at-their-index',
      comment: 'What a lib offers is what its entries export; import @tradepost/<lib>.',
      severity: 'error',
      // The benchmark publishes as the outbox relay does, which no application can.
      from: { path: '^(apps|ops|dev|bench|test)/', pathNot: '^bench/peers/tradepost\\.ts$' },
      to: { path: '^libs/', pathNot: libEntries },
    },
    {
      name: 'libs-enter-libs-at-their-index',
      comment: 'What a lib offers is what its entries export; import @tradepost/<lib>.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/', pathNot: ['^libs/$1/', libEntries] },
    },
    {
      name: 'no-lib-enters-itself-at-its-index',
      comment: 'Inside a lib, import the file: going through its own index makes a cycle.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/src/' },
      to: { path: '^libs/$1/src/index\\.ts$' },
    },
    {
      name: 'only-messaging-talks-to-the-broker',
      comment:
        'Only libs/messaging talks AMQP (and the taps of test/kit, the wait for a local broker, the ' +
        'examples of services that others have, and what the drills and the benchmark compare with).',
      severity: 'error',
      from: {
        pathNot:
          '^(libs/messaging/|test/kit/|test/faults/drills/baselines/|bench/|examples/|dev/local/ready)',
      },
      to: { path: 'node_modules/(amqplib|amqp-connection-manager|@golevelup)/' },
    },
    {
      name: 'only-database-talks-to-postgresql',
      comment:
        'Only libs/database talks to PostgreSQL: Db, Tx, migrate (and what the benchmark ' +
        'compares with, and the test database and the ORMs of libs/messaging).',
      severity: 'error',
      from: {
        pathNot:
          '^(libs/database/|libs/messaging/(test/orms|src/testing)/|bench/stock/|bench/logs/raw-inserter)',
      },
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
        'Where there is a domain, and so a folder a feature, a handler names its use case and no ' +
        'store, so that the business sentence stands in one place.',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/.*\\.(work|fanout|topic|rpc)\\.ts$' },
      to: { path: '^apps/[^/]+/src/[^/]+/.*\\.store\\.ts$' },
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
      name: 'apps-and-libs-stand-alone',
      comment: 'Deployed code imports no command, no benchmark and no test.',
      severity: 'error',
      from: { path: ['^apps/([^/]+/src/|services\\.ts$)', '^libs/[^/]+/src/'] },
      to: { path: ['^(ops|dev|bench|test)/', '/test/', '\\.spec\\.ts$', 'node_modules/jest'] },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'What the package offers to tests is not part of a service.',
      severity: 'error',
      from: { path: production, pathNot: '^libs/messaging/src/testing' },
      to: { path: '^libs/messaging/src/testing' },
    },
    {
      name: 'production-needs-no-dev-dependencies',
      comment: 'Images install production dependencies alone.',
      severity: 'error',
      from: { path: production },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'ops-needs-no-dev',
      comment: 'The image has the commands of ops, and neither dev nor test.',
      severity: 'error',
      from: { path: '^ops/', pathNot: '/test/' },
      to: { path: ['^(dev|bench|test)/', '/test/'] },
    },
    {
      name: 'dev-needs-no-tests',
      comment: 'npm start works without the tests; test/ builds on dev/, never the other way.',
      severity: 'error',
      from: { path: '^dev/', pathNot: '/test/' },
      to: { path: ['^(bench|test)/', '/test/'] },
    },
    {
      name: 'nothing-needs-the-bench',
      comment: 'The benchmark measures what runs without it; the image does not have it.',
      severity: 'error',
      from: { path: '^(apps|libs|ops|dev|test)/' },
      to: { path: '^bench/' },
    },
    {
      name: 'bench-needs-no-tests',
      comment: 'npm run bench works without the tests.',
      severity: 'error',
      from: { path: '^bench/', pathNot: '/test/' },
      to: { path: ['^test/', '/test/'] },
    },
    {
      name: 'examples-stand-alone',
      comment: 'An example is a service of somebody else, who has packages and nothing of ours.',
      severity: 'error',
      from: { path: '^examples/[^/]+/src/' },
      to: { path: '^(apps|libs|ops|dev|bench|test)/' },
    },
    {
      name: 'commands-run-services-as-processes',
      comment: 'A command starts a service from dist; it never loads one.',
      severity: 'error',
      from: {
        path: '^(ops|dev|bench|test)/',
        pathNot: '^dev/order-states\\.ts$',
      },
      to: { path: '^apps/', pathNot: '^apps/services\\.ts$' },
    },
    {
      name: 'order-states-reads-the-table-alone',
      comment: 'The drawing of the states of an order comes from the table that decides them.',
      severity: 'error',
      from: { path: '^dev/order-states\\.ts$' },
      to: { path: '^apps/', pathNot: '^apps/orders/src/order/order\\.ts$' },
    },
    {
      name: 'the-list-of-services-reads-modules-alone',
      comment: 'The one list of services may import their modules, and nothing else of an app.',
      severity: 'error',
      from: { path: '^apps/services\\.ts$' },
      to: { path: '^(apps|libs|ops)/', pathNot: '^apps/[^/]+/src/[^/]+\\.module\\.ts$' },
    },
    {
      name: 'the-page-knows-the-api-alone',
      comment:
        'What the page knows of its server is src/api, and of services what they tell operators: ' +
        'it is built by itself, and asks.',
      severity: 'error',
      from: { path: '^apps/console/page/' },
      to: {
        path: '^(apps|libs|ops|dev|bench|test)/',
        pathNot: '^(apps/console/(page|src/api)/|libs/messaging/src/ops\\.ts$)',
      },
    },
    {
      name: 'the-page-takes-types-alone',
      comment: 'What the page is built of is its own: a change elsewhere does not build it anew.',
      severity: 'error',
      from: { path: '^apps/console/page/' },
      to: {
        path: '^(apps|libs)/',
        pathNot: '^apps/console/page/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'the-page-is-built-not-imported',
      comment: 'Only its tests import a file of the page; the server sends what Vite made of it.',
      severity: 'error',
      from: { pathNot: '^apps/console/(page|test)/' },
      to: { path: '^apps/console/page/' },
    },
    {
      name: 'no-cycles',
      comment: 'No file of a cycle comes first. Types alone may point back.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-dead-files',
      comment: 'What neither a main.ts nor the index of a lib reaches is not used.',
      severity: 'error',
      from: { path: entries },
      to: {
        path: '^(apps|libs)/[^/]+/src/',
        pathNot: [...entries, '\\.d\\.ts$'],
        reachable: false,
      },
    },
    {
      name: 'no-orphans',
      comment: 'A file that imports nothing and that nothing imports is left over.',
      severity: 'error',
      from: { orphan: true, pathNot: '(\\.d\\.ts$|/test/|^test/|^(ops|dev|bench)/[^/]+\\.ts$)' },
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
      comment: 'package.json names every package that is imported.',
      severity: 'error',
      from: {},
      // An optional peer counts as both: its entry in peerDependenciesMeta is of no known kind.
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
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
      extensions: ['.ts', '.tsx', '.js', '.json', '.mjs', '.cjs'],
    },
  },
};
