import { EncryptJWT, jwtDecrypt } from 'jose';
import type { Logger } from 'pino';
import type { Request, Response, Server } from 'restify';
import type { Database } from '../state/database';
import { sharedSecret } from '../state/secrets';
import { personOf } from './person';
import { personDocument } from './personDocument';
import { HttpError } from './readBody';
import { route } from './server';

const DATA_PATH = '/my-data';
/** Long enough to open it, short enough that a link left behind opens nothing. */
const LIFETIME = '15 minutes';

export interface MyDataOptions {
  readonly database: Database;
  readonly publicUrl: () => string;
  readonly log: Logger;
}

/** Where people fetch what is kept about them: nothing is stored for it, the address itself says whose and until when. */
export interface DataFiles {
  urlFor(userKey: string): Promise<string>;
  /** `GET /my-data?token=...` */
  mount(server: Server): void;
}

export async function createDataFiles({ database, publicUrl, log }: MyDataOptions): Promise<DataFiles> {
  const key = await sharedSecret(database, 'my-data');
  return {
    urlFor: async (userKey) => {
      const token = await new EncryptJWT({}).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).setSubject(userKey).setExpirationTime(LIFETIME).encrypt(key);
      return `${publicUrl()}${DATA_PATH}?token=${token}`;
    },
    mount: (server) => {
      server.get(DATA_PATH, route(log, async (request: Request, response: Response) => {
        const token = URL.parse(request.url ?? '', 'http://localhost')?.searchParams.get('token');
        const userKey = await userOf(token ?? '', key);
        if (userKey === undefined) throw new HttpError(404, 'not-found', 'This link is no longer good. Ask for "my data" again.');
        response.writeHead(200, HEADERS);
        for await (const piece of personDocument(database, personOf(userKey))) {
          if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
          if (response.destroyed) return;
        }
        response.end();
      }));
    },
  };
}

const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'content-disposition': 'attachment; filename="parley-my-data.json"',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
  'cache-control': 'private, no-store',
};

/** undefined for a token that is not ours, or is over. */
async function userOf(token: string, key: Uint8Array): Promise<string | undefined> {
  try {
    return (await jwtDecrypt(token, key, { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] })).payload.sub;
  } catch {
    return undefined;
  }
}
