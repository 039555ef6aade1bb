// Builds what `npm start` runs: the server and the tools as single files (a bundle halves the start-up time).
import { build } from 'esbuild';

const entries = {
  server: 'index.ts',
  parley: 'cli/parley.ts',
  'directline-echo': 'bot/directLine/echo.ts',
};

await build({
  entryPoints: entries,
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  external: ['dtrace-provider'],
  sourcemap: 'external',
  logLevel: 'warning',
});
