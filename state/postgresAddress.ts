import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { StateError } from './database';

/** What a `postgres://` address says. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Absent: the address names none. */
  readonly password?: string;
  readonly database: string;
  readonly ssl: false | ConnectionOptions;
  /** `host:port/database`, for messages: nothing secret. */
  readonly place: string;
}

const DEFAULT_PORT = 5432;

/**
 * Reads an address as libpq writes it: `postgresql://user:password@host:port/database?sslmode=verify-full`.
 * With any sslmode but `disable` the connection is encrypted and the server's certificate and name are checked:
 * what libpq calls `require` would take anybody's certificate. `sslrootcert` names a file of further authorities.
 * `host` may be a folder of a socket (`?host=/var/run/postgresql`). Throws StateError('unavailable'), never with the password.
 */
export function parsePostgresAddress(address: string): PostgresAddress {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url) throw new StateError('unavailable', 'DATABASE_URL is not an address. Write it as postgresql://user:password@host:5432/database?sslmode=verify-full, with special characters of the password as %XX.');
  const host = url.searchParams.get('host') ?? withoutBrackets(decode(url.hostname));
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  const user = decode(url.username) || 'postgres';
  const database = decode(url.pathname.slice(1)) || user;
  return {
    host: host || 'localhost',
    port,
    user,
    database,
    ssl: encryption(url.searchParams, host),
    place: `${host || 'localhost'}:${port}/${database}`,
    ...(url.password !== '' && { password: decode(url.password) }),
  };
}

const withoutBrackets = (host: string): string => host.replace(/^\[(.+)\]$/, '$1');

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a % that is meant as one
  }
}

/** With `host`: pg names it to the check of the certificate only where it is no IP address, and Node would then check for `localhost`. */
function encryption(parameters: URLSearchParams, host: string): false | ConnectionOptions {
  const mode = parameters.get('sslmode');
  if (mode === null || mode === 'disable') return false;
  const authorities = parameters.get('sslrootcert');
  return { rejectUnauthorized: true, host, ...(authorities !== null && authorities !== 'system' && { ca: readAuthorities(authorities) }) };
}

function readAuthorities(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StateError('unavailable', `The file ${path} cannot be read. Check sslrootcert in DATABASE_URL.`, { cause: error });
  }
}
