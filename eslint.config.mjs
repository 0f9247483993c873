import tseslint from 'typescript-eslint';

// docs/STYLE.md, as far as it can be checked; dev/test/eslint-rules.spec.ts breaks each of its
// rules on purpose.

const tests = ['{apps,libs,ops,dev,bench,examples}/**/test/**', 'test/e2e/**', 'test/**/test/**'];
const barrels = [
  'libs/*/src/index.ts',
  'libs/messaging/src/{golevelup,nest,ops,testing}.ts',
  'test/kit/index.ts',
];

/** An entry of no-restricted-syntax. */
const banned = (selector, message) => ({ selector, message });

const emptyWord = '/(Dto|Impl|Manager|Helper|Utils?|Integration)(?=[A-Z0-9_]|$)/';

const everywhere = [
  banned(
    ':matches(ExportAllDeclaration, ExportNamedDeclaration[source])',
    'Re-export only in the index.ts of a lib: import the file itself.',
  ),
  ...['', 'VariableDeclaration > '].map((within) =>
    banned(
      `ExportNamedDeclaration > ${within}[id.name=${emptyWord}]`,
      'A word of this exported name says nothing, or too much: leave it out.',
    ),
  ),
  ...['object', 'object.property'].map((target) =>
    banned(
      `CallExpression[callee.${target}.name=/^log(ger)?$/][arguments.0.type="TemplateLiteral"]`,
      'A log line is a plain text: its facts go into fields.',
    ),
  ),
];

/** What calls the outside: not tests, whose runner ends what hangs. */
const outgoing = [
  banned(
    'CallExpression[callee.name="fetch"]:not(:has(Property[key.name="signal"]))',
    'A call to the outside has a deadline: give it a signal.',
  ),
];
const inCode = [...everywhere, ...outgoing];

/** The suffix of a file says which edge is in it, so that `ls` draws the messages. */
const suffixes = {
  OnWork: 'work',
  OnFanout: 'fanout',
  OnTopic: 'topic',
  OnRpc: 'rpc',
  Controller: 'controller',
  Module: 'module',
};

const edges = Object.entries(suffixes).map(([decorator, suffix]) => ({
  suffix,
  ...banned(
    `Decorator[expression.callee.name="${decorator}"]`,
    `@${decorator} belongs in a *.${suffix}.ts file.`,
  ),
}));

const sql = ['[callee.object.name=/^(tx|db)$/]', '[callee.object.property.name=/^(tx|db)$/]'].map(
  (target) => ({
    suffix: 'store',
    ...banned(
      `CallExpression[callee.property.name="query"]${target}`,
      'SQL belongs in a *.store.ts file.',
    ),
  }),
);

const inTests = [
  banned(
    'CallExpression[callee.name=/^(fit|fdescribe|xit|xdescribe|xtest)$/]',
    'Every test runs, every time.',
  ),
  banned(
    'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(only|skip|todo)$/]',
    'Every test runs, every time.',
  ),
  banned(
    'CallExpression[callee.name=/^(setTimeout|sleep|pause|delay|wait)$/]',
    'Wait for the outcome with eventually().',
  ),
  banned(
    String.raw`CallExpression[callee.name="expect"][arguments.0.raw=/^(true|false|null|\d)/]`,
    'An expected constant proves nothing.',
  ),
];

/** The rules of a service's files: of all of them, but what the suffix of some allows. */
const suffixRules = ['', ...new Set([...edges, ...sql].map(({ suffix }) => suffix))].map((own) => ({
  files: [`apps/*/src/**/*${own && `.${own}`}.ts`],
  rules: restrict([
    ...inCode,
    ...[...edges, ...sql]
      .filter(({ suffix }) => suffix !== own)
      .map(({ selector, message }) => banned(selector, message)),
  ]),
}));

/** A file whose name is wrong, which is what its whole program is reported for. */
function misnamed({ files, ignores = [] }, message) {
  return { files, ignores, rules: restrict([banned('Program', message)]) };
}

