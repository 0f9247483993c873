const { default: Sequencer } = require('@jest/test-sequencer');

/** They take longest, and say so by nothing that jest knows before it has run them once. */
const longest = [
  /chaos\.int\.spec/,
  /liveness\.int\.spec/,
  /drill\.int\.spec/,
  /topology\.int\.spec/,
];

/** The longest suites begin first: at the end, each alone, they would be waited for. */
module.exports = class extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const found = longest.findIndex((name) => name.test(path));
      return found < 0 ? longest.length : found;
    };
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
};
