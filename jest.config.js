const { availableParallelism } = require('node:os');

// Tests of traces have a collector of their own; that of a shell is for what it runs.
delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;

// Three kinds of tests, by their names: `jest --selectProjects unit` and so on.
// What integration and e2e need (a broker, a database, dist) `npm test` provides.
// `browser` needs a Chromium: `npm run test:browser`; `npm test` has a short version of it.
// `slow` are those of them that take long: `npm run test:slow`. Of what they show `npm test` has a
// short version: chaos kills, cancels and audits, the suites of the library call what the commands
// call. `longest` are those of a minute and more that another one has a short version of:
// `npm run test:longest`.
const paths = (names) => names.map((path) => `<rootDir>/${path}`);
const longest = paths([
  'bench/test/bench-shops.int.spec.ts',
  'dev/test/contracts-page.spec.ts',
  'dev/test/start-page.int.spec.ts',
  'test/faults/drills/test/sample-drills.int.spec.ts',
  'test/fuzz/test/fuzz-longer.int.spec.ts',
]);
const slow = paths([
  'apps/financial/test/balances.int.spec.ts',
  'apps/financial/test/statement-stop.int.spec.ts',
  'apps/log-sink/test/alerts-restart.int.spec.ts',
  'apps/log-sink/test/export.int.spec.ts',
  'apps/orders/test/database-sessions.int.spec.ts',
  'apps/orders/test/deliver-webhook.int.spec.ts',
  'apps/orders/test/event-readers.int.spec.ts',
  'apps/orders/test/events.int.spec.ts',
  'apps/orders/test/forget-deliveries.int.spec.ts',
  'apps/orders/test/hostile-endpoints.int.spec.ts',
  'apps/orders/test/webhook-addresses.int.spec.ts',
  'apps/payments/test/hostile-gateway.spec.ts',
  'apps/payments/test/other-languages.int.spec.ts',
  'apps/payments/test/sweep-payments.int.spec.ts',
  'apps/sandbox-gateway/test/callbacks.int.spec.ts',
  'apps/sandbox-gateway/test/fault-injection.int.spec.ts',
  'bench/test/bench.int.spec.ts',
  'bench/test/scale.int.spec.ts',
  'bench/test/stopped.int.spec.ts',
  'dev/contracts/test/agreement.spec.ts',
  'dev/contracts/test/documents.spec.ts',
  'dev/contracts/test/examples.int.spec.ts',
  'dev/contracts/test/mounted-routes.int.spec.ts',
  'dev/contracts/test/openapi-examples.int.spec.ts',
  'dev/k8s/test/rules.spec.ts',
  'dev/test/broker-users.int.spec.ts',
  'dev/test/dev.int.spec.ts',
  'dev/test/embedded-binaries.spec.ts',
  'dev/test/help.spec.ts',
  'dev/test/image.spec.ts',
  'dev/test/lab-command.int.spec.ts',
  'dev/test/lab-outbox.int.spec.ts',
  'dev/test/lab.int.spec.ts',
  'dev/test/mutants.spec.ts',
  'dev/test/nest-cli.spec.ts',
  'dev/test/odd-path.int.spec.ts',
  'dev/test/process-list.int.spec.ts',
  'dev/test/secrets.int.spec.ts',
  'dev/test/shell-environment.int.spec.ts',
  'dev/test/start-page.spec.ts',
  'dev/test/start-tokens.int.spec.ts',
  'dev/test/tls-servers.int.spec.ts',
  'libs/database/test/fail-over.int.spec.ts',
  'libs/database/test/retry.int.spec.ts',
  'libs/database/test/row-types.int.spec.ts',
  'libs/database/test/silent-servers.int.spec.ts',
  'libs/messaging/test/bundles.int.spec.ts',
  'libs/messaging/test/classic-to-quorum.int.spec.ts',
  'libs/messaging/test/consumer.int.spec.ts',
  'libs/messaging/test/dead-letters-command.int.spec.ts',
  'libs/messaging/test/dead-letters-restart.int.spec.ts',
  'libs/messaging/test/denials.int.spec.ts',
  'libs/messaging/test/encoded.int.spec.ts',
  'libs/messaging/test/full-queue.int.spec.ts',
  'libs/messaging/test/golevelup-options.int.spec.ts',
  'libs/messaging/test/golevelup.int.spec.ts',
  'libs/messaging/test/in-order.int.spec.ts',
  'libs/messaging/test/keyed-outbox-faults.int.spec.ts',
  'libs/messaging/test/liveness.int.spec.ts',
  'libs/messaging/test/modes.int.spec.ts',
  'libs/messaging/test/nest-client.int.spec.ts',
  'libs/messaging/test/nest-enhancers.int.spec.ts',
  'libs/messaging/test/nest-outbox.int.spec.ts',
  'libs/messaging/test/nest-strategy.int.spec.ts',
  'libs/messaging/test/operators.int.spec.ts',
  'libs/messaging/test/orms.int.spec.ts',
  'libs/messaging/test/outbox-poll.int.spec.ts',
  'libs/messaging/test/package.int.spec.ts',
  'libs/messaging/test/parts.int.spec.ts',
  'libs/messaging/test/permissions.int.spec.ts',
  'libs/messaging/test/replicas.int.spec.ts',
  'libs/messaging/test/republish-large.int.spec.ts',
  'libs/messaging/test/republish.int.spec.ts',
  'libs/messaging/test/silence.int.spec.ts',
  'libs/messaging/test/strict-suites.int.spec.ts',
  'libs/messaging/test/supervision.int.spec.ts',
  'libs/messaging/test/topology-command.int.spec.ts',
  'libs/messaging/test/topology.int.spec.ts',
  'libs/messaging/test/traces.int.spec.ts',
  'libs/messaging/test/upcast.int.spec.ts',
  'libs/messaging/test/users.int.spec.ts',
  'libs/service/test/forgotten-handler.int.spec.ts',
  'libs/service/test/metrics.int.spec.ts',
  'libs/service/test/rpc-problems.int.spec.ts',
  'libs/service/test/slow-requests.spec.ts',
  'test/e2e/audit.e2e.spec.ts',
  'test/e2e/broker-down.e2e.spec.ts',
  'test/e2e/cancel.e2e.spec.ts',
  'test/e2e/collector-away.e2e.spec.ts',
  'test/e2e/console.e2e.spec.ts',
  'test/e2e/deadlines.e2e.spec.ts',
  'test/e2e/deaths.e2e.spec.ts',
  'test/e2e/denials.e2e.spec.ts',
  'test/e2e/documented-curls.e2e.spec.ts',
  'test/e2e/events.e2e.spec.ts',
  'test/e2e/full-logs.e2e.spec.ts',
  'test/e2e/gateway.e2e.spec.ts',
  'test/e2e/metrics.e2e.spec.ts',
  'test/e2e/nest.e2e.spec.ts',
  'test/e2e/permissions.e2e.spec.ts',
  'test/e2e/rotation.e2e.spec.ts',
  'test/e2e/traffic.e2e.spec.ts',
  'test/e2e/webhooks.e2e.spec.ts',
  'test/faults/drills/test/cluster-drills.int.spec.ts',
  'test/faults/drills/test/drill.int.spec.ts',
  'test/faults/drills/test/quick-drills.int.spec.ts',
  'test/kit/test/rabbitmq-folder.int.spec.ts',
]);
const ignored = ['/node_modules/', '/dist/', '/\\.dist-', '/.tradepost/'];

