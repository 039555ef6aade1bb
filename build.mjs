// Builds what `npm start` runs: the server and the tools as single files (a bundle halves the start-up time).
import { build } from 'esbuild';
import { buildWeb } from './web/build.mjs';

const product = {
  server: 'index.ts',
  parley: 'cli/parley.ts',
  'directline-echo': 'bot/directLine/echo.ts',
};

// `node build.mjs bench`: the peers of `npm run bench`, bundled just as the product is.
const bench = {
  'bench/run': 'test/bench/run.ts',
  'bench/floorPeer': 'test/bench/floorPeer.ts',
  'bench/botbuilderPeer': 'test/bench/botbuilderPeer.ts',
  'bench/agentsPeer': 'test/bench/agentsPeer.ts',
  'bench/parleyPeer': 'test/bench/parleyPeer.ts',
};

const web = buildWeb('dist/web'); // meanwhile: it mostly waits for the compressors

await build({
  entryPoints: process.argv.includes('bench') ? bench : product,
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  // Optional packages that are not installed: restify's and (in a bench peer) the Agents SDK's.
  external: ['dtrace-provider', '@opentelemetry/api', '@opentelemetry/api-logs'],
  sourcemap: 'external',
  logLevel: 'warning',
});

await web;
