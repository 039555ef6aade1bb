import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Activity } from 'botbuilder';
import { pino } from 'pino';
import { createServer } from 'restify';
import { WebSocket } from 'ws';
import { createDirectLine, type DirectLine, type DirectLineOptions } from '../../bot/directLine/directLine';
import { answerAsEcho } from '../../bot/directLine/echoBot';
import { openDatabase } from '../../state/openDatabase';

export const SECRET = 'the-secret';

type Overrides = Partial<Omit<DirectLineOptions, 'database'>> & {
  /** A store that outlives the service; else one of its own. */
  readonly file?: string;
  /** Leaves the service without a secret. */
  readonly isWithoutSecret?: boolean;
};

/** A running service on a port of its own, with an echo bot unless `deliver` is given. Call `stop`. */
export async function startDirectLine({ file, isWithoutSecret = false, ...overrides }: Overrides = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-direct-line-'));
  const database = await openDatabase(file ?? join(folder, 'test.sqlite'));
  const delivered: Activity[] = [];
  const server = createServer();
  let url = '';
  const directLine: DirectLine = createDirectLine({
    database,
    ...(!isWithoutSecret && { secret: SECRET }),
    botId: 'bot',
    serviceUrl: 'urn:parley:directline',
    publicUrl: () => url,
    allowedOrigins: [],
    maxUploadBytes: 1_000_000,
    log: pino({ level: 'silent' }),
    ...overrides,
    deliver: async (activity) => {
      delivered.push(activity);
      await (overrides.deliver ? overrides.deliver(activity) : answerAsEcho(activity, directLine.connector));
    },
  });
  directLine.mount(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    domain: `${url}/v3/directline`,
    directLine,
    database,
    /** What the bot got. */
    delivered,
    messages: () => delivered.filter(({ type }) => type === 'message'),
    call: (method: string, path: string, call: CallOptions = {}) => callService(`${url}/v3/directline${path}`, method, call),
    stop: async () => {
      await directLine.close();
      server.server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type RunningDirectLine = Awaited<ReturnType<typeof startDirectLine>>;

export interface CallOptions {
  readonly bearer?: string;
  readonly json?: unknown;
  readonly body?: RequestInit['body'];
  readonly headers?: Readonly<Record<string, string>>;
}

async function callService(url: string, method: string, { bearer, json, body, headers }: CallOptions) {
  const response = await fetch(url, {
    method,
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: json === undefined ? body ?? null : JSON.stringify(json),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: text.startsWith('{') ? JSON.parse(text) : undefined };
}

/** A stream that keeps what it got. */
export async function openStream(streamUrl: string, options: { readonly origin?: string; readonly autoPong?: boolean } = {}) {
  const socket = new WebSocket(streamUrl, options);
  const frames: string[] = [];
  let changed: () => void = () => undefined;
  socket.on('message', (data) => {
    frames.push((data as Buffer).toString());
    changed();
  });
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => {
    resolve(code);
    changed();
  }));
  await new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  const sets = () => frames.filter((frame) => frame !== '').map((frame) => JSON.parse(frame));
  const activities = () => sets().flatMap((set) => set.activities);
  return {
    socket, frames, closed, sets, activities,
    /** Waits until the condition holds for what has come in. */
    until: async (holds: () => boolean) => {
      while (!holds()) await new Promise<void>((resolve) => void (changed = resolve));
    },
    close: async () => {
      socket.close();
      await closed;
    },
  };
}

export const message = (text: string, more: object = {}) => ({ type: 'message', text, from: { id: 'user' }, ...more });
