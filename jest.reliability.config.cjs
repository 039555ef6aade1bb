const base = require('./jest.config.cjs');

// The reliability suite: one file or more for each row of the scorecard, apart from `npm test`. The rows run one after
// the other: most of them measure times, or load both cores by themselves.
module.exports = {
  ...base,
  testMatch: ['**/test/reliability/**/*.row.ts'],
  testTimeout: 300_000,
  maxWorkers: 1,
  forceExit: true, // a row that fails may leave its load running; the run still has to end
  reporters: ['default', '<rootDir>/test/reliability/scorecardReporter.cjs'],
};
