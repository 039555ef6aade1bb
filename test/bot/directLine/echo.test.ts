import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DirectLine, type Activity } from 'botframework-directlinejs';
import { FetchXmlHttpRequest } from '../../helpers/xmlHttpRequest';

// `npm run directline:echo` as other people's suites run it: the built program, spoken to over its public addresses.
Object.assign(globalThis, { XMLHttpRequest: FetchXmlHttpRequest });

const program = join(__dirname, '../../../dist/directline-echo.mjs');

let echo: ChildProcess;
let domain: string;
let secret: string;
let client: DirectLine;

beforeAll(async () => {
  if (!existsSync(program)) throw new Error('The echo service is not built: run "npm run build" before this suite ("npm test" does).');
  echo = spawn(process.execPath, [program], { env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  ({ domain, secret } = await announced(echo));
});
afterEach(() => client.end());
afterAll(async () => {
  const exited = new Promise<number | null>((resolve) => echo.once('exit', resolve));
  echo.kill('SIGTERM');
  expect(await exited).toBe(0);
});

/** What the program prints once it listens. */
async function announced({ stdout }: ChildProcess): Promise<{ readonly domain: string; readonly secret: string }> {
  let printed = '';
  for await (const chunk of stdout ?? []) {
    printed += String(chunk);
    const [, address, key] = /Direct Line with an echo bot: (\S+)\nSecret: (\S+)\n/.exec(printed) ?? [];
    if (address !== undefined && key !== undefined) return { domain: address, secret: key };
  }
  throw new Error(`The echo service ended: ${printed}`);
}

type Seen = Activity & { readonly text?: string; readonly channelData?: { readonly originalActivity?: { readonly text?: string } }; readonly attachments?: readonly { readonly contentUrl: string }[] };

function waitFor(isWanted: (activity: Seen) => boolean): Promise<Seen> {
  return new Promise((resolve, reject) => void client.activity$.subscribe({
    // DirectLineJS's union of activities lacks most properties.
    next: (activity) => isWanted(activity as Seen) && resolve(activity as Seen),
    error: reject,
  }));
}

const post = (activity: object): Promise<string> =>
  new Promise((resolve, reject) => void client.postActivity({ type: 'message', from: { id: 'u' }, ...activity }).subscribe(resolve, reject));

/** Ending the client is an error to whoever still listens. */
function connect(options: Partial<ConstructorParameters<typeof DirectLine>[0]> = {}): void {
  client = new DirectLine({ domain, secret, ...options });
  client.activity$.subscribe({ error: () => undefined });
}

test.each([[undefined, 'Welcome'], ['zh-CN', '欢迎']])('welcomes who starts with the locale %s: %s', async (locale, text) => {
  connect(locale === undefined ? {} : { conversationStartProperties: { locale } });
  await expect(waitFor(({ type }) => type === 'message')).resolves.toMatchObject({ text });
});

test('gives back what it got, the whole activity beside it', async () => {
  connect();
  const echoed = waitFor(({ channelData }) => channelData?.originalActivity?.text === '会议 notes');
  await post({ text: '会议 notes' });
  await expect(echoed).resolves.toMatchObject({ text: '会议 notes', from: { role: 'bot' } });
});

test('takes an upload and gives it back byte by byte', async () => {
  const bytes = randomBytes(50_000);
  const page = createServer((_request, response) => response.end(bytes));
  await new Promise<void>((listening) => page.listen(0, '127.0.0.1', listening));
  try {
    connect();
    const echoed = waitFor(({ channelData }) => channelData?.originalActivity?.text === 'file');
    const { port } = page.address() as AddressInfo; // a TCP server that listens has one
    await post({ text: 'file', attachments: [{ contentType: 'image/png', contentUrl: `http://127.0.0.1:${port}/a.png` }] });
    const { attachments = [] } = await echoed;
    expect(attachments).toHaveLength(1);
    const loaded = await fetch(attachments[0]?.contentUrl ?? '');
    expect(Buffer.from(await loaded.arrayBuffer()).equals(bytes)).toBe(true);
  } finally {
    page.closeAllConnections();
    page.close();
  }
});
