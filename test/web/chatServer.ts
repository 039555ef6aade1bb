import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Activity } from 'botbuilder';
import { pino } from 'pino';
import { createServer } from 'restify';
import { createDirectLine, type DirectLine } from '../../bot/directLine/directLine';
import { mountPages, type PagesOptions } from '../../bot/pages';
import { mountWebChatToken } from '../../bot/webChatToken';
import { openDatabase } from '../../state/openDatabase';

export interface ChatServer {
  readonly url: string;
  /** What the bot was given, oldest first. */
  readonly received: readonly Activity[];
  /** Cuts every open connection and refuses new ones until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

/** What the bot does with one activity. `send` posts to the conversation and gives the id. */
export type ScriptedBot = (activity: Activity, send: (reply: Partial<Activity>) => Promise<string>) => Promise<void>;

/** The pages, the token route and the embedded Direct Line, with a bot that follows a script in place of the dialogs. */
export async function startChatServer(bot: ScriptedBot, options: Partial<PagesOptions> = {}): Promise<ChatServer> {
  const log = pino({ level: 'error' });
  const folder = await mkdtemp(join(tmpdir(), 'parley-page-'));
  const database = await openDatabase(join(folder, 'page.sqlite'));
  const received: Activity[] = [];
  let url = '';
  const directLine: DirectLine = createDirectLine({
    database,
    log,
    botId: 'parley',
    serviceUrl: 'urn:parley:directline',
    publicUrl: () => url,
    allowedOrigins: [],
    maxUploadBytes: 10 * 1024 * 1024,
    deliver: async (activity) => {
      received.push(activity);
      void bot(activity, (reply) => directLine.connector.send(activity.conversation.id, reply));
    },
  });
  const server = createServer();
  directLine.mount(server);
  mountWebChatToken(server, { directLine, azureSecret: undefined, allowedOrigins: [], publicUrl: () => url, limitAddress: () => undefined, log });
  await mountPages(server, { assetsDirectory: join(process.cwd(), 'dist/web'), modelName: undefined, openThread: async () => undefined, ...options });
  const listen = (port: number): Promise<void> => new Promise((listening) => server.listen(port, '127.0.0.1', listening));
  const stop = (): Promise<void> => new Promise((stopped) => {
    server.close(() => stopped());
    server.server.closeAllConnections();
  });
  await listen(0);
  const { port } = server.address();
  url = `http://127.0.0.1:${port}`;
  return {
    url,
    received,
    pause: async () => {
      const stopped = stop();
      await directLine.close();
      await stopped;
    },
    resume: () => listen(port),
    close: async () => {
      const stopped = stop();
      await directLine.close();
      await stopped;
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
