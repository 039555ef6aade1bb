import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectionStatus, DirectLine, type Activity } from 'botframework-directlinejs';
import { SECRET, startDirectLine, type RunningDirectLine } from '../../helpers/directLine';
import { FetchXmlHttpRequest } from '../../helpers/xmlHttpRequest';

// The scenarios of DirectLineJS's own network tests (microsoft/BotFramework-DirectLineJS, __tests__), against our service.
Object.assign(globalThis, { XMLHttpRequest: FetchXmlHttpRequest });

let service: RunningDirectLine;
let client: DirectLine;
beforeAll(async () => void (service = await startDirectLine()));
afterAll(() => service.stop());
afterEach(() => client.end());

type Options = ConstructorParameters<typeof DirectLine>[0];

async function connect({ webSocket, isSecret, ...options }: { webSocket: boolean; isSecret: boolean } & Options): Promise<DirectLine> {
  const { token } = (await service.call('POST', '/tokens/generate', { bearer: SECRET, json: { User: { Id: 'dl_12345' } } })).json;
  client = new DirectLine({ domain: service.domain, webSocket, pollingInterval: 200, ...(isSecret ? { secret: SECRET } : { token }), ...options });
  return client;
}

/** What the tests look at of an activity. */
interface Seen {
  readonly id: string;
  readonly type: string;
  readonly text?: string;
  readonly from: { readonly id: string };
  readonly attachments?: readonly { readonly contentUrl: string }[];
  readonly channelData?: { readonly originalActivity?: { readonly text?: string } };
}

/** The first activity that `isWanted`. */
function waitFor(isWanted: (activity: Seen) => boolean): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const subscription = client.activity$.subscribe({
      next: (activity: Activity) => {
        // DirectLineJS's union of activities lacks most properties.
        const seen = activity as unknown as Seen;
        if (!isWanted(seen)) return;
        resolve(seen);
        setImmediate(() => subscription.unsubscribe());
      },
      error: reject,
    });
  });
}

async function online(): Promise<void> {
  // Ending the client is an error to whoever still listens.
  client.activity$.subscribe({ error: () => undefined });
  await new Promise<void>((resolve) => void client.connectionStatus$.subscribe((status) => {
    if (status === ConnectionStatus.Online) resolve();
  }));
}

/** Posts, then looks for the posted activity in the stream: only then, as DirectLineJS's tests do. */
async function post(activity: object): Promise<string> {
  const id = await new Promise<string>((resolve, reject) => void client.postActivity({ from: { id: 'u-12345' }, ...activity } as Activity).subscribe(resolve, reject));
  await waitFor((seen) => seen.id === id);
  return id;
}

const transports = [[true, false], [true, true], [false, false], [false, true]] as const;
const names = transports.map(([webSocket, isSecret]) => [`${webSocket ? 'WebSocket' : 'REST'} with ${isSecret ? 'secret' : 'token'}`, { webSocket, isSecret }] as const);

test.each(names)('posts and gets the echo: %s', async (_, options) => {
  await connect(options);
  await online();
  const echoed = waitFor((activity) => activity.channelData?.originalActivity?.text === 'Hello, World!');
  await post({ text: 'Hello, World!', type: 'message' });
  expect(await echoed).toMatchObject({ text: 'Hello, World!', from: { id: 'bot' } });
});

test.each(names)('is welcomed, in the language that the conversation started with: %s', async (_, options) => {
  await connect({ ...options, conversationStartProperties: { locale: 'zh-CN' } });
  expect(await waitFor(({ type }) => type === 'message')).toMatchObject({ text: '欢迎' });
  client.end();
  await connect({ ...options, conversationStartProperties: { locale: { x: 'test' } } });
  expect(await waitFor(({ type }) => type === 'message')).toMatchObject({ text: 'Welcome' });
});

test.each(names)('uploads two files that are downloaded byte by byte: %s', async (_, options) => {
  const files = [randomBytes(30_000), randomBytes(60_000)];
  const pages = createServer((request, response) => response.end(files[Number(request.url?.slice(1))]));
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  try {
    await connect(options);
    await online();
    const echoed = waitFor((activity) => activity.channelData?.originalActivity?.text === 'files');
    const url = (index: number) => `http://127.0.0.1:${(pages.address() as AddressInfo).port}/${index}`;
    await post({ type: 'message', text: 'files', attachments: [{ contentType: 'image/png', contentUrl: url(0) }, { contentType: 'image/png', contentUrl: url(1) }] });
    const { attachments = [] } = await echoed;
    expect(attachments).toHaveLength(2);
    const loaded = await Promise.all(attachments.map(async ({ contentUrl }) => Buffer.from(await (await fetch(contentUrl)).arrayBuffer())));
    expect(loaded.map((bytes) => files.findIndex((file) => file.equals(bytes))).sort()).toEqual([0, 1]);
  } finally {
    pages.closeAllConnections();
    pages.close();
  }
});

test.each([[true], [false]])('the user id of the start replaces that of the activity (webSocket: %s)', async (webSocket) => {
  await connect({ webSocket, isSecret: true });
  client.setUserId('u_test');
  await online();
  const mine = waitFor(({ from }) => from.id === 'u_test');
  await post({ text: 'Hello, World!', type: 'message' });
  expect(await mine).toMatchObject({ text: 'Hello, World!' });
  expect(() => client.setUserId('e_test')).toThrow('It is connected');
});

test('a reconnected client goes on from its watermark', async () => {
  await connect({ webSocket: true, isSecret: false });
  await online();
  await post({ type: 'message', text: 'before' });
  const known = client as unknown as { conversationId: string; token: string };
  const { conversationId, token } = known;
  client.end();
  client = new DirectLine({ domain: service.domain, conversationId, token, watermark: '0' });
  expect(await waitFor(({ text, from }) => text === 'before' && from.id === 'dl_12345')).toMatchObject({ id: `${conversationId}|0000002` });
});

test('a token of nobody leaves the client unconnected', async () => {
  client = new DirectLine({ domain: service.domain, token: 'nonsense' });
  client.activity$.subscribe({ error: () => undefined });
  await new Promise<void>((resolve) => void client.connectionStatus$.subscribe((status) => {
    if (status === ConnectionStatus.FailedToConnect) resolve();
  }));
});

test('the session id is read', async () => {
  await connect({ webSocket: false, isSecret: false });
  const id = await new Promise<string>((resolve, reject) => void client.getSessionId().subscribe(resolve, reject));
  expect(id).toMatch(/^[\w-]{43}$/);
});