function restrict(entries) {
  return { 'no-restricted-syntax': ['error', ...entries] };
}

// Type-aware throughout: an unawaited promise in a handler acks a message before its work is done.
export default tseslint.config(
  { ignores: ['**/node_modules/', '**/dist/', '.dist-*/', 'coverage/', '.tradepost/'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // An async function without await still turns a throw into a rejection: that is its point.
      '@typescript-eslint/require-await': 'off',
      // Nest's modules are classes without members.
      '@typescript-eslint/no-extraneous-class': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-empty': 'error',
      'no-fallthrough': 'error',
      'no-param-reassign': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'prefer-template': 'error',
    },
  },
  {
    // The runtime says `void` where it does not wait; a handler always waits.
    files: ['apps/*/src/**/*.ts'],
    ignores: ['apps/*/src/main.ts'],
    rules: { '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }] },
  },
  {
    files: [
      'ops/**',
      'dev/**',
      'bench/**',
      'test/faults/**',
      'test/fuzz/**',
      'libs/messaging/{bin,src/commands}/**',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    // Plain JavaScript has no types to be aware of.
    files: ['**/*.{js,mjs,cjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    // Tests read JSON off the wire and hold jest's matchers, both of which are untyped.
    files: ['**/test/**/*.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-require-imports': 'off',
    },
  },
  {
    files: ['**/*.{ts,tsx,mjs}'],
    rules: {
      'max-len': ['error', { code: 100 }],
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 70, IIFEs: true }],
      'no-warning-comments': [
        'error',
        { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'anywhere' },
      ],
      ...restrict(inCode),
      'no-restricted-globals': [
        'error',
        {
          name: 'fetch',
          message:
            'The signal of that of Node 20 is lost when garbage is collected: take that of undici.',
        },
      ],
    },
  },
  // A browser has no undici.
  { files: ['apps/console/page/**'], rules: { 'no-restricted-globals': 'off' } },
  { files: barrels, rules: { 'no-restricted-syntax': 'off' } },
  {
    // What happened is named in the past tense.
    files: ['libs/contracts/src/**/*.ts'],
    ignores: barrels,
    rules: restrict([
      ...everywhere,
      banned('ClassDeclaration[id.name=/Event$/]', 'A contract is an event without saying so.'),
    ]),
  },
  {
    files: ['apps/**/*.ts', 'libs/*/src/**/*.ts', 'test/e2e/**/*.ts'],
    ignores: ['libs/service/src/**', 'libs/messaging/src/{commands,testing}/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'A field of the config class is validated at the start.',
        },
      ],
    },
  },
  ...suffixRules,
  {
    files: tests,
    rules: {
      'max-len': ['error', { code: 120 }],
      'max-lines': ['error', { max: 400 }],
      'no-restricted-globals': 'off',
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['*timers/promises'], message: 'Wait for the outcome with eventually().' },
          ],
        },
      ],
      ...restrict([...everywhere, ...inTests]),
    },
  },
  // A suite is as long as its tests.
  { files: ['**/*.spec.ts'], rules: { 'max-lines-per-function': 'off' } },
  misnamed(
    { files: ['**/?(*[.-])@(dto|impl|manager|helper?(s)|util?(s)|common|shared)[.-]*'] },
    'The name of this file says nothing: name the one thing it does.',
  ),
  misnamed(
    { files: ['**/index.ts'], ignores: barrels },
    'An index.ts only in libs/*/src: import the file itself.',
  ),
  misnamed(
    {
      files: ['apps/*/src/**/*.ts'],
      ignores: ['**/+([a-z0-9-])?(.@(controller|work|fanout|topic|rpc|store|module|config)).ts'],
    },
    'kebab-case, with a suffix of docs/STYLE.md or none.',
  ),
  misnamed(
    { files: ['test/e2e/**/*.spec.ts'], ignores: ['**/*.e2e.spec.ts'] },
    'Specs in test/e2e run whole services: *.e2e.spec.ts.',
  ),
);
