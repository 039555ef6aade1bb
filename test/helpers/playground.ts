import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { launchBrowser } from './browser';

export type PlaygroundScope = 'personal' | 'group' | 'channel';

/** A message of the bot, as the Playground passed it to its page; the newest version of it. */
export interface PlaygroundMessage {
  readonly id: string;
  readonly text: string;
  readonly attachments: readonly { readonly contentType: string; readonly content?: unknown }[];
}

export interface Playground {
  /** The Teams-like page, to look at and to click on. */
  readonly page: Page;
  /** Types the text and sends it, with a mention of the bot where it hears nothing else (group and channel). */
  send(text: string): Promise<void>;
  messages(): readonly PlaygroundMessage[];
  /** Resolves with the first message for which `matches` says yes, once it is there; rejects after `limitMs`. */
  waitForBotMessage(matches: (message: PlaygroundMessage) => boolean, limitMs?: number): Promise<PlaygroundMessage>;
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
}

const conversationNames = { personal: 'Personal Chat', group: 'Group Chat', channel: 'General' } as const;
const BOT_NAME = 'Test Bot'; // as the Playground's default configuration calls it

/**
 * Microsoft's Agents Playground as a Teams client: the real program on a port of its own and its page in a browser.
 * It runs without internet. `botUrl` is the messaging endpoint of a bot that takes unauthenticated calls.
 */
export async function startPlayground(options: { readonly botUrl: string; readonly scope: PlaygroundScope }): Promise<Playground> {
  const program = await startProgram(options.botUrl);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const feed = watchMessages(page);
    feed.conversationId = await openConversation(page, program.url, options.scope);
    return {
      page,
      send: (text) => send(page, text, options.scope),
      messages: feed.messages,
      waitForBotMessage: feed.waitFor,
      screenshot: async (path) => {
        await page.screenshot({ path });
      },
      close: async () => {
        await browser.close();
        await program.close();
      },
    };
  } catch (error) {
    await browser.close();
    await program.close();
    throw error;
  }
}

interface Program {
  readonly url: string;
  close(): Promise<void>;
}

async function startProgram(botUrl: string): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-playground-'));
  const home = dirname(createRequire(__filename).resolve('@microsoft/m365agentsplayground/package.json'));
  const environment = {
    PATH: process.env.PATH,
    HOME: folder,
    TEAMSAPPTESTER_BROWSER: 'none',
    M365_AGENTS_PLAYGROUND_LOGFILE: join(folder, 'playground.log'),
    M365_AGENTS_PLAYGROUND_CONFIG_PATH: join(folder, 'none.yml'),
  };
  // Port 0 gives the program a free one, which it names on its output.
  const parameters = [join(home, 'cli.js'), 'start', '--app-endpoint', botUrl, '--port', '0', '--disable-telemetry'];
  const child = spawn(process.execPath, parameters, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { url: `http://localhost:${await announcedPort(child)}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function announcedPort(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('The Playground was started without an output.');
  for await (const line of createInterface(child.stdout)) {
    const port = /^Listening on (\d+)/.exec(line)?.[1];
    if (port) return port;
  }
  throw new Error('The Playground ended before it listened.');
}

/** The page installs the bot in the personal chat first, then wherever one goes. Gives the conversation's id. */
async function openConversation(page: Page, url: string, scope: PlaygroundScope): Promise<string> {
  // Fonts come from Microsoft's servers; without internet the page waits for them in vain.
  await page.route((address) => address.hostname !== 'localhost', (route) => route.abort());
  const installed = page.waitForResponse((response) => response.url().endsWith('/installation'));
  await page.goto(url);
  const first = await installed;
  if (scope === 'personal') return conversationOf(first.url());
  const installedThere = page.waitForResponse((response) => response.url().endsWith('/installation'));
  await page.getByRole('treeitem').filter({ hasText: conversationNames[scope] }).first().click();
  return conversationOf((await installedThere).url());
}

const conversationOf = (installationUrl: string): string => decodeURIComponent(new URL(installationUrl).pathname.split('/').at(-2) ?? '');

async function send(page: Page, text: string, scope: PlaygroundScope): Promise<void> {
  await page.locator('[data-lexical-editor=true]').first().click();
  if (scope !== 'personal') {
    await page.keyboard.type('@');
    await page.locator('#typeahead-menu, [role=listbox], [role=option]').getByText(BOT_NAME).first().click();
  }
  const sent = page.waitForResponse((response) => response.url().endsWith('/messages'));
  await page.keyboard.insertText(scope === 'personal' ? text : ` ${text}`);
  await page.keyboard.press('Enter');
  await sent;
}

const frameShape = z.object({
  actionConversationId: z.string(),
  message: z.object({
    messageId: z.string(),
    text: z.string().default(''),
    attachments: z.array(z.object({ contentType: z.string(), content: z.unknown() })).default([]),
  }),
});

interface Feed {
  /** Messages of other conversations are left out. */
  conversationId: string;
  readonly messages: () => readonly PlaygroundMessage[];
  readonly waitFor: Playground['waitForBotMessage'];
}

function watchMessages(page: Page): Feed {
  const messages = new Map<string, PlaygroundMessage & { readonly conversationId: string }>();
  const watchers = new Set<() => void>();
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      const frame = frameShape.safeParse(JSON.parse(payload.toString()));
      if (!frame.success) return; // the log panel and typing have frames of their own
      const { messageId, text, attachments } = frame.data.message;
      messages.set(messageId, { id: messageId, text, attachments, conversationId: frame.data.actionConversationId });
      for (const look of watchers) look();
    }),
  );
  const feed: Feed = {
    conversationId: '',
    messages: () => [...messages.values()].filter(({ conversationId }) => conversationId.split(';')[0] === feed.conversationId),
    waitFor: (matches, limitMs = 10_000) => waitFor(() => feed.messages().find(matches), watchers, limitMs),
  };
  return feed;
}

function waitFor<T>(probe: () => T | undefined, watchers: Set<() => void>, limitMs: number): Promise<T> {
  return new Promise((found, failed) => {
    const look = (): void => {
      const value = probe();
      if (value === undefined) return;
      clearTimeout(timer);
      watchers.delete(look);
      found(value);
    };
    const timer = setTimeout(() => {
      watchers.delete(look);
      failed(new Error(`The bot did not say in ${limitMs} ms what the test waits for.`));
    }, limitMs);
    watchers.add(look);
    look();
  });
}
