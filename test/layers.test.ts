import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Who may import whom. Entry points (index.ts, cli) may import anything. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  bot: ['dialogs', 'ai', 'cards', 'threads', 'state'],
  dialogs: ['ai', 'cards', 'threads', 'state'],
  threads: ['state'],
  ai: ['threads'],
  cards: [],
  state: [],
  web: [],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isTypeOnly: boolean;
}

const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const statements = text.matchAll(/(?:^|\n)\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s+['"](\.[^'"]+)['"]|import\(\s*['"](\.[^'"]+)['"]\s*\)/g);
  return [...statements].map(([, type, from, lazy]) => ({ from: file, to: normalize(join(dirname(file), from ?? lazy ?? '')), isTypeOnly: type !== undefined }));
}

const layerOf = (path: string): string => path.split('/')[0] ?? '';

test('the test reads the import lines that are there', () => {
  expect(importsOf('bot/app.ts').map(({ to }) => to)).toEqual(expect.arrayContaining(['state/turns', 'bot/server']));
});

test.each(Object.keys(allowed))('%s imports only what lies below it', (layer) => {
  // package.json lies in no layer: it is data (the version)
  const foreign = sources(layer).flatMap(importsOf).filter(({ to }) => layerOf(to) !== layer && to !== 'package.json');
  expect(foreign.filter(({ to }) => !allowed[layer]?.includes(layerOf(to))).map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

test('ai takes nothing but types and errors from threads', () => {
  const taken = sources('ai').flatMap(importsOf).filter(({ to, isTypeOnly }) => layerOf(to) === 'threads' && !isTypeOnly);
  expect(taken.filter(({ to }) => to !== 'threads/error').map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

test('the environment is read in entry points only', () => {
  const readers = Object.keys(allowed).flatMap(sources).filter((file) => /\bprocess\.env\b/.test(readFileSync(file, 'utf8')));
  expect(readers.filter((file) => file !== 'bot/directLine/echo.ts')).toEqual([]);
});

test('no layer has a catch-all folder or a barrel', () => {
  const names = Object.keys(allowed).flatMap(sources);
  expect(names.filter((name) => /(^|\/)(utils|types|helpers|common)\//.test(name) || name.endsWith('/index.ts'))).toEqual([]);
});
