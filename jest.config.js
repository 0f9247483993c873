const { availableParallelism } = require('node:os');

// Three kinds of tests, told apart by their names: `jest --selectProjects unit` and so on.
// What integration and e2e need (a broker, a database, dist) `npm test` provides.
const ignored = ['/node_modules/', '/dist/', '/.tradepost/'];

/** @returns {import('jest').Config} */
function project(displayName, testMatch, more = {}) {
  return {
    displayName,
    testMatch,
    testEnvironment: 'node',
    transform: { '^.+\\.ts$': '@swc/jest' },
    moduleNameMapper: { '^@tradepost/(.*)$': '<rootDir>/libs/$1/src/index.ts' },
    testPathIgnorePatterns: ignored,
    modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.tradepost/'],
    setupFiles: ['reflect-metadata'],
    ...more,
  };
}

/** @type {import('jest').Config} */
module.exports = {
  // Every e2e suite starts five processes of its own: more at a time only slows them all.
  maxWorkers: Math.min(availableParallelism(), 4),
  projects: [
    project('unit', ['<rootDir>/{apps,libs,tools}/**/test/**/!(*.int|*.e2e).spec.ts']),
    project('integration', ['<rootDir>/{apps,libs,tools}/**/test/**/*.int.spec.ts'], {
      setupFilesAfterEnv: ['<rootDir>/libs/testing/src/jest/integration.ts'],
    }),
    project('e2e', ['<rootDir>/test/e2e/**/*.e2e.spec.ts'], {
      setupFilesAfterEnv: ['<rootDir>/libs/testing/src/jest/e2e.ts'],
    }),
  ],
};