/** @returns {import('jest').Config} */
function project(displayName, testMatch, more = {}) {
  return {
    displayName,
    testMatch,
    testEnvironment: 'node',
    // jose is ESM alone, which jest does not mix with CommonJS; Node does.
    transform: { '^.+\\.ts$': '@swc/jest', '/node_modules/jose/.+\\.js$': '@swc/jest' },
    transformIgnorePatterns: ['/node_modules/(?!jose/)'],
    moduleNameMapper: {
      '^@tradepost/test-kit$': '<rootDir>/test/kit/index.ts',
      '^@tradepost/messaging/(contract|ops|golevelup|nest|kysely|drizzle|typeorm|prisma|testing)$':
        '<rootDir>/libs/messaging/src/$1.ts',
      '^@tradepost/(.*)$': '<rootDir>/libs/$1/src/index.ts',
    },
    testPathIgnorePatterns: [...ignored, ...slow, ...longest],
    modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.dist-', '<rootDir>/.tradepost/'],
    setupFiles: ['reflect-metadata'],
    ...more,
  };
}

/** @type {import('jest').Config} */
module.exports = {
  // Most suites wait half of their time. Every e2e suite starts five processes of its own: many more
  // at a time only slow them all.
  maxWorkers: Math.min(availableParallelism() + 1, 4),
  testSequencer: './jest.sequencer.js',
  projects: [
    project('unit', [
      '<rootDir>/{apps,libs,ops,dev,bench,test,examples}/**/test/**/!(*.int|*.e2e).spec.ts',
    ]),
    project(
      'integration',
      ['<rootDir>/{apps,libs,ops,dev,bench,test,examples}/**/test/**/*.int.spec.ts'],
      {
        setupFilesAfterEnv: ['<rootDir>/test/kit/jest/integration.ts'],
      },
    ),
    project('e2e', ['<rootDir>/test/e2e/**/*.e2e.spec.ts'], {
      setupFilesAfterEnv: ['<rootDir>/test/kit/jest/e2e.ts'],
    }),
    project('browser', ['<rootDir>/test/browser/**/*.browser.spec.ts'], {
      setupFilesAfterEnv: ['<rootDir>/test/kit/jest/e2e.ts'],
    }),
    ...Object.entries({ slow, longest }).map(([name, suites]) =>
      project(name, suites, {
        testPathIgnorePatterns: ignored,
        setupFilesAfterEnv: ['<rootDir>/test/kit/jest/e2e.ts'],
      }),
    ),
  ],
};
