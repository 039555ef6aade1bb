// Builds what browsers load: files named by their content's hash, each also compressed, and a manifest that the server reads.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
// The package exports neither its package.json nor the bundle; its entry is in lib/, the bundle beside that in dist/.
const webChat = join(dirname(createRequire(import.meta.url).resolve('botframework-webchat')), '../dist');

const contentTypes = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.vtt': 'text/vtt; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
};

/** Writes everything to `directory` (dist/web). What an earlier build compressed is not compressed again. */
export async function buildWeb(directory) {
  await mkdir(directory, { recursive: true });
  const sources = [...(await bundled()), ...(await copied())];
  const files = await Promise.all(sources.map((source) => store(directory, source)));
  await writeFile(join(directory, 'manifest.json'), JSON.stringify({ files }, null, 1));
  await removeOthers(directory, files);
}

async function bundled() {
  const { outputFiles } = await build({
    entryPoints: ['chat.ts', 'chat.css', 'thread.css'].map((name) => join(here, name)),
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    // Parts that are loaded later are named by the hash of their content, since the entry asks for them by name.
    chunkNames: '[name]-[hash]',
    outdir: 'out',
    write: false,
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outputFiles.map(({ path, contents }) => ({ name: basename(path), content: Buffer.from(contents), hashed: isEntry(path) }));
}

/** Entries have plain names; whatever else esbuild writes already has a hash in its name. */
const isEntry = (path) => ['chat.js', 'chat.css', 'thread.css'].includes(basename(path));

async function copied() {
  return Promise.all([
    // The package's ES modules import builds that npm does not hold (p-defer-es5 without lib), so the ready-made bundle is used.
    copy('webchat.js', join(webChat, 'webchat.js')),
    copy('webchat.js.LICENSE.txt', join(webChat, 'webchat.js.LICENSE.txt')),
    copy('icon.svg', join(here, 'icon.svg'), '/icon.svg'),
    copy('ami-ES2016c.vtt', join(here, 'samples/ami-ES2016c.vtt'), '/samples/ami-ES2016c.vtt'),
    ...['.md', '.de.md', '.es.md', '.fr.md'].map((ending) => copy(`transparency${ending}`, join(here, `../docs/transparency${ending}`), `/transparency${ending}`)),
  ]);
}

const copy = async (name, path, url) => ({ name, content: await readFile(path), url });

/** Writes one file and its compressed forms, and gives its line of the manifest. */
async function store(directory, { name, content, url, hashed = true }) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const extension = extname(name);
  const fileName = hashed ? `${basename(name, extension)}-${hash}${extension}` : name;
  const encodings = { identity: fileName, br: `${fileName}.br`, gzip: `${fileName}.gz` };
  await Promise.all([
    writeOnce(join(directory, fileName), () => content),
    writeOnce(join(directory, encodings.br), () => brotli(content)),
    writeOnce(join(directory, encodings.gzip), () => promisify(gzip)(content, { level: 9 })),
  ]);
  return { name, url: url ?? `/assets/${fileName}`, contentType: contentTypes[extension], hash, immutable: url === undefined, encodings };
}

/** The name holds the content's hash: a file that exists is right. */
async function writeOnce(path, contents) {
  if (!existsSync(path)) await writeFile(path, await contents());
}

// Quality 10 makes Web Chat 8 % smaller than 9 for two seconds once; 11 takes nine for 2 % more.
const brotli = (content) => promisify(brotliCompress)(content, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
});

/** Files of earlier builds. */
async function removeOthers(directory, files) {
  const current = new Set(['manifest.json', ...files.flatMap(({ encodings }) => Object.values(encodings))]);
  const others = (await readdir(directory)).filter((name) => !current.has(name));
  await Promise.all(others.map((name) => rm(join(directory, name))));
}
